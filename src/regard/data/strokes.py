"""What scenes are made of: digits made smaller, and coloured shapes."""

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
COLOURS = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1), "yellow": (1, 1, 0), "pink": (1, 0, 1)}
COLOURS |= {"white": (1, 1, 1)}
SHAPES = ("square", "circle", "triangle", "cross", "ring")


def resized(picture: Bytes, side: int) -> Bytes:
    """A square picture at another side: each pixel is the mean of what lies under it."""
    weights = _shares(picture.shape[0], side)
    return np.rint(weights @ picture.astype(np.float64) @ weights.T).astype(np.uint8)


def trimmed(picture: Bytes) -> Bytes:
    """The least square around what is lit, in the middle; where it would leave the picture, it stops."""
    lit = [np.flatnonzero(picture.any(axis)) for axis in (1, 0)]
    side = max(int(at[-1] - at[0] + 1) for at in lit)
    top, left = (min(max(0, (int(at[0] + at[-1]) + 2 - side) // 2), picture.shape[0] - side) for at in lit)
    return picture[top : top + side, left : left + side]


def figure(name: str, side: int) -> Bytes:
    """A coloured shape on black, (side, side, 3), such as "red square"; all bytes are 0 or 255."""
    colour, shape = name.split()
    lit = np.array(COLOURS[colour], np.uint8) * 255
    return outline(shape, side)[..., None] * lit


def outline(shape: str, side: int) -> NDArray[np.bool_]:
    """Which pixels a shape covers, as wide and high as it may be."""
    middle = (np.arange(side) + 0.5) / side * 2 - 1
    x, y = middle[None, :], middle[:, None]
    around = np.hypot(x, y)
    covered = {
        "square": np.maximum(abs(x), abs(y)) <= 0.85,
        "circle": around <= 1,
        "triangle": abs(x) <= (y + 1) / 2,
        "cross": np.minimum(abs(x), abs(y)) <= 0.3,
        "ring": (around <= 1) & (around >= 0.5),
    }
    return np.broadcast_to(covered[shape], (side, side))


def _shares(old: int, new: int) -> NDArray[np.float64]:
    """How much of each old pixel lies in each new one (new, old); rows sum to one."""
    edges = np.arange(new + 1) * old / new
    low, high = np.maximum(edges[:-1, None], np.arange(old)), np.minimum(edges[1:, None], np.arange(1, old + 1))
    share = np.maximum(high - low, 0)
    return np.asarray(share / share.sum(1, keepdims=True))
