"""Pictures of digits made of other digits: moved, among pieces of others, or two side by side (Mnih et al., 2014).

What is drawn follows from the settings alone. A split is made of its own digits, for which
MNIST's test set is `test`, the last twelfth of its training set `valid`, and the rest `train`.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from regard import idx
from regard.build import Count, Range, Size
from regard.errors import DataError, UsageError
from regard.files import write_text

Bytes = NDArray[np.uint8]
Split = Literal["train", "valid", "test"]
FILES = {"train": "train", "valid": "train", "test": "t10k"}  # of MNIST
HELD = 12  # one of so many training digits is for validation


@dataclass(frozen=True, kw_only=True)
class Digits:
    """How digits become pictures.

    Options:
        kind: moved to a place at random; moved, among pieces; or two of them, one in each half, left to right
        side: pixels of a picture
        pieces: cut from other digits of the split and laid at random places, where there is clutter
        piece: pixels of a piece's side
        lines: pictures
        split: whose digits
        seed: other seeds give other pictures
    """

    kind: Literal["translated", "cluttered", "pairs"] = "translated"
    side: Annotated[int, Range(28, 1024)] = 60
    pieces: Count = 4
    piece: Size = 8
    lines: Size = 1000
    split: Split = "train"
    seed: Count = 1

    def __post_init__(self) -> None:
        """UsageError for pictures that cannot be made."""
        if self.kind == "pairs" and self.side < 56:
            raise UsageError(f"--side is {self.side}; two digits of 28 pixels side by side want at least 56.")
        if self.kind == "cluttered" and self.piece > 28:
            raise UsageError(f"--piece is {self.piece}; a digit has 28 pixels.")


def draw(settings: Digits, digits: Bytes, labels: Bytes) -> tuple[Bytes, Bytes]:
    """The pictures (N, side, side), and the labels (N), or of pairs (N, 2)."""
    random = np.random.default_rng((settings.seed, *settings.split.encode()))
    each = 2 if settings.kind == "pairs" else 1
    pictures = np.zeros((settings.lines, settings.side, settings.side), np.uint8)
    chosen = _in_turn(len(digits), random)
    picked = np.array([[next(chosen) for _ in range(each)] for _ in range(settings.lines)])
    for picture, numbers in zip(pictures, picked, strict=True):
        width = settings.side // each
        for half, number in enumerate(numbers):
            _lay(digits[number], picture[:, half * width : (half + 1) * width], random)
        if settings.kind == "cluttered":
            for _ in range(settings.pieces):
                _lay(_piece(digits, settings.piece, random), picture, random)
    told = labels[picked]
    return pictures, told if each > 1 else told[:, 0]


def write(settings: Digits, source: Path, folder: Path) -> Path:
    """Write pictures, labels, and the settings beside them; return the file of pictures. DataError without digits."""
    file, digits, labels, part = _split(source, settings.split)
    pictures, told = draw(settings, digits[part], labels[part])
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / f"{settings.split}-{idx.PICTURES}{idx.MARK}"
    idx.write(folder / f"{settings.split}-{idx.LABELS.format(told.ndim)}{idx.MARK}", told)
    idx.write(out, pictures)
    facts = {**asdict(settings), "digits": file.name, "of": [part.start or 0, part.stop or len(digits)]}
    write_text(folder / f"{settings.split}.json", json.dumps(facts, indent=1) + "\n")
    return out


def mnist(folder: Path, split: Split) -> tuple[Bytes, Bytes]:
    """The digits of a split, (N, 28, 28), and what they are. DataError without digits."""
    _, digits, labels, part = _split(folder, split)
    return digits[part], labels[part]


def _split(folder: Path, split: Split) -> tuple[Path, Bytes, Bytes, slice]:
    """The file that a split is a part of, all that is in it, and which part that is."""
    source = _file(folder, FILES[split])
    digits, labels = idx.read(source), idx.read(idx.labels_of(source))
    if len(digits) != len(labels) or digits.shape[1:] != (28, 28) or len(digits) < 2 * HELD:
        raise DataError(
            f"{source}: has the shape {digits.shape}, expected digits of 28 x 28, and {len(labels)} labels."
        )
    kept = len(digits) - len(digits) // HELD
    return source, digits, labels, {"train": slice(kept), "valid": slice(kept, None), "test": slice(None)}[split]


def _file(folder: Path, name: str) -> Path:
    names = [f"{name}-{idx.PICTURES}{idx.MARK}{end}" for end in ("", ".gz")]
    for found in names:
        if (folder / found).is_file():
            return folder / found
    raise DataError(f"{folder}: holds no digits, expected the files of MNIST, {' or '.join(names)} among them.")


def _in_turn(count: int, random: Generator) -> Iterator[int]:
    """All of them in a random order, then all in another."""
    while True:
        yield from random.permutation(count).tolist()


def _lay(small: Bytes, ground: Bytes, random: Generator) -> None:
    """Lay it somewhere at random, all of it inside; of two pixels the brighter one is seen."""
    height, width = small.shape
    top, left = (int(random.integers(0, room + 1)) for room in np.subtract(ground.shape, small.shape))
    under = ground[top : top + height, left : left + width]
    np.maximum(under, small, out=under)


def _piece(digits: Bytes, side: int, random: Generator) -> Bytes:
    top, left = random.integers(0, 28 - side + 1, 2).tolist()
    piece: Bytes = digits[int(random.integers(len(digits))), top : top + side, left : left + side]
    return piece
