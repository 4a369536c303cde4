"""Encoded pairs in files that are mapped, not read: memory stays flat however big the corpus is."""

import json
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from regard.errors import DataError
from regard.files import write_text

SIDES = ("source", "target")
INFO = "store.json"  # written last: a store without it was interrupted, and is made again


class Store:
    """Random access to encoded pairs: ids of both sides in a file each, and where each row begins and ends."""

    def __init__(self, folder: Path) -> None:
        """Open a finished store; DataError if it is not whole."""
        try:
            self.info = json.loads((folder / INFO).read_text(encoding="utf-8"))
            self._ids = [np.memmap(folder / f"{side}.ids", np.int32, "r") for side in SIDES]
            self._ends = [np.memmap(folder / f"{side}.ends", np.int64, "r") for side in SIDES]
            lengths = [len(ids) for ids in self._ids], [len(ends) - 1 for ends in self._ends]
            if lengths != (self.info["tokens"], [self.info["pairs"]] * len(SIDES)):
                raise ValueError(f"its files are not as long as {INFO} says")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{folder} is not a finished store of encoded pairs: {error}") from None

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether a finished store is there."""
        return (folder / INFO).exists()

    def __len__(self) -> int:
        """How many pairs there are."""
        return len(self._ends[0]) - 1

    def __getitem__(self, i: int) -> tuple[list[int], list[int]]:
        """Source ids and target ids of one pair."""
        source, target = (ids[ends[i] : ends[i + 1]].tolist() for ids, ends in zip(self._ids, self._ends, strict=True))
        return source, target

    def lengths(self, rows: slice) -> NDArray[np.int64]:
        """The longer side of each of a slice of pairs, in tokens."""
        source, target = (np.asarray(ends[1:][rows] - ends[:-1][rows]) for ends in self._ends)
        return np.maximum(source, target)


def write(folder: Path, pairs: Iterable[tuple[Sequence[int], Sequence[int]]], info: dict[str, object]) -> Store:
    """Write a store, streaming; `info` is kept beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / INFO).unlink(missing_ok=True)
    with ExitStack() as stack:
        ids, ends = (
            [stack.enter_context((folder / f"{side}.{kind}").open("wb")) for side in SIDES] for kind in ("ids", "ends")
        )
        totals, count = [0, 0], 0
        for file in ends:
            file.write(np.int64(0).tobytes())
        for pair in pairs:
            count += 1
            for side, row in enumerate(pair):
                totals[side] += len(row)
                ids[side].write(np.asarray(row, np.int32).tobytes())
                ends[side].write(np.int64(totals[side]).tobytes())
    if not count:
        raise DataError("No pair is left to train on: all were longer than data.longest, or held out.")
    write_text(folder / INFO, json.dumps({**info, "pairs": count, "tokens": totals}, indent=1))
    return Store(folder)
