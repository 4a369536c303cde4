"""Encoded pairs in files that are mapped, not read: memory stays flat however big the corpus is."""

import json
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regard.errors import DataError
from regard.files import write_text
from regard.types import Copyable

SIDES = ("source", "target")
LINKS = "links"  # written only if alignments are given: source place, target place, source place, ... of each pair
COPIES = "copies"  # written only if words may be copied: what each source place is in outputs
INFO = "store.json"  # written last: a store without it was interrupted, and is made again


class Store:
    """Random access to encoded pairs: ids of both sides in a file each, and where each row begins and ends.

    aligned: whether links between the tokens are kept beside them. copies: whether sources may be copied.
    """

    def __init__(self, folder: Path) -> None:
        """Open a finished store; DataError if it is not whole."""
        self.folder = folder
        try:
            self.info = json.loads((folder / INFO).read_text(encoding="utf-8"))
            self.aligned, self.copies = LINKS in self.info, bool(self.info.get(COPIES))
            columns = _columns(self.aligned, self.copies)
            self._ids = [_mapped(folder / f"{name}.ids", np.int32) for name in columns]
            self._ends = [_mapped(folder / f"{name}.ends", np.int64) for name in columns]
            lengths = [len(ids) for ids in self._ids], [len(ends) - 1 for ends in self._ends]
            totals = [*self.info["tokens"], *([2 * self.info[LINKS]] if self.aligned else [])]
            totals += totals[:1] if self.copies else []
            if lengths != (totals, [self.info["pairs"]] * len(columns)):
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

    def __getitem__(self, i: int) -> tuple[Sequence[int], list[int]]:
        """Source ids, with what may be copied if anything may, and target ids of one pair."""
        source, target = self._row(0, i), self._row(1, i)
        return Copyable(tuple(source), tuple(self._row(-1, i))) if self.copies else source, target

    def links(self, i: int) -> list[tuple[int, int]]:
        """The links of one pair, (source place, target place) each; none if there are no alignments."""
        flat = self._row(2, i) if self.aligned else []
        return list(zip(flat[::2], flat[1::2], strict=True))

    def lengths(self, rows: slice) -> NDArray[np.int64]:
        """The longer side of each of a slice of pairs, in tokens."""
        source, target = (np.asarray(ends[1:][rows] - ends[:-1][rows]) for ends in self._ends[:2])
        longer: NDArray[np.int64] = np.maximum(source, target)
        return longer

    def _row(self, column: int, i: int) -> list[int]:
        ends = self._ends[column]
        row: list[int] = self._ids[column][ends[i] : ends[i + 1]].tolist()
        return row


def write(
    folder: Path,
    pairs: Iterable[Sequence[Sequence[int]]],
    info: dict[str, object],
    *,
    aligned: bool = False,
    copies: bool = False,
) -> Store:
    """Write a store, streaming; `info` is kept beside it.

    A pair is source ids and target ids; with `aligned` also its links, as
    source place, target place, source place, and so on; and with `copies`, last,
    what each source place is in outputs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / INFO).unlink(missing_ok=True)
    columns = _columns(aligned, copies)
    with ExitStack() as stack:
        ids, ends = (
            [stack.enter_context((folder / f"{name}.{kind}").open("wb")) for name in columns]
            for kind in ("ids", "ends")
        )
        totals, count = [0] * len(columns), 0
        for file in ends:
            file.write(np.int64(0).tobytes())
        for pair in pairs:
            count += 1
            for column, row in enumerate(pair):
                totals[column] += len(row)
                ids[column].write(np.asarray(row, np.int32).tobytes())
                ends[column].write(np.int64(totals[column]).tobytes())
    if not count:
        raise DataError("No pair is left to train on: all were longer than data.longest, or held out.")
    counts: dict[str, object] = {"pairs": count, "tokens": totals[:2]}
    counts |= ({LINKS: totals[2] // 2} if aligned else {}) | ({COPIES: True} if copies else {})
    write_text(folder / INFO, json.dumps({**info, **counts}, indent=1))
    return Store(folder)


def _columns(aligned: bool, copies: bool) -> tuple[str, ...]:
    return (*SIDES, *([LINKS] if aligned else []), *([COPIES] if copies else []))


def _mapped(path: Path, kind: type[Any]) -> NDArray[Any]:
    """The numbers of a file; an empty file cannot be mapped, and is none where no pair has a link."""
    return np.memmap(path, kind, "r") if path.stat().st_size else np.zeros(0, kind)
