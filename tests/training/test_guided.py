"""Guided attention: alignments from a file to the loss, and what they teach (Chen et al., 2016)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import letters
import regard
from regard.alignment.pointing import pointing
from regard.config import Config, check
from regard.data.store import Store
from regard.errors import ConfigError
from regard.training.prepare import prepare
from regard.training.session import train

SOURCES = letters.lines(400, 6)
GUIDED = {"objective": {"name": "cross_entropy", "guided": 1.0}}
FEW = {
    "embedding": {"size": 16, "dropout": 0.0},
    "encoder": {"name": "recurrent", "size": 16, "dropout": 0.0},
    "attention": {"name": "additive", "size": 32},
    "train": {"steps": 60, "batch": 300, "rate": 0.02, "ema": 0.9, "validate": 60, "threads": 1},
}


def links(line: str) -> str:
    """Of a line and its reversal."""
    count = len(line.split())
    return " ".join(f"{i}-{count - 1 - i}" for i in range(count))


def write(folder: Path, alignments: list[str] | None = None) -> Path:
    """Lines, their reversals, and alignments in a third column."""
    path, alignments = folder / "pairs.tsv", alignments or [links(line) for line in SOURCES]
    rows = zip(SOURCES, [letters.reversed_(line) for line in SOURCES], alignments, strict=True)
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


def config(pairs: Path, align: str = "align", **changes: dict[str, Any]) -> Config:
    return letters.tiny(pairs, data={"align": align}, **changes)


def on_its_links(model: Path) -> float:
    """How much of its attention a model has on the right word of given reversals."""
    lines = letters.lines(50, 6, seed=7)
    outputs = regard.load(model).force(lines, [letters.reversed_(line) for line in lines])
    return float(np.mean([np.fliplr(output.attention[:-1, :-1]).diagonal().mean() for output in outputs]))


def test_attention_that_was_guided_is_where_it_was_guided_to(tmp_path: Path) -> None:
    pairs = write(tmp_path)
    train(config(pairs, **FEW), tmp_path / "free")
    train(config(pairs, **FEW, **GUIDED), tmp_path / "guided")
    assert on_its_links(tmp_path / "guided") > 0.8 > 2 * on_its_links(tmp_path / "free")


def test_alignments_that_nothing_is_guided_by_change_nothing(tmp_path: Path) -> None:
    pairs = write(tmp_path)
    train(config(pairs), tmp_path / "aligned")
    train(config(pairs, align=""), tmp_path / "plain")
    assert all(letters.same_runs(tmp_path / "aligned", tmp_path / "plain"))
    assert not Store(tmp_path / "plain" / "training").aligned


def test_links_of_words_are_stored_as_links_of_their_tokens(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("ab c\tx yz\t0-1\nc ab\tyz x\t0-0 1-1\nd\te\tbad\n" * 2, encoding="utf-8")
    valid = letters.write_pairs(tmp_path / "valid.tsv", ["ab"], ["x"])
    said: list[str] = []
    chosen = letters.tiny(pairs, data={"align": "align", "valid": str(valid)}, codec={"name": "characters"})
    store = prepare(chosen, tmp_path, tmp_path / "training", said.append).store
    found = [store.links(i) for i in range(3)]
    assert [len(side) for side in store[0]] == [len("▁ab▁c") + 1, len("▁x▁yz") + 1]
    assert found[0] == [(place, step) for place in (0, 1, 2) for step in (2, 3, 4)]  # "▁ab" and "▁yz"
    assert len(found[1]) == len("▁c") * len("▁yz") + len("▁ab") * len("▁x")
    assert found[2] == []
    assert store.info["links"] == 2 * (9 + 12)
    assert any("2 lines mended: alignment dropped, not links between its words (pairs.tsv:3" in line for line in said)


def test_alignments_of_held_out_pairs_are_left_out_and_those_of_joined_pairs_move(tmp_path: Path) -> None:
    chosen = letters.tiny(write(tmp_path), data={"align": "align", "join": 12})
    first = prepare(chosen, tmp_path, tmp_path / "training", lambda line: None)
    again = prepare(chosen, tmp_path, tmp_path / "training", lambda line: None)
    assert first.valid == again.valid
    for i in range(20):
        (source, target), found = first.store[i], first.store.links(i)
        assert len(found) == len(source) - 1
        assert all(source[place] == target[step] for place, step in found)


@pytest.mark.parametrize("kind", ["not named", "all bad"])
def test_a_guided_run_needs_alignments(tmp_path: Path, kind: str) -> None:
    pairs = write(tmp_path, ["bad"] * len(SOURCES) if kind == "all bad" else None)
    fault = "is read without word alignments" if kind == "not named" else "has word alignments"
    for _ in range(2):  # what was prepared meanwhile does not hide it
        with pytest.raises(ConfigError, match=rf"objective\.guided is 1\.0, but .*{fault}: name .* data\.align"):
            train(config(pairs, "" if kind == "not named" else "align", **GUIDED), tmp_path / "out", resume=True)


def test_links_between_tokens_want_one_way_to_cut_words(tmp_path: Path) -> None:
    pairs = write(tmp_path, None)
    chosen = config(pairs, "align", **GUIDED, codec={"name": "pieces", "size": 30, "temperature": 2.0})
    with pytest.raises(ConfigError, match=r"guided is 1\.0 and codec\.temperature 2: .* one of the two must be 0"):
        train(chosen, tmp_path / "out")


def stories(path: Path, supports: bool = True, lines: int = 300) -> Path:
    """Who holds what: one sentence of each story says it."""
    names, things = ("Ann", "Bob", "Cleo", "Dan"), ("map", "rope", "drum", "letter")
    with path.open("w", encoding="utf-8") as file:
        for i in range(lines):
            told = [f"{names[(i + j) % 4]} has the {things[(i * 7 + i // 4 + j) % 4]}." for j in range(4)]
            asked, thing = i // 3 % 4, told[i // 3 % 4].split()[3].rstrip(".")
            row = {"context": " ".join(told), "question": f"What has {told[asked].split()[0]}?", "answers": [thing]}
            file.write(json.dumps(row | ({"supports": [asked]} if supports else {})) + "\n")
    return path


def asking(data: Path, valid: Path | None = None, **changes: dict[str, Any]) -> Config:
    files, parts = {"train": str(data), "valid": str(valid or "")}, {"codec": {"name": "words"}, "reading": {"hops": 2}}
    return check({"task": "answer", "data": files, **parts, **FEW, **changes})


def pointed(model: Path, data: Path) -> float:
    """How often a model looks most at the sentence that the answer follows from."""
    predictor = regard.load(model)
    rows = list(predictor.task.examples(data, predictor.config.data))[:60]
    outputs = predictor.force([row.source for row in rows], [row.target for row in rows])
    return pointing(outputs, [row.supports for row in rows])["pointing"].value


def test_answers_are_guided_to_the_sentences_that_they_follow_from(tmp_path: Path) -> None:
    data = stories(tmp_path / "stories.jsonl")
    train(asking(data, **GUIDED), tmp_path / "guided")
    assert pointed(tmp_path / "guided", data) > 90  # by chance it is a quarter


def test_the_places_of_supports_are_stored_with_the_number_of_each(tmp_path: Path) -> None:
    row = {"context": "Ann left. Bob ran. Bob ate.", "question": "Who ran?", "answers": ["Bob"], "supports": [2, 1]}
    other = {"context": "Ann left.", "question": "Who left?", "answers": ["Ann"]}
    data = tmp_path / "rows.jsonl"
    data.write_text("".join(json.dumps(each) + "\n" for each in (row, other)), encoding="utf-8")
    store = prepare(asking(data, data), tmp_path, tmp_path / "training", lambda line: None).store
    assert store.links(0) == [(7 + i, i // 3) for i in range(6)]  # behind "Who ran ? <s> Ann left ."
    assert store.links(1) == []


def test_sentences_whose_marks_are_dropped_guide_nothing(tmp_path: Path) -> None:
    data = stories(tmp_path / "stories.jsonl", lines=40)
    chosen = asking(data, data, codec={"name": "words", "marks": False})
    store = prepare(chosen, tmp_path, tmp_path / "training", lambda line: None).store
    assert not any(store.links(i) for i in range(40))


def test_answers_without_supports_cannot_be_guided(tmp_path: Path) -> None:
    data = stories(tmp_path / "stories.jsonl", supports=False)
    with pytest.raises(ConfigError, match=r"guided is 1\.0, but .* without supports: each row wants the numbers"):
        train(asking(data, **GUIDED), tmp_path / "out")
