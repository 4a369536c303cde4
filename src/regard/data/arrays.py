"""Pictures and labels in arrays, as MNIST comes, to rows; `FILE#a-b` is its pictures a, a + 1 ... b - 1."""

from collections.abc import Iterator
from pathlib import Path

from regard import idx
from regard.data.findings import Fault
from regard.data.pictured import Row
from regard.errors import DataError


def span(path: Path, part: str) -> tuple[int, int]:
    """The first picture of a part and one past its last; all if none is named. DataError for what is none."""
    count = len(idx.read(path))
    first, dash, last = part.partition("-")
    if not part:
        return 0, count
    if not (dash and first.isdecimal() and last.isdecimal() and int(first) < int(last) <= count):
        raise DataError(f"{path}#{part}: expected a part such as #0-{count}; it holds {count:,} pictures.")
    return int(first), int(last)


def array_rows(path: Path, first: int, end: int) -> Iterator[Row | Fault]:
    """Each picture with its label, or its labels, joined by commas; its number from 1 stands for a line."""
    beside = idx.labels_of(path)
    labels, count = idx.read(beside), len(idx.read(path))
    if len(labels) != count or labels.ndim > 2:
        raise DataError(f"{beside}: holds {len(labels):,} labels, expected one for each of {count:,} pictures.")
    for number in range(first, end):
        said = ", ".join(map(str, labels[number].reshape(-1).tolist()))
        yield Row(number + 1, f"{path.name}#{number}", [said])
