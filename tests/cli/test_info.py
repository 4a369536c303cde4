"""What a model or a data file is."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import letters
from regard.data.read import open_corpus


def test_the_card_of_a_model_is_shown(call: Callable[..., Any]) -> None:
    done = call("info", letters.learnt("half"))
    assert (done.code, done.err) == (0, "")
    for told in ("half", "Attention: additive", "Decoder: attend_then_step", "12 source and 12 target tokens"):
        assert told in done.out
    assert re.search(r"Parameters: [\d,]+", done.out)


def test_the_card_is_given_as_json(call: Callable[..., Any]) -> None:
    model = letters.learnt("half")
    card = json.loads(call("info", model, "--json").out)
    assert card == json.loads((model / "card.json").read_text(encoding="utf-8"))
    weights = letters.weights(model)
    assert card["parameters"] == sum(weight.size for weight in weights.values())
    assert card["parts"]["attention"] == "additive"
    assert card["data"]["pairs"] + card["validation"]["pairs"] == letters.PAIRS


def test_the_fingerprint_of_a_model_is_that_of_its_data(call: Callable[..., Any]) -> None:
    model = letters.learnt("half")
    data = json.loads(call("info", model.parent / "pairs.tsv", "--json").out)
    assert json.loads(call("info", model, "--json").out)["data"]["fingerprint"] == data["fingerprint"]


def test_data_is_described(call: Callable[..., Any], tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", ["a b", "", "a b", "c"], ["x", "y", "x", "z"])
    done = call("info", pairs)
    assert (done.code, done.err) == (0, "")
    assert "3 pairs kept\n1 line skipped: empty source (pairs.tsv:2)\n" in done.out
    assert "same source and target as an earlier pair" in done.out
    found = json.loads(call("info", pairs, "--json").out)
    assert (found["kept"], found["skipped"]) == (3, {"empty source": {"count": 1, "first": ["pairs.tsv:2"]}})


def test_two_text_files_are_described(call: Callable[..., Any], tmp_path: Path) -> None:
    for name, text in (("a.en", "one\ntwo\n"), ("a.fr", "un\ndeux\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = json.loads(call("info", tmp_path / "a.en", tmp_path / "a.fr", "--json").out)
    corpus = open_corpus([tmp_path / "a.en", tmp_path / "a.fr"])
    assert len(list(corpus)) == found["kept"] == 2
    assert found["fingerprint"] == corpus.fingerprint


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("nowhere", 2, r"nowhere: no such file\."),
        (".", 1, r"holds no card\.json: it is not a model folder, or its training has not begun\."),
        ("data.txt", 1, r"data\.txt: unknown suffix '\.txt'.* plain text needs two files"),
        ("empty.tsv", 1, r"empty\.tsv: the file is empty, expected pairs\."),
    ],
)
def test_what_cannot_be_described_is_told(
    call: Callable[..., Any], tmp_path: Path, name: str, code: int, message: str
) -> None:
    (tmp_path / "data.txt").write_text("a\n", encoding="utf-8")
    (tmp_path / "empty.tsv").write_text("", encoding="utf-8")
    done = call("info", tmp_path / name)
    assert (done.code, done.out) == (code, "")
    assert re.search(message, done.err)
    assert done.err.count("\n") == 1


def test_a_model_whose_training_was_stopped_says_where_it_stands(call: Callable[..., Any], tmp_path: Path) -> None:
    model = letters.fresh_copy("half", tmp_path)
    (model / "card.json").unlink()
    done = call("info", model)
    assert done.code == 1
    assert f"its training stands at step {letters.HALF}; `regard train {model} --resume` goes on.\n" in done.err
    (model / "training" / "last.safetensors").write_bytes(b"damaged")
    done = call("info", model)
    assert done.code == 1
    assert re.search(r"its training is not finished, and .*last\.safetensors is damaged: ", done.err)


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", r"card\.json is damaged: "), ("{}", r"card\.json is not a card of this version: it should hold name, task")],
)
def test_a_damaged_card_is_told(call: Callable[..., Any], tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "card.json").write_text(text, encoding="utf-8")
    done = call("info", tmp_path)
    assert done.code == 1
    assert re.search(message, done.err)
    assert done.err.count("\n") == 1
