"""Long sources in training: counted, told, and done with by the rule."""

import json
from pathlib import Path
from typing import Any

import pytest

import letters
from regard import config as configs
from regard.errors import DataError
from regard.training.prepare import Prepared, prepare
from regard.types import BOS, EOS

PASSAGE = "Ann is here. Bob is there. Eve is home."
ROWS = [("Where is Ann?", "here"), ("Where is Eve?", "home"), ("Is Ann here?", "yes")]


def rows(folder: Path, passage: str = PASSAGE) -> Path:
    path = folder / "rows.jsonl"
    found = [{"context": passage, "question": question, "answers": [answer]} for question, answer in ROWS]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in found), encoding="utf-8")
    return path


def prepared(folder: Path, said: list[str], passage: str = PASSAGE, **data: Any) -> Prepared:
    path = rows(folder, passage)
    raw = letters.sections(path)
    config = configs.check({**raw, "task": "answer", "data": {"train": str(path), "valid": str(path), **data}})
    return prepare(config, folder / "out", folder / "out" / "training", said.append)


def stored(found: Prepared) -> list[tuple[str, str]]:
    codec = found.task.source_codec  # type: ignore[attr-defined]
    pairs = [found.store[i] for i in range(len(found.store))]
    assert all(source.count(BOS) == 1 and source[-1] == EOS for source, _ in pairs)
    return [(codec.decode(source[source.index(BOS) :]), codec.decode(target)) for source, target in pairs]


def test_a_pair_becomes_one_of_each_window_that_holds_its_answer(tmp_path: Path) -> None:
    said: list[str] = []
    found = prepared(tmp_path, said, longest=13)
    assert stored(found) == [
        ("Ann is here. Bob is", "here"),
        ("here. Bob is there. Eve", "here"),
        ("is there. Eve is home.", "home"),
    ]
    assert all(answer in passage for passage, answer in stored(found))
    assert all(len(source) <= 13 for source, _ in map(found.store.__getitem__, range(len(found.store))))
    assert len(found.valid) == 3  # where nothing is cut off and nothing left out
    told = "\n".join(said)
    long = "3 pairs: a source of more than 13 tokens, read in windows (rows.jsonl:1, rows.jsonl:2, rows.jsonl:3)"
    assert told.count(long) == 2  # of what is trained on, and of validation
    assert "1 pair left out: no window holds the answer (rows.jsonl:3)" in told
    assert found.store.info["long"] == {"a source of more than 13 tokens, read in windows": 3}
    assert found.store.info["left_out"] == {"no window holds the answer": 1}


def test_a_long_passage_is_cut(tmp_path: Path) -> None:
    said: list[str] = []
    found = prepared(tmp_path, said, longest=13, long="truncate")
    assert [passage for passage, _ in stored(found)] == ["Ann is here. Bob is"] * 3
    assert any("3 pairs: a source of more than 13 tokens, cut" in line for line in said)


def test_or_left_out(tmp_path: Path) -> None:
    said: list[str] = []
    with pytest.raises(DataError, match=r"all were longer than data\.longest"):
        prepared(tmp_path, said, longest=13, long="leave_out")


def test_or_an_error_that_names_the_place(tmp_path: Path) -> None:
    message = r"rows\.jsonl:1: a source of 18 tokens; the limit, data\.longest, is 13; data\.long = 'error'"
    with pytest.raises(DataError, match=message):
        prepared(tmp_path, [], longest=13, long="error")


def test_a_question_that_fills_the_limit_is_left_out_and_not_validated_with(tmp_path: Path) -> None:
    said: list[str] = []
    path = rows(tmp_path)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"context": PASSAGE, "question": "who " * 30, "answers": ["Ann"]}) + "\n")
    raw = letters.sections(path)
    data = {"train": str(path), "valid": str(path), "longest": 20}
    config = configs.check({**raw, "task": "answer", "data": data})
    found = prepare(config, tmp_path / "out", tmp_path / "out" / "training", said.append)
    assert (len(found.store), len(found.valid)) == (3, 3)
    assert sum("1 pair left out: a question of more than 20 tokens (rows.jsonl:4)" in line for line in said) == 2


def test_links_of_words_that_are_cut_off_are_dropped(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("source\ttarget\talign\na b c d\tx y\t0-0 3-1\n", encoding="utf-8")
    raw = letters.sections(pairs)
    data = {"train": str(pairs), "valid": str(pairs), "align": "align", "longest": 3}
    config = configs.check({**raw, "task": "summarise", "data": data})
    found = prepare(config, tmp_path / "out", tmp_path / "out" / "training", lambda text: None)
    assert found.store.links(0) == [(0, 0)]
    assert len(found.store[0][0]) == 3
