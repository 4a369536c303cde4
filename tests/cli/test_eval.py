"""One model, one score: the same from training, from `eval`, from Python and from the lines that `run` writes."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

import letters
import regard


@pytest.fixture(scope="module")
def model() -> Path:
    """It has learnt half of its task, so that no score is perfect."""
    return letters.learnt("half")


@pytest.fixture(scope="module")
def valid(model: Path) -> Path:
    return model / "training" / "valid.jsonl"


@pytest.fixture
def report(call: Callable[..., Any], model: Path, valid: Path) -> dict[str, Any]:
    done = call("eval", model, "--data", valid, "--json")
    assert (done.code, done.err) == (0, "")
    return dict(json.loads(done.out))


def test_the_scores_are_not_trivial(report: dict[str, Any]) -> None:
    assert 3 < report["bleu"] < 97
    assert 3 < report["exact"] < 97
    assert 1.02 < report["perplexity"] < 5


def test_eval_says_what_training_wrote_into_the_card(model: Path, report: dict[str, Any]) -> None:
    card = json.loads((model / "card.json").read_text(encoding="utf-8"))
    for name, (value, signature) in card["scores"].items():
        assert report[name] == round(value, 4)
        assert report["signatures"][name] == signature
    assert report["perplexity"] == card["validation"]["perplexity"]
    assert report["examples"] == card["validation"]["pairs"]


def test_eval_says_what_evaluate_says(model: Path, report: dict[str, Any]) -> None:
    found = regard.evaluate(regard.load(model), letters.held_out(model)).to_json()
    found.pop("sentences_per_second")
    assert found == {name: value for name, value in report.items() if name != "sentences_per_second"}


def test_the_lines_of_run_have_these_scores(
    call: Callable[..., Any], model: Path, report: dict[str, Any], tmp_path: Path
) -> None:
    examples = letters.held_out(model)
    (tmp_path / "in").write_text("".join(f"{e.source}\n" for e in examples), encoding="utf-8")
    assert call("run", model, "--input", tmp_path / "in", "--output", tmp_path / "out").code == 0
    outputs = (tmp_path / "out").read_text(encoding="utf-8").splitlines()
    references = [example.target for example in examples]
    bleu, chrf = BLEU(), CHRF()
    assert round(bleu.corpus_score(outputs, [references]).score, 4) == report["bleu"]
    assert round(chrf.corpus_score(outputs, [references]).score, 4) == report["chrf"]
    assert report["signatures"]["chrf"] == str(chrf.get_signature())
    right = sum(output == reference for output, reference in zip(outputs, references, strict=True))
    assert round(100 * right / len(references), 4) == report["exact"]


def test_the_perplexity_is_that_of_the_references(model: Path, report: dict[str, Any]) -> None:
    examples = letters.held_out(model)
    rows = regard.load(model).score([e.source for e in examples], [e.target for e in examples])
    assert [len(row) for row in rows] == [len(e.target.split()) + 1 for e in examples]
    assert round(math.exp(-float(np.concatenate(rows).astype(np.float64).mean())), 4) == report["perplexity"]


def test_greedy_scores_are_those_of_the_log(call: Callable[..., Any], model: Path, valid: Path) -> None:
    greedy = json.loads(call("eval", model, "--data", valid, "--beam", "1", "--json").out)
    best = max(facts["bleu"] for facts in letters.log(model) if facts["kind"] == "valid")
    assert greedy["bleu"] == pytest.approx(best, abs=1e-3)


def test_two_files_score_like_one(
    call: Callable[..., Any], model: Path, valid: Path, report: dict[str, Any], tmp_path: Path
) -> None:
    examples = letters.held_out(model)
    for side in ("source", "target"):
        (tmp_path / side).write_text("".join(f"{getattr(e, side)}\n" for e in examples), encoding="utf-8")
    found = json.loads(call("eval", model, "--data", tmp_path / "source", tmp_path / "target", "--json").out)
    for name in ("bleu", "chrf", "exact", "perplexity", "examples"):
        assert found[name] == report[name]


def test_for_people_there_is_a_line_for_each_score(call: Callable[..., Any], model: Path, valid: Path) -> None:
    done = call("eval", model, "--data", valid)
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["bleu", "chrf", "exact", "perplexity"]
    assert "version:2" in lines[0]
    assert re.fullmatch(r"\d+ pairs, [\d.]+ sentences/s, beam 5", lines[4])


def test_skipped_lines_are_told_and_not_scored(call: Callable[..., Any], model: Path, tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", ["a b", "", "c"], ["b a", "x", "c"])
    done = call("eval", model, "--data", pairs, "--json")
    assert json.loads(done.out)["examples"] == 2
    assert done.err == "1 line skipped: empty source (pairs.tsv:2)\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--data", "no.tsv"), 2, r"no\.tsv: no such file"),
        (("--data", "pairs.tsv", "--beam", "0"), 2, r"beam is 0 and nbest 1"),
        (("--data", "a.txt", "b.txt"), 1, r"a\.txt has 2 lines, but b\.txt has 1"),
        (("--data", "a.txt"), 1, r"plain text needs two files"),
        (("--data", "a.txt", "b.txt", "c.txt", "c.txt"), 2, r"got 4 files"),
        (("--data", "empty.tsv"), 1, r"the file is empty"),
    ],
)
def test_faults_are_told_in_a_line(
    call: Callable[..., Any],
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    letters.write_pairs(tmp_path / "pairs.tsv", ["a"])
    for name, text in (("a.txt", "a\nb\n"), ("b.txt", "a\n"), ("c.txt", "a\n"), ("empty.tsv", "")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = call("eval", model, *arguments)
    assert (done.code, done.out) == (code, "")
    assert re.search(message, done.err)
    assert done.err.count("\n") == 1
