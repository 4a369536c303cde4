"""The four ways in which files hold pairs: each reads lines and yields rows or faults.

A row is (line, texts) as the file has them: source, target and, if alignments
are asked for, the alignment, left out where there is none to be read. Nothing
is cleaned or judged here except what belongs to the format itself.
"""

import csv
import json
from collections import deque
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path

from regard.data.findings import LONGEST, Fault, Rule
from regard.data.lines import texts
from regard.errors import DataError, unknown

Names = tuple[str, ...]  # of source, target and, if they are asked for, alignments
Row = tuple[int, list[str]]

NAMES: Names = ("source", "target")


def tsv_rows(path: Path, names: Names) -> Iterator[Row | Fault]:
    """Tab-separated columns; quotes are ordinary characters."""
    return _columns(path, tsv_cells(path), names)


def csv_rows(path: Path, names: Names) -> Iterator[Row | Fault]:
    """Comma-separated values after RFC 4180; a row may go on over several lines inside quotes.

    A quote out of place or never closed costs its own line only: reading goes
    on at the next line, so that one typing error does not swallow the file.
    """
    return _columns(path, csv_cells(path, _delimiter(path, names)), names)


def json_rows(path: Path, names: Names) -> Iterator[Row | Fault]:
    """One JSON object a line with named fields of text."""
    for row in json_objects(path):
        if isinstance(row, Fault):
            yield row
        else:
            line, text, record = row
            found = _json_texts(text, record, names)
            yield Fault(found, path, line) if isinstance(found, Rule) else (line, found)


def paired_rows(*paths: Path) -> Iterator[Row | Fault]:
    """Plain-text files: line n of the first is translated by line n of the second, and aligned by that of a third."""
    for line, cells in enumerate(zip_longest(*map(texts, paths)), 1):
        if None in cells:
            raise DataError(f"{' and '.join(map(str, paths))}: one of them changed while it was read.")
        fault = next((cell for cell in cells[:2] if isinstance(cell, Fault)), None)
        yield fault or (line, [cell for cell in cells if isinstance(cell, str)])


READERS: dict[str, Callable[[Path, Names], Iterator[Row | Fault]]] = {
    ".tsv": tsv_rows,
    ".csv": csv_rows,
    ".jsonl": json_rows,
    ".ndjson": json_rows,
}


def missing_fields(path: Path, names: Names) -> str:
    """Which of the fields the first JSON object lacks, with the nearest that it has."""
    for text in texts(path):
        record = json_object(text) if isinstance(text, str) else None
        if record is not None:
            return " ".join(unknown("No field", name, record) for name in names if name not in record)
    return ""


def json_object(text: str) -> dict[str, object] | None:
    """The object of a line of JSON; None where there is none."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def json_objects(path: Path) -> Iterator[tuple[int, str, dict[str, object]] | Fault]:
    """Each line's number, text and object."""
    for line, text in enumerate(texts(path), 1):
        if isinstance(text, Fault):
            yield text
        elif not text.strip():
            yield Fault(Rule.EMPTY_LINE, path, line)
        elif (record := json_object(text)) is None:
            yield Fault(Rule.BROKEN_JSON, path, line)
        else:
            yield line, text, record


def _json_texts(text: str, record: dict[str, object], names: Names) -> list[str] | Rule:
    if not all(name in record for name in names[:2]):
        return Rule.MISSING_FIELD
    found = [value for value in map(record.get, names) if isinstance(value, str)]
    if not all(isinstance(record[name], str) for name in names[:2]):
        return Rule.NOT_TEXT
    return Rule.BROKEN_TEXT if has_halves(text, found) else found


def has_halves(line: str, found: list[str]) -> bool:
    r"""Whether an escape such as \ud83d names half a character in a text, which no codec and no file could take."""
    return "\\u" in line and any("\ud800" <= sign <= "\udfff" for sign in "".join(found))


def tsv_cells(path: Path) -> Iterator[Row | Fault]:
    """The cells of each line."""
    for line, text in enumerate(texts(path), 1):
        yield text if isinstance(text, Fault) else (line, text.split("\t"))


class _CsvLines:
    """The lines of a CSV file, which remembers those of the present row and can go back to them."""

    def __init__(self, path: Path) -> None:
        self.row: list[tuple[int, str | Fault]] = []
        self._again: deque[tuple[int, str | Fault]] = deque()
        self._later = enumerate(texts(path), 1)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line, text = self._again.popleft() if self._again else next(self._later)
        self.row.append((line, text))
        if isinstance(text, Fault):
            raise csv.Error(text.rule)
        return text.replace("\r", " ") + "\n"  # a stray \r would end the row for the csv module

    def back_to_second(self) -> None:
        """Let the lines after the first one of the row be read again."""
        self._again.extendleft(reversed(self.row[1:]))


def csv_cells(path: Path, delimiter: str) -> Iterator[Row | Fault]:
    """The cells of each row, at its first line; a quote that never closes costs its own line only."""
    lines = _CsvLines(path)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.row.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            line, text = lines.row[0]
            lines.back_to_second()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            if isinstance(text, Fault):
                yield text
            else:
                yield Fault(Rule.TOO_LONG if len(text) > LONGEST else Rule.BROKEN_CSV, path, line)
        else:
            yield lines.row[0][0], cells


def _delimiter(path: Path, names: Names) -> str:
    """A comma; or the semicolon (spreadsheets of half Europe) or tab by which a header shows the names."""
    header = next((text for text in texts(path) if isinstance(text, str)), "")
    for delimiter in ",;\t":
        if set(names) <= set(titles_of(header.replace('"', "").split(delimiter))):
            return delimiter
    return ","


def _columns(path: Path, rows: Iterator[Row | Fault], names: Names) -> Iterator[Row | Fault]:
    """Pick the columns of each row: by name if the first row is a header, else the first ones."""
    columns: list[int] | None = None
    for row in rows:
        if isinstance(row, Fault):
            yield row
            continue
        line, cells = row
        if columns is None:
            header = _header(path, line, cells, names)
            columns = header or list(range(len(names)))
            if header:
                continue
        if not any(cells):
            yield Fault(Rule.EMPTY_LINE, path, line)
        elif max(columns[:2]) >= len(cells):
            yield Fault(Rule.MISSING_COLUMN, path, line)
        else:
            yield line, [cells[column] for column in columns if column < len(cells)]


def titles_of(cells: list[str]) -> list[str]:
    """The names that the cells of a first row hold."""
    return [cell.strip() for cell in cells]


def _header(path: Path, line: int, cells: list[str], names: Names) -> list[int] | None:
    """The places of the named columns, or None where the first row is a pair like the others.

    A row that holds only some of the names, or names that the user chose and
    that are not there, would silently give the wrong columns: an error.
    """
    titles = titles_of(cells)
    missing = [name for name in names if name not in titles]
    if not missing:
        return [titles.index(name) for name in names]
    if names[:2] == NAMES and len(missing) == len(names):
        return None
    known = " ".join(unknown("no column", name, titles) for name in missing)
    raise DataError(f"{path}:{line}: {known} Name the columns, or use a file without a header.")
