"""The demonstration, shortened: it trains, shows, writes its page, and is not done twice."""

import json
from functools import partial
from pathlib import Path

import pytest

from regard import demo
from regard.cli import main
from regard.data import phrasebook

TINY = ("train.steps=2", "train.validate=2", "embedding.size=8", "encoder.size=8", "decoder.size=8", "train.threads=1")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "split", partial(phrasebook.split, train=1500, valid=10, test=40))


def call(folder: Path, *more: str) -> int:
    settings = [argument for setting in TINY for argument in ("--set", setting)]
    return main(["demo", "--out", str(folder), *settings, *more])


def test_it_ends_with_one_json_object_and_leaves_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(tmp_path / "demo", "--json") == 0
    printed = capsys.readouterr()
    facts = json.loads(printed.out)  # nothing else stands on the standard output
    assert facts.keys() == {"exact_match", "bleu", "seconds", "examples"}
    assert facts["examples"] == 40
    assert printed.err.count("looked at") == demo.SHOWN  # the legend of each heat map
    page = (tmp_path / "demo" / "report.html").read_text(encoding="utf-8")
    assert "Exact match by kind of phrase" in page
    assert "Validation BLEU" in page


def test_a_second_call_takes_the_trained_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(tmp_path / "demo")
    weights = tmp_path / "demo" / "model" / "model.safetensors"
    before = weights.stat().st_mtime_ns
    capsys.readouterr()
    assert call(tmp_path / "demo") == 0
    assert "Taking the model that was trained before" in capsys.readouterr().out
    assert weights.stat().st_mtime_ns == before


def test_a_model_of_other_settings_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(tmp_path / "demo")
    capsys.readouterr()
    assert call(tmp_path / "demo", "--set", "train.rate=0.5") == 2
    assert "trained with other settings" in capsys.readouterr().err


def test_an_unknown_language_is_refused_with_the_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--to", "frr_XX", "--out", str(tmp_path / "demo")]) == 2
    error = capsys.readouterr().err
    assert "frr_XX" in error
    assert error.count("\n") <= 2


def test_other_languages_go_to_a_folder_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = [argument for setting in TINY for argument in ("--set", setting)]
    assert main(["demo", "--from", "en", "--to", "de", *settings]) == 0
    assert (tmp_path / "demo-en-de" / "report.html").exists()


@pytest.mark.slow
def test_the_whole_demonstration_reaches_its_mark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "split", phrasebook.split)
    assert main(["demo", "--out", str(tmp_path / "demo"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["exact_match"] >= 97
