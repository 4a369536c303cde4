"""Files of passages, questions and answers: every format, every rule."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regard.data.answered import Answered, holds_questions, open_answered
from regard.errors import DataError, UsageError
from regard.types import Example

ROW = {"context": "Ann is here. Bob is there.", "question": "Where is Ann?", "answers": ["here"]}
SOURCE = "Where is Ann? ||| Ann is here. Bob is there."
XQUAD = Path("../shared/data/xquad/valid.jsonl")

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, *rows: object) -> Path:
        path = tmp_path / name
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return written


def squad(*questions: dict[str, Any]) -> dict[str, Any]:
    paragraph = {"context": ROW["context"], "qas": list(questions)}
    return {"version": "1.1", "data": [{"title": "Ann", "paragraphs": [paragraph]}]}


def asked(*answers: str) -> dict[str, Any]:
    return {"id": "1", "question": ROW["question"], "answers": [{"text": a, "answer_start": 7} for a in answers]}


def read(path: Path, **names: str) -> tuple[list[Example], Answered]:
    corpus = open_answered(path, **names)
    return list(corpus), corpus


@pytest.mark.parametrize(
    "answers",
    [
        ["here"],
        "here",
        [{"text": "here", "answer_start": 7}],
        {"text": ["here"], "answer_start": [7]},
        ["here", "here"],
    ],
)
def test_answers_may_be_written_in_every_usual_way(write: Write, answers: object) -> None:
    assert read(write("a.jsonl", {**ROW, "answers": answers}))[0] == [Example(SOURCE, "here", 1)]


def test_several_answers_are_several_references_and_supports_are_kept(write: Write) -> None:
    ((example,), _) = read(write("a.jsonl", {**ROW, "answers": ["here", "at home"], "supports": [1, 0, 1]}))
    assert example.references == ("here", "at home")
    assert example.supports == (0, 1)
    assert Example.from_json(json.loads(json.dumps(example.to_json()))) == example


def test_every_format_gives_the_same(write: Write, tmp_path: Path) -> None:
    lines = write("a.jsonl", ROW)
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(lines.read_bytes()))
    table = write("a.csv", "answers,question,context", 'here,Where is Ann?,"Ann is here.\nBob is there."')
    tabs = write("a.tsv", "context\tquestion\tanswer", "Ann is here. Bob is there.\tWhere is Ann?\there")
    document = write("a.json", squad(asked("here")))
    found = [[(e.source, e.target) for e in read(path)[0]] for path in (lines, packed, table, tabs, document)]
    assert found == [[(SOURCE, "here")]] * 5


def test_a_cell_may_hold_a_list(write: Write) -> None:
    table = write("a.tsv", "context\tquestion\tanswers\tsupports", 'Ann is here.\tWhere?\t["here", "home"]\t[0]')
    ((example,), _) = read(table)
    assert (example.references, example.supports) == (("here", "home"), (0,))


def test_squad_counts_questions_in_place_of_lines(write: Write) -> None:
    examples, corpus = read(write("dev.json", squad(asked("here", "home", "here"), asked(), asked("there"))))
    assert [example.line for example in examples] == [1, 3]
    assert examples[0].references == ("here", "home")
    assert corpus.findings.summary() == ["2 examples kept", "1 row skipped: no usable answer (dev.json:2)"]
    assert corpus.place(3) == "dev.json:3"


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("", "empty line"),
        ("{", "broken JSON"),
        ({**ROW, "context": " "}, "empty source"),
        ({**ROW, "question": "\u00a0"}, "empty question"),
        ({**ROW, "question": 3}, "source or target is not text"),
        ({**ROW, "answers": []}, "no usable answer"),
        ({**ROW, "answers": [None, " "]}, "no usable answer"),
        ({**ROW, "context": "a " * 60_000}, "more than 100,000 characters"),
        ({"context": "a", "question": "b"}, "missing field"),
        ('{"context": "\\ud800", "question": "b", "answers": "c"}', "broken UTF-8"),
    ],
)
def test_a_bad_row_is_skipped_and_told(write: Write, row: object, rule: str) -> None:
    examples, corpus = read(write("a.jsonl", ROW, row, ROW))
    assert [example.line for example in examples] == [1, 3]
    assert corpus.findings.summary() == ["2 examples kept", f"1 row skipped: {rule} (a.jsonl:2)"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"answers": ["here", ""]}, "a text dropped, empty or too long or not text"),
        ({"supports": [2]}, "supports dropped, not numbers of its sentences"),
        ({"supports": ["0"]}, "supports dropped, not numbers of its sentences"),
        ({"supports": 0}, "supports dropped, not numbers of its sentences"),
        ({"question": "Where\u0007 is Ann?"}, "control characters replaced"),
    ],
)
def test_what_can_be_mended_is_mended_and_told(write: Write, change: dict[str, Any], rule: str) -> None:
    examples, corpus = read(write("a.jsonl", {**ROW, **change}))
    assert examples == [Example(SOURCE, "here", 1)]
    assert corpus.findings.summary() == ["1 example kept", f"1 row mended: {rule} (a.jsonl:1)"]


def test_a_question_may_be_left_out_for_documents(write: Write) -> None:
    path = write("a.jsonl", {"source": "A long\nstory.", "target": ["short", "brief"]}, {"source": "B", "target": "b"})
    examples, _ = read(path, passage="source", question="", answers="target")
    assert [(e.source, e.references) for e in examples] == [("A long story.", ("short", "brief")), ("B", ("b",))]


@pytest.mark.parametrize(
    ("name", "rows", "message"),
    [
        ("a.txt", ["x"], r"unknown suffix '\.txt'.*There are: \.csv, \.json"),
        ("a.jsonl", [{**ROW, "context": ""}], r"no usable row\. 1 row skipped: empty source"),
        (
            "a.jsonl",
            [{"contxt": "a", "question": "b", "answers": "c"}],
            r"No field 'context'\. Did you mean 'contxt'\?",
        ),
        ("a.csv", ["context,question", "a,b"], r"a\.csv:1: no column 'answers'\..*must name the columns"),
        ("a.json", ["{"], r"is not one JSON document .*JSON lines end in \.jsonl"),
        ("a.json", [{"paragraphs": []}], r'has no list "data" of articles'),
        ("a.json", [{"data": [{"paragraphs": [{"qas": [{}]}]}, 3]}], r"no usable row\. 2 rows skipped: missing field"),
        ("a.jsonl", [], "holds no example"),
    ],
)
def test_what_cannot_be_used_is_an_error(write: Write, name: str, rows: list[object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        open_answered(write(name, *rows))


def test_the_fingerprint_is_known_after_a_pass_and_tells_answers_apart(write: Write) -> None:
    one, other = open_answered(write("a.jsonl", ROW)), open_answered(write("b.jsonl", {**ROW, "answers": ["x"]}))
    with pytest.raises(UsageError, match="known once all examples were read"):
        _ = one.fingerprint
    assert list(one)
    assert list(other)
    assert one.fingerprint != other.fingerprint


def test_files_that_hold_questions_are_known(write: Write, tmp_path: Path) -> None:
    assert holds_questions(write("a.jsonl", ROW))
    assert holds_questions(write("a.json", squad(asked("here"))))
    assert holds_questions(write("a.csv", "question,context,answer"))
    assert not holds_questions(write("b.json", {"images": []}))
    assert not holds_questions(write("b.jsonl", {"source": "a", "target": "b"}))
    assert not holds_questions(tmp_path)


@pytest.mark.skipif(not XQUAD.exists(), reason=f"{XQUAD} is not here")
def test_real_questions_are_read_whole() -> None:
    examples, corpus = read(XQUAD)
    assert (len(examples), corpus.findings.skipped.counts) == (594, {})
    assert all(" ||| " in example.source for example in examples)
