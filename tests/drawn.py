"""Pictures drawn by tests: four quarters of known colours, saved in any format."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
QUARTERS = (RED, GREEN, BLUE, WHITE)  # top left, top right, bottom left, bottom right


def quarters(width: int = 40, height: int = 24) -> NDArray[np.uint8]:
    """A picture whose every quarter has its own colour."""
    pixels = np.zeros((height, width, 3), np.uint8)
    for i, colour in enumerate(QUARTERS):
        top, left = i // 2 * height // 2, i % 2 * width // 2
        pixels[top : top + height // 2, left : left + width // 2] = colour
    return pixels


def save(path: Path, pixels: NDArray[Any] | None = None, mode: str = "", **options: Any) -> Path:
    """Write pixels (the quarters, if none are given) in the format of the suffix."""
    image = Image.fromarray(quarters() if pixels is None else pixels)
    path.parent.mkdir(parents=True, exist_ok=True)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def plain(path: Path, number: int, side: int = 8) -> Path:
    """A picture that no other number gives."""
    return save(path, np.full((side, side, 3), [number % 256, number // 256 % 256, 7], np.uint8))


def corners(pixels: NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters."""
    height, width = pixels.shape[:2]
    return [tuple(map(int, pixels[y, x])) for y in (height // 4, -height // 4) for x in (width // 4, -width // 4)]
