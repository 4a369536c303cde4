"""All that an output for a stored pair may be compared with, as it was written: in a file that is mapped, not read."""

import json
from collections.abc import Iterable, Iterator, Sequence
from mmap import ACCESS_READ, mmap
from pathlib import Path

import numpy as np

from regard.errors import DataError
from regard.files import replacing

TEXTS = "references.jsonl"  # a line for each example
PLACES = "references.at"  # int64: where the line of each pair begins; written last


class References:
    """The references of each pair of a store; those of the pairs of one example are the same line of the file."""

    def __init__(self, folder: Path) -> None:
        """Open what `write` wrote. DataError if it is not there."""
        self.folder = folder
        try:
            with (folder / TEXTS).open("rb") as file:
                self._texts = mmap(file.fileno(), 0, access=ACCESS_READ)
            self._places = np.memmap(folder / PLACES, np.int64, "r")
        except (OSError, ValueError) as error:
            raise DataError(f"{folder} holds no references: {error}") from None

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether finished ones are there."""
        return (folder / PLACES).exists()

    def __len__(self) -> int:
        """How many pairs there are."""
        return len(self._places)

    def __getitem__(self, i: int) -> list[str]:
        """Those of one pair."""
        start = int(self._places[i])
        found: list[str] = json.loads(self._texts[start : self._texts.find(b"\n", start)])
        return found

    def examples(self) -> Iterator[list[str]]:
        """Those of each example."""
        with (self.folder / TEXTS).open(encoding="utf-8") as file:
            yield from map(json.loads, file)


def write(folder: Path, examples: Iterable[Sequence[str]], pairs: Iterable[int]) -> References:
    """Write the references of each example, and how many pairs of the store it has become."""
    (folder / PLACES).unlink(missing_ok=True)
    places, start = list[np.ndarray](), 0
    with replacing(folder / TEXTS) as temporary, temporary.open("wb") as file:
        for references, many in zip(examples, pairs, strict=True):
            places.append(np.full(many, start, np.int64))
            start += file.write(json.dumps(list(references), ensure_ascii=False).encode() + b"\n")
    with replacing(folder / PLACES) as temporary:
        np.concatenate(places).tofile(temporary)
    return References(folder)
