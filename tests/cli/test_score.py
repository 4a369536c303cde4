"""`regard score`: how probable given targets are."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import letters

Command = Callable[..., Any]
SOURCES = letters.lines(30, 6, seed=11)


@pytest.fixture(scope="module")
def model() -> Path:
    return letters.learnt("half")


def test_the_score_of_an_output_is_the_one_that_the_run_reported(call: Command, model: Path, tmp_path: Path) -> None:
    found = [json.loads(line) for line in call("run", model, "--json", *SOURCES).out.splitlines()]
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", SOURCES, [record["text"] for record in found])
    done = call("score", model, "--data", pairs)
    assert [float(line) for line in done.out.splitlines()] == [pytest.approx(r["score"], abs=1e-4) for r in found]
    for line, record in zip(call("score", model, "--data", pairs, "--json").out.splitlines(), found, strict=True):
        scored = json.loads(line)
        assert scored["tokens"] == record["tokens"]
        assert scored["token_scores"] == pytest.approx(record["token_scores"], abs=1e-4)
        assert scored["score"] == pytest.approx(sum(scored["token_scores"]), abs=1e-4)
        assert scored.keys() == {"line", "text", "source", "tokens", "score", "token_scores", "words"}


def test_the_perplexity_is_that_of_eval(call: Command, model: Path, tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", SOURCES)
    expected = json.loads(call("eval", model, "--data", pairs, "--json").out)["perplexity"]
    told = re.search(
        r"30 pairs, [\d,]+ tokens, -[\d.,]+ nats; perplexity ([\d.]+) per words token",
        call("score", model, "--data", pairs).err,
    )
    assert told and float(told[1]) == pytest.approx(expected, abs=1e-3)


def test_line_n_belongs_to_line_n_even_where_lines_are_skipped(call: Command, model: Path, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_bytes(b"\na b\tb a\n\tx\nc\n\xff\tx\nc\tc\n\n")
    done = call("score", model, "--data", tmp_path / "pairs.tsv")
    assert [bool(line) for line in done.out.split("\n")] == [False, True, False, False, False, True, False, False]
    assert "skipped: empty source (pairs.tsv:3)" in done.err
    lines = call("score", model, "--data", tmp_path / "pairs.tsv", "--json").out.splitlines()
    assert [json.loads(line)["line"] for line in lines] == [2, 6]


def test_two_files_score_like_one(call: Command, model: Path, tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", SOURCES)
    (tmp_path / "a").write_text("".join(f"{line}\n" for line in SOURCES), encoding="utf-8")
    expected = call("score", model, "--data", pairs)
    assert call("score", model, "--data", tmp_path / "a", tmp_path / "a") == expected
    assert call("score", model, "--data", pairs, "--output", tmp_path / "out").out == ""
    assert (tmp_path / "out").read_text(encoding="utf-8") == expected.out


def test_faults_are_told_in_a_line(call: Command, model: Path, tmp_path: Path) -> None:
    done = call("score", model, "--data", tmp_path / "no.tsv")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    done = call("score", tmp_path / "nowhere", "--data", tmp_path / "no.tsv")
    assert (done.code, done.err.count("\n")) == (2, 1)
