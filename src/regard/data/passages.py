"""The ways in which files hold passages and what is to be said of them: each yields rows or faults.

A row has the passage, a question of it if there is one, the texts that are right, and the sentences
that they follow from; nothing is judged here but what belongs to the format itself.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from regard.data.findings import Fault, Rule
from regard.data.formats import csv_cells, has_halves, json_objects, titles_of, tsv_cells
from regard.data.lines import texts
from regard.errors import DataError, unknown

ANSWERS = ("answers", "answer")
SUPPORTS = "supports"


@dataclass(frozen=True, slots=True)
class Names:
    """Of the fields: the passage's, the question's ("" where none is asked), and those that may hold the answers."""

    passage: str
    question: str
    answers: tuple[str, ...]

    def of_answers(self, known: Collection[str]) -> str:
        """The field of the answers among these."""
        return next((name for name in self.answers if name in known), "")

    def missing(self, known: Collection[str], what: str) -> str:
        """A sentence for each that is not among these, with the nearest that is."""
        absent = [name for name in (self.passage, self.question) if name and name not in known]
        absent += [] if self.of_answers(known) else [self.answers[0]]
        return " ".join(unknown(what, name, known) for name in absent)


class Row(NamedTuple):
    """A passage, a question and answers, as they stand in a file; what is not text is still what it is."""

    line: int
    passage: object
    question: object
    answers: list[object]
    supports: object = None


def json_rows(path: Path, names: Names) -> Iterator[Row | Fault]:
    """One JSON object a line."""
    for found in json_objects(path):
        if isinstance(found, Fault):
            yield found
            continue
        line, text, record = found
        if names.missing(record, ""):
            yield Fault(Rule.MISSING_FIELD, path, line)
            continue
        row = _row(line, record, names)
        written = (row.passage, row.question, *row.answers)
        halves = has_halves(text, [value for value in written if isinstance(value, str)])
        yield Fault(Rule.BROKEN_TEXT, path, line) if halves else row


def table_rows(path: Path, names: Names) -> Iterator[Row | Fault]:
    """A table whose first row names the columns; a cell may hold several answers, or supports, as a JSON list."""
    delimiter, columns = _head(path, names)
    rows = tsv_cells(path) if delimiter == "\t" else csv_cells(path, delimiter)
    begun = False
    for found in rows:
        if isinstance(found, Fault):
            yield found
            continue
        line, cells = found
        if not begun:
            begun = any(cells)
        elif not any(cells):
            yield Fault(Rule.EMPTY_LINE, path, line)
        else:
            record: dict[str, Any] = dict(zip(columns, cells, strict=False))
            listed = (names.of_answers(columns), SUPPORTS)
            record |= {name: _list(record[name]) for name in listed if name in record}
            short = names.missing(record, "")
            yield Fault(Rule.MISSING_COLUMN, path, line) if short else _row(line, record, names)


def squad_rows(path: Path, names: Names) -> Iterator[Row | Fault]:
    """SQuAD's JSON (Rajpurkar et al., 2016), as XQuAD and MLQA have it too; the number of a question is its line."""
    number = 0
    for paragraph in _paragraphs(path):
        asked = paragraph.get("qas")
        for question in asked if isinstance(asked, list) else [None]:
            number += 1
            if isinstance(question, dict) and {"question", "answers"} <= question.keys() and "context" in paragraph:
                answers = said(question["answers"])
                yield Row(number, paragraph["context"], question["question"], answers)
            else:
                yield Fault(Rule.MISSING_FIELD, path, number)


def said(answers: object) -> list[object]:
    """Answers as a text, as a list of texts or of objects with one, or as an object with a list of texts."""
    if isinstance(answers, dict):
        answers = answers.get("text")
    every = answers if isinstance(answers, list) else [answers]
    return [answer.get("text") if isinstance(answer, dict) else answer for answer in every]


def asks(path: Path, suffix: str) -> bool:
    """Whether a file seems to hold questions: SQuAD's by its first words, another by the names of its fields."""
    if suffix == ".json":
        with path.open("rb") as file:
            start = file.read(1 << 16)
        return b'"paragraphs"' in start or b'"qas"' in start
    known = first_names(path)
    return {"context", "question"} <= set(known)


def first_names(path: Path) -> list[str]:
    """The fields of the first JSON object, or the columns that a first row names."""
    first = next((text for text in texts(path) if isinstance(text, str) and text.strip()), "")
    try:
        record = json.loads(first)
    except (ValueError, RecursionError):
        return max((_titles(first, delimiter) for delimiter in ",;\t"), key=len)
    return list(record) if isinstance(record, dict) else []


def _row(line: int, record: dict[str, Any], names: Names) -> Row:
    question = record[names.question] if names.question else None
    return Row(line, record[names.passage], question, said(record[names.of_answers(record)]), record.get(SUPPORTS))


def _list(cell: str) -> Any:
    """The list that a cell holds, or the cell."""
    try:
        found = json.loads(cell) if cell.lstrip().startswith("[") else cell
    except (ValueError, RecursionError):
        return cell
    return found if isinstance(found, list) else cell


def _titles(header: str, delimiter: str) -> list[str]:
    return titles_of(header.replace('"', "").split(delimiter))


def _head(path: Path, names: Names) -> tuple[str, list[str]]:
    """The delimiter by which the first row shows the names, and the columns. DataError if none does."""
    header = next((text for text in texts(path) if isinstance(text, str) and text.strip()), "")
    found = {delimiter: _titles(header, delimiter) for delimiter in ",;\t"}
    for delimiter, columns in found.items():
        if not names.missing(columns, ""):
            return delimiter, columns
    missing = names.missing(max(found.values(), key=len), "no column")
    raise DataError(f"{path}:1: {missing} The first row must name the columns.")


def _paragraphs(path: Path) -> Iterator[dict[str, Any]]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: is not one JSON document ({error}). JSON lines end in .jsonl.") from None
    articles = content.get("data") if isinstance(content, dict) else None
    if not isinstance(articles, list):
        raise DataError(f'{path}: has no list "data" of articles, each with "paragraphs", as SQuAD has.')
    for article in articles:
        paragraphs = article.get("paragraphs") if isinstance(article, dict) else None
        for paragraph in paragraphs if isinstance(paragraphs, list) else [None]:
            yield paragraph if isinstance(paragraph, dict) else {}
