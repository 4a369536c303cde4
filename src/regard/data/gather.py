"""Pictures to rows: what is not there yet is decoded ahead of time, encoded in batches, and kept."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regard import pictures
from regard.data.rows import Adding, Rows
from regard.errors import DataError

Picture = NDArray[np.uint8]
Encode = Callable[[list[Picture]], NDArray[Any]]

_Found = tuple[bytes, Picture | None] | DataError  # the picture only if its digest has no row


def gather(
    rows: Rows,
    paths: Sequence[str],
    encode: Encode,
    *,
    side: int,
    channels: int = 3,
    batch: int = 32,
    threads: int = 2,
    progress: Callable[[int, int], None] | None = None,
    broken: Callable[[str, str], None] | None = None,
) -> NDArray[np.int64]:
    """Fill `rows` with what is not there yet; returns the number of each path's row, -1 for what is no picture.

    encode: up to `batch` different pictures, (side, side, channels) each, to an array with a row for each.
    progress: is told how many paths were looked at, and how many there are.
    broken: is told a path, and the sentence that says what is wrong with it.
    """
    with ExitStack() as stack:
        filling = _Filling(rows, encode, len(paths), stack)
        pool = stack.enter_context(ThreadPoolExecutor(threads, "pictures"))
        for i, found in enumerate(_ahead(pool, partial(_look, rows, side, channels), paths, 2 * batch)):
            if not isinstance(found, DataError):
                filling.take(i, *found)
            elif broken:
                broken(paths[i], str(found))
            if filling.waiting == batch:
                filling.step()
            if progress:
                progress(i + 1, len(paths))
        filling.step()
    return filling.numbers


class _Filling:
    """The pictures that wait to be encoded together, each once, and the rows that all have found."""

    def __init__(self, rows: Rows, encode: Encode, count: int, stack: ExitStack) -> None:
        self.numbers = np.full(count, -1, np.int64)
        self._rows, self._encode, self._stack = rows, encode, stack
        self._adding: Adding | None = None  # until there is something to add: nobody is kept out for nothing
        self._places: dict[bytes, list[int]] = {}
        self._pictures: list[Picture] = []

    @property
    def waiting(self) -> int:
        """How many pictures are to be encoded."""
        return len(self._pictures)

    def take(self, place: int, digest: bytes, picture: Picture | None) -> None:
        """The path at this place has such a content."""
        if digest in self._places:
            self._places[digest].append(place)
        elif (number := self._rows.find(digest)) >= 0:
            self.numbers[place] = number
        elif picture is not None:
            self._places[digest] = [place]
            self._pictures.append(picture)

    def step(self) -> None:
        """Encode what waits, and keep it."""
        if not self._pictures:
            return
        self._adding = self._adding or self._stack.enter_context(self._rows.adding())
        first = len(self._rows)
        self._adding(list(self._places), self._encode(self._pictures))
        for number, places in enumerate(self._places.values(), first):
            self.numbers[places] = number
        self._places, self._pictures = {}, []


def _look(rows: Rows, side: int, channels: int, path: str) -> _Found:
    try:
        digest = pictures.digest(path)
        return digest, None if rows.find(digest) >= 0 else pictures.read(path, side, channels)
    except DataError as error:
        return error


def _ahead(
    pool: ThreadPoolExecutor, look: Callable[[str], _Found], paths: Sequence[str], most: int
) -> Iterator[_Found]:
    """The results in order; at most so many are worked on or wait to be taken."""
    window: deque[Future[_Found]] = deque()
    for path in paths:
        window.append(pool.submit(look, path))
        if len(window) == most:
            yield window.popleft().result()
    while window:
        yield window.popleft().result()
