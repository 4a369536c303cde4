"""A picture as a sequence of tokens: its patches, row by row, each as the nearest of a learnt codebook."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from regard.build import Size
from regard.errors import ConfigError, DataError, ModelError, UsageError
from regard.files import replacing
from regard.types import EOS, SPECIALS

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
FILE = "codebook.npy"
ROUNDS = 20  # of k-means; most of it comes in the first five
BLOCK = 4096  # patches that are compared at once


@dataclass(frozen=True, kw_only=True)
class Patches:
    """How a picture is written in tokens, where a decoder of text is to draw it.

    Options:
        side: pixels of a patch's side, of which the picture's is a multiple
        size: patches in the codebook, at most
        learnt_from: patches that the codebook is learnt from, at most
    """

    side: Size = 4
    size: Size = 256
    learnt_from: Size = 100_000


class Codebook:
    """code(patch) = argmin_k |patch - book_k|^2; the book is k-means of training patches (Lloyd, 1982).

    Its first entries are k-means++ (Arthur and Vassilvitskii, 2007): each patch is chosen as likely as it is far,
    squared, from all before it. Token k + 4 is entry k; the special signs come before it. Pictures are side x side
    pixels of so many channels.
    """

    def __init__(self, options: Patches, side: int, channels: int) -> None:
        if side % options.side:
            raise ConfigError(
                f"[patches] side is {options.side}, and [picture] side {side}: that must be a multiple of it."
            )
        self.options, self.side, self.channels = options, side, channels
        self.across = side // options.side
        self._book: Floats | None = None

    @property
    def size(self) -> int:
        """How many tokens there are, the special signs included. UsageError before `fit` or `load`."""
        return len(SPECIALS) + len(self.book)

    @property
    def length(self) -> int:
        """Patches of a picture."""
        return self.across * self.across

    @property
    def book(self) -> Floats:
        """The entries (K, D). UsageError before `fit` or `load`."""
        if self._book is None:
            raise UsageError("This codebook holds no patches yet: fit or load it first.")
        return self._book

    def fit(self, pictures: Iterable[Bytes], seed: int) -> None:
        """Learn the entries from patches of these pictures. DataError without a picture."""
        random = np.random.default_rng((seed, self.options.size))
        cut = [self.cut(picture) for picture in pictures]
        if not cut:
            raise DataError("There is no picture to learn a codebook from.")
        patches = np.concatenate(cut)
        if len(patches) > self.options.learnt_from:
            patches = patches[np.sort(random.choice(len(patches), self.options.learnt_from, replace=False))]
        self._book = clusters(patches.astype(np.float32), self.options.size, random)

    def encode(self, picture: Bytes) -> list[int]:
        """Its tokens, the end sign last."""
        return [*(nearest(self.cut(picture).astype(np.float32), self.book)[0] + len(SPECIALS)).tolist(), EOS]

    def decode(self, tokens: Sequence[int]) -> Bytes:
        """The picture after each token (T, H, W, C): patches are laid row by row on black; signs add nothing."""
        patch, across = self.options.side, self.across
        canvas = np.zeros((self.side, self.side, self.channels), np.uint8)
        found = np.zeros((len(tokens), *canvas.shape), np.uint8)
        entries = np.clip(np.rint(self.book), 0, 255).astype(np.uint8).reshape(-1, patch, patch, self.channels)
        for place, token in enumerate(tokens):
            if token >= len(SPECIALS) and place < self.length:
                top, left = (patch * at for at in divmod(place, across))
                canvas[top : top + patch, left : left + patch] = entries[token - len(SPECIALS)]
            found[place] = canvas
        return found

    def boxes(self, count: int) -> Floats:
        """Where each of so many tokens is laid (T, 1, 4), in shares of the sides; all zero behind the last patch."""
        top, left = np.divmod(np.arange(count), self.across)
        boxes: Floats = (np.stack([left, top, left + 1, top + 1], -1) / self.across).astype(np.float32)
        boxes[self.length :] = 0
        return boxes[:, None]

    def cut(self, picture: Bytes) -> Bytes:
        """Its patches, row by row (N, D)."""
        patch, across = self.options.side, self.across
        rows = picture.reshape(across, patch, across, patch, self.channels).swapaxes(1, 2)
        return rows.reshape(self.length, -1)

    def save(self, folder: Path) -> None:
        """Write the entries."""
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / FILE) as temporary, temporary.open("wb") as stream:
            np.save(stream, self.book)

    def load(self, folder: Path) -> None:
        """Read them. ModelError if they are missing, damaged, or of other patches."""
        path = folder / FILE
        try:
            book = np.load(path, allow_pickle=False)
        except FileNotFoundError:
            raise ModelError(f"{path} is missing: it holds the patches that pictures are made of.") from None
        except (OSError, ValueError, EOFError) as error:
            raise ModelError(f"{path} is damaged: {error}") from None
        wanted = self.options.side**2 * self.channels
        if book.ndim != 2 or book.shape[1] != wanted or not len(book):
            raise ModelError(f"{path} holds {list(book.shape)}, expected patches of {wanted} bytes each.")
        self._book = book.astype(np.float32)


def clusters(points: Floats, number: int, random: np.random.Generator) -> Floats:
    """The means of k-means (K, D), K at most `number`; fewer where fewer points differ."""
    book = _spread(points, number, random)
    for _ in range(ROUNDS):
        own, _ = nearest(points, book)
        counts = np.bincount(own, minlength=len(book))
        sums = np.zeros(book.shape, np.float64)
        np.add.at(sums, own, points)
        moved = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], book).astype(np.float32)
        if np.array_equal(moved, book):
            break
        book = moved
    return book


def nearest(points: Floats, book: Floats) -> tuple[NDArray[np.int64], Floats]:
    """The nearest entry to each point, of equal ones the first, and the squared distance."""
    squares = np.square(book).sum(1)
    found, far = [], []
    for first in range(0, len(points), BLOCK):
        block = points[first : first + BLOCK]
        apart = squares - 2 * block @ book.T
        own = apart.argmin(1)
        found.append(own)
        far.append(np.maximum(apart[np.arange(len(block)), own] + np.square(block).sum(1), 0))
    return np.concatenate(found), np.concatenate(far)


def _spread(points: Floats, number: int, random: np.random.Generator) -> Floats:
    """The first entries, far from each other."""
    chosen = [int(random.integers(len(points)))]
    far = np.square(points - points[chosen[0]]).sum(1, dtype=np.float64)
    while len(chosen) < number and far.any():
        chosen.append(int(random.choice(len(points), p=far / far.sum())))
        far = np.minimum(far, np.square(points - points[chosen[-1]]).sum(1, dtype=np.float64))
    return points[chosen]
