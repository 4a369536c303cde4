"""Which row stands under a digest, in 32 bytes a row: a dictionary would take five times as many."""

from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from regard.pictures import DIGEST

_FRESH = 4096  # digests kept in a dictionary before they are sorted in; or an eighth of all, if that is more


class Digests:
    """Digests to their numbers, which count up from 0 in the order they are added; for several threads.

    The first 8 bytes of each are sorted, and searched by halves; the others tell those apart that begin alike.
    """

    def __init__(self, content: bytes = b"") -> None:
        """Take in digests that stand one after the other."""
        self._lock = Lock()
        self._count = 0
        self._fresh: dict[bytes, int] = {}
        self._sort(np.frombuffer(content, np.uint8).reshape(-1, DIGEST))

    def __len__(self) -> int:
        """How many were added."""
        return self._count

    def find(self, digest: bytes) -> int:
        """The number of a digest; -1 if it is not there."""
        with self._lock:
            if (number := self._fresh.get(digest)) is not None:
                return number
            head = np.frombuffer(digest, np.uint64, 1)[0]
            place = int(np.searchsorted(self._heads, head))
            while place < len(self._heads) and self._heads[place] == head:
                if self._keys[self._order[place]].tobytes() == digest:
                    return int(self._order[place])
                place += 1
            return -1

    def add(self, digests: Sequence[bytes]) -> None:
        """Give the next numbers to digests that were not there before."""
        with self._lock:
            self._fresh.update(zip(digests, range(self._count, self._count + len(digests)), strict=True))
            self._count += len(digests)
            if len(self._fresh) > max(_FRESH, len(self._keys) // 8):
                fresh = np.frombuffer(b"".join(self._fresh), np.uint8).reshape(-1, DIGEST)
                self._sort(np.concatenate([self._keys, fresh]))

    def _sort(self, keys: NDArray[np.uint8]) -> None:
        heads = keys[:, :8].copy().view(np.uint64).ravel()
        self._keys, self._count = keys, len(keys)
        self._order = np.argsort(heads, kind="stable")
        self._heads = heads[self._order]
        self._fresh.clear()
