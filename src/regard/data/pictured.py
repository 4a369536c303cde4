"""The ways in which files name pictures and what is said of them: each yields rows or faults.

A row has the picture's name and the texts as the file has them; nothing is
judged here but what belongs to the format itself. A picture that stands on
several lines of a CSV, TSV or Flickr8k file is one row, where it first stands.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from regard.data.findings import Fault, Rule
from regard.data.formats import csv_cells, has_halves, json_object, json_objects, titles_of, tsv_cells
from regard.data.lines import texts
from regard.errors import DataError, unknown

CAPTIONS, LABELS = ("captions", "caption"), ("labels", "label")
REST = {"restval": "train"}  # the pictures that COCO has besides are trained on, as everybody does


@dataclass(frozen=True, slots=True)
class Names:
    """Of the fields: the picture's, and those that may hold its texts, of which the first that is there counts."""

    image: str = "image"
    texts: tuple[str, ...] = CAPTIONS

    def of_texts(self, known: Collection[str]) -> str:
        """The field of the texts among these."""
        return next((name for name in self.texts if name in known), "")

    def missing(self, known: Sequence[str], what: str) -> str:
        """A sentence for each that is not among these, with the nearest that is."""
        absent = [] if self.image in known else [self.image]
        absent += [] if self.of_texts(known) else [self.texts[0]]
        return " ".join(unknown(what, name, known) for name in absent)


class Row(NamedTuple):
    """A picture's name and its texts, as they stand in a file; what is not text is still what it is."""

    line: int
    image: object
    texts: list[object]


def json_rows(path: Path, names: Names) -> Iterator[Row | Fault]:
    """One JSON object a line, with a list of texts, or one text."""
    for found in json_objects(path):
        if isinstance(found, Fault):
            yield found
            continue
        line, text, record = found
        if names.image not in record or not names.of_texts(record):
            yield Fault(Rule.MISSING_FIELD, path, line)
        else:
            yield _json_row(path, line, text, [record[names.image], record[names.of_texts(record)]])


def table_rows(path: Path, names: Names) -> Iterator[Row | Fault]:
    """A table whose first row names the columns; commas that nobody quoted belong to a last column of texts."""
    delimiter = _delimiter(path, names)
    rows = tsv_cells(path) if delimiter == "\t" else csv_cells(path, delimiter)
    return _gathered(_cells(path, rows, names, delimiter))


def token_rows(path: Path) -> Iterator[Row | Fault]:
    """Lines such as `name.jpg#0 TAB text`."""

    def cells() -> Iterator[Row | Fault]:
        for line, text in enumerate(texts(path), 1):
            if isinstance(text, Fault):
                yield text
                continue
            image, tab, said = text.partition("\t")
            rule = Rule.MISSING_COLUMN if text.strip() else Rule.EMPTY_LINE
            yield Row(line, image.rpartition("#")[0] or image, [said]) if tab else Fault(rule, path, line)

    return _gathered(cells())


def karpathy_rows(path: Path, split: str) -> Iterator[Row | Fault]:
    """The pictures of one split of a Karpathy file, or of all; their number in the file stands for a line."""
    pictures = _karpathy(path)
    found = {str(picture["split"]) for picture in pictures if "split" in picture}
    known = found | {REST[name] for name in found if name in REST}
    if split and split not in known:
        raise DataError(f"{path}: {unknown('no split', split, known)}")
    for number, picture in enumerate(pictures, 1):
        own = str(picture.get("split"))
        if split and split not in (own, REST.get(own)):
            continue
        name, folder, sentences = (picture.get(key) for key in ("filename", "filepath", "sentences"))
        if isinstance(name, str) and isinstance(folder, str):
            name = f"{folder}/{name}"
        yield Row(number, name, [_said(sentence) for sentence in sentences] if isinstance(sentences, list) else [])


def first_names(path: Path) -> list[str]:
    """The fields of the first JSON object, or the columns that a first row names."""
    first = next((text for text in texts(path) if isinstance(text, str) and text.strip()), "")
    record = json_object(first)
    if record is not None:
        return list(record)
    return max((_split(first, delimiter) for delimiter in ",;\t"), key=len)


def _json_row(path: Path, line: int, text: str, values: list[Any]) -> Row | Fault:
    image, said = values
    said = said if isinstance(said, list) else [said]
    halves = has_halves(text, [value for value in (image, *said) if isinstance(value, str)])
    return Fault(Rule.BROKEN_TEXT, path, line) if halves else Row(line, image, said)


def _split(header: str, delimiter: str) -> list[str]:
    return titles_of(header.replace('"', "").split(delimiter))


def _delimiter(path: Path, names: Names) -> str:
    """The one by which the first row shows the names."""
    header = next((text for text in texts(path) if isinstance(text, str) and text.strip()), "")
    found = [_split(header, delimiter) for delimiter in ",;\t"]
    for delimiter, columns in zip(",;\t", found, strict=True):
        if not names.missing(columns, ""):
            return delimiter
    raise _unnamed(path, names, max(found, key=len))


def _unnamed(path: Path, names: Names, columns: list[str]) -> DataError:
    missing = names.missing(columns, "no column")
    return DataError(f"{path}:1: {missing} The first row must name the columns of the picture and of its texts.")


def _cells(path: Path, rows: Iterator[Any], names: Names, delimiter: str) -> Iterator[Row | Fault]:
    columns: list[str] = []
    for row in rows:
        if isinstance(row, Fault):
            yield row
            continue
        line, cells = row
        if not columns:
            columns = titles_of(cells) if any(cells) else []
            if columns and names.missing(columns, ""):
                raise _unnamed(path, names, columns)
            continue
        if len(cells) > len(columns) and columns[-1] in names.texts:
            cells = [*cells[: len(columns) - 1], delimiter.join(cells[len(columns) - 1 :])]
        at = [columns.index(names.image), columns.index(names.of_texts(columns))]
        if not any(cells):
            yield Fault(Rule.EMPTY_LINE, path, line)
        elif max(at) >= len(cells):
            yield Fault(Rule.MISSING_COLUMN, path, line)
        else:
            yield Row(line, cells[at[0]].strip(), [cells[at[1]]])


def _gathered(rows: Iterator[Row | Fault]) -> Iterator[Row | Fault]:
    """The faults as they come, then each picture once, with all its texts."""
    pictures: dict[object, Row] = {}
    for row in rows:
        if isinstance(row, Fault):
            yield row
        else:
            pictures.setdefault(row.image, Row(row.line, row.image, [])).texts.extend(row.texts)
    yield from pictures.values()


def _karpathy(path: Path) -> list[dict[str, Any]]:
    def without_tokens(record: dict[str, Any]) -> dict[str, Any]:
        if isinstance(record.get("raw"), str):
            record.pop("tokens", None)  # most of the file, and said already
        return record

    try:
        content = json.loads(path.read_bytes(), object_hook=without_tokens)
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: is not one JSON document ({error}). JSON lines end in .jsonl.") from None
    pictures = content.get("images") if isinstance(content, dict) else None
    if not isinstance(pictures, list) or not all(isinstance(picture, dict) for picture in pictures):
        raise DataError(f'{path}: has no list of "images", each with "filename", "split" and "sentences".')
    return pictures


def _said(sentence: object) -> object:
    if not isinstance(sentence, dict):
        return sentence
    tokens = sentence.get("tokens")
    if "raw" not in sentence and isinstance(tokens, list):
        return " ".join(token for token in tokens if isinstance(token, str))
    return sentence.get("raw")
