"""`regard compare`: tables, JSON, faults, and going on after a stop."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import letters

Call = Callable[..., Any]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(60, 5, 1))
    return letters.write_config(tmp_path / "tiny.toml", pairs, decoder={"name": "between", "size": 16, "dropout": 0.0})


def test_tables_on_standard_output_and_progress_beside_it(call: Call, config: Path, tmp_path: Path) -> None:
    done = call(
        "compare",
        config,
        "--vary",
        "attention.name=none,general",
        "--out",
        tmp_path / "out",
        "--test",
        tmp_path / "pairs.tsv",
    )
    assert done.code == 0, done.err
    assert "vs first" in done.out
    assert "[2/2] general, seed 1: valid loss" in done.err
    assert str(tmp_path / "out" / "compare.html") in done.err
    again = call(
        "compare",
        config,
        "--vary",
        "attention.name=none,general",
        "--out",
        tmp_path / "out",
        "--test",
        tmp_path / "pairs.tsv",
        "--json",
    )
    assert [variant["name"] for variant in json.loads(again.out)["variants"]] == ["none", "general"]


def test_the_folder_is_not_that_of_a_training(call: Call, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(config.parent)
    assert call("compare", "tiny.toml", "--set", "train.steps=2").code == 0
    assert (config.parent / "runs" / "compare-tiny" / "as-configured" / "seed-1" / "card.json").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--vary", "attention.name=nine"], "There is no attention called 'nine'. Did you mean 'none'?"),
        (["--vary", "attention"], "is not of the form section.option=a,b"),
        (["--jobs", "0"], "jobs is 0; it must be at least 1."),
        (["--seeds", "0"], "seeds is 0; it wants a whole number >= 1"),
        (["--set", "compare.metric=blue"], "Did you mean 'bleu'?"),
        (["--vary", "attention.name=dot,none", "--set", "decoder.size=10"], "make them equal"),
        (["--test", "nowhere.tsv"], "nowhere.tsv: no such file"),
        (["--gold", "nowhere.gold"], "name those too, compare.test or --test"),
        (["--set", "data.valid=nowhere.tsv"], "nowhere.tsv: no such file"),
    ],
)
def test_faults_cost_nothing_and_say_what_is_right(
    call: Call, config: Path, tmp_path: Path, options: list[str], message: str
) -> None:
    done = call("compare", config, "--out", tmp_path / "out", *options)
    assert done.code == 2
    assert message in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_stopped_it_goes_on_where_it_was(config: Path, tmp_path: Path, how: signal.Signals) -> None:
    arguments = ["compare", config, "--vary", "attention.name=none,general", "--set", "train.steps=400"]
    arguments += ["--set", "train.save=10"]
    out, first = tmp_path / "out", tmp_path / "out" / "none" / "seed-1"
    process = subprocess.Popen(
        letters.command(*arguments, "--out", out), env=letters.ENVIRONMENT, stderr=subprocess.PIPE
    )
    while not (first / "training" / "last.safetensors").exists():
        time.sleep(0.1)
        assert process.poll() is None
    process.send_signal(how)  # to the command alone, whose runs are processes of their own
    _, err = process.communicate(timeout=120)  # all of them hold its end of the pipe, so none is left behind
    assert letters.progress(first)["step"] < 400
    if how == signal.SIGINT:
        assert process.returncode == 130, err
        assert b"Stopped and saved" in err
    for folder in (out, tmp_path / "whole"):
        done = letters.regard(*arguments, "--out", folder)
        assert done.returncode == 0, done.stderr
    for name in ("none", "general"):
        assert all(letters.same_runs(out / name / "seed-1", tmp_path / "whole" / name / "seed-1"))
