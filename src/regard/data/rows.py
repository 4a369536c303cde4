"""Equally shaped rows, known by what they were made of, in files that are mapped, and that grow.

FOLDER/KEY/rows.bin holds the rows one after the other, keys.bin the digest of
each, and info.json how many of both there are and what they look like. A step
adds some rows, then their keys, then notes the new number, and each is on the
disk before the next begins: whatever kills a run, the next one finds whole
steps, and cuts off what stands beyond them.

    another run is adding              UsageError for whoever wants to add; readers see the steps that were done
    rows of another shape or type      DataError, and nothing is touched
    info.json cannot be understood     DataError, and nothing is touched
    files shorter than info.json says  the whole rows that are left stay; what is missing is made again
    no info.json                       no step was finished: begun anew
    the disk is full                   DataError; the steps that were done stay
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from regard.data.digests import Digests
from regard.errors import DataError
from regard.files import locked, write_text
from regard.pictures import DIGEST

ROWS, KEYS, INFO, LOCK = "rows.bin", "keys.bin", "info.json", "lock"


class Rows:
    """Rows of one shape and type; each stands under the digest of what it was made of."""

    def __init__(self, folder: Path, key: str, shape: Sequence[int], dtype: DTypeLike) -> None:
        """Open what is there, if anything is; DataError if it is something else."""
        self.folder = folder / key
        self.shape, self.dtype = tuple(shape), np.dtype(dtype)
        self.size = int(np.prod(self.shape)) * self.dtype.itemsize
        self.facts: dict[str, Any] = {"key": key, "shape": list(self.shape), "dtype": self.dtype.str}
        self.refresh()

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def __getitem__(self, which: int | slice | NDArray[np.int64]) -> NDArray[Any]:
        """One row or a slice of them, mapped from the disk; or a copy of the rows with these numbers."""
        found: NDArray[Any] = self._rows[which]
        return found

    def find(self, digest: bytes) -> int:
        """The number of the row of this digest; -1 if there is none."""
        return self._digests.find(digest)

    def refresh(self) -> None:
        """See what another process has added meanwhile."""
        count = self._noted()
        content = b""
        if count:
            with (self.folder / KEYS).open("rb") as file:
                content = file.read(count * DIGEST)
        self._digests = Digests(content)
        self._map(count)

    @contextmanager
    def adding(self) -> Iterator["Adding"]:
        """Let rows be added, by one process at a time; UsageError if another is at it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / LOCK, f"{self.folder}: another run is adding to it; wait until it is done."):
            self.refresh()
            for leftover in self.folder.glob(f".{INFO}.*.tmp"):  # of a run that was killed
                leftover.unlink()
            with ExitStack() as stack:
                sizes = {ROWS: len(self) * self.size, KEYS: len(self) * DIGEST}
                files = [stack.enter_context(_Cut(self.folder / name, size)) for name, size in sizes.items()]
                yield Adding(self, *files)

    def added(self, digests: Sequence[bytes]) -> None:
        """Rows with these digests are on the disk, behind the others: note it."""
        count = len(self) + len(digests)
        write_text(self.folder / INFO, json.dumps({**self.facts, "rows": count}, indent=1) + "\n")
        self._digests.add(digests)
        self._map(count)

    def _map(self, count: int) -> None:
        self._rows: NDArray[Any] = np.empty((0, *self.shape), self.dtype)
        if count:
            self._rows = np.memmap(self.folder / ROWS, self.dtype, "r", shape=(count, *self.shape))

    def _noted(self) -> int:
        """How many rows there are, whole and with their keys."""
        note = self.folder / INFO
        if not note.exists():
            return 0
        try:
            found = json.loads(note.read_text(encoding="utf-8"))
            count, facts = int(found.pop("rows")), dict(found)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(f"{note}: is damaged ({error}): remove {self.folder}, and it is made again.") from None
        for name in self.facts:
            if facts.get(name) != self.facts[name]:
                raise DataError(
                    f"{note}: {name} is {facts.get(name)!r}, expected {self.facts[name]!r}:"
                    f" remove {self.folder}, and it is made again."
                )
        return min(count, _bytes(self.folder / ROWS) // self.size, _bytes(self.folder / KEYS) // DIGEST)


class _Cut:
    """A file that is written behind its first bytes; the others are dropped. What was written is on the disk."""

    def __init__(self, path: Path, size: int) -> None:
        path.touch()
        self._file = path.open("r+b", buffering=0)
        self._size = size
        self.back()

    def __enter__(self) -> "_Cut":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, content: NDArray[np.uint8]) -> None:
        """Write to the end, and to the disk."""
        left = content.data
        while left:
            left = left[self._file.write(left) :]
        os.fsync(self._file.fileno())

    def keep(self) -> None:
        """What was written counts from now on."""
        self._size = self._file.tell()

    def back(self) -> None:
        """Drop what does not count."""
        self._file.truncate(self._size)
        self._file.seek(self._size)


class Adding:
    """Adds steps of rows to files that are open."""

    def __init__(self, rows: Rows, content: _Cut, keys: _Cut) -> None:
        self._rows, self._content, self._keys = rows, content, keys

    def __call__(self, digests: Sequence[bytes], block: NDArray[Any]) -> None:
        """Add a step: all of it is there afterwards, or none of it. DataError if the disk does not take it."""
        rows = self._rows
        if block.shape != (len(digests), *rows.shape):
            raise ValueError(f"got rows {block.shape}, expected {(len(digests), *rows.shape)}")
        try:
            self._content.write(np.ascontiguousarray(block, rows.dtype).reshape(-1).view(np.uint8))
            self._keys.write(np.frombuffer(b"".join(digests), np.uint8))
            rows.added(digests)
        except OSError as error:
            for file in (self._content, self._keys):
                with suppress(OSError):
                    file.back()
            raise DataError(
                f"{rows.folder}: cannot be written ({error.strerror}). "
                f"Its {len(rows):,} rows are kept: make room, and the next run goes on with them."
            ) from error
        self._content.keep()
        self._keys.keep()


def _bytes(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
