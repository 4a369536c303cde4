"""The picture that a record is about, as views need it: small, upright, in red, green and blue.

A record keeps a path only. What cannot be read is no reason to withhold the gaze: it is then
drawn on an empty ground, and the view says why.
"""

import io
from dataclasses import dataclass

import numpy as np

from regard import pictures
from regard.errors import RegardError
from regard.view.gaze import Pixels

GROUND = (138, 146, 156)
LEAST, MOST = 1 / 4, 4.0  # width : height of an empty ground


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """Pixels (height, width, 3), and what is amiss with them if they are an empty ground."""

    pixels: Pixels
    missing: str = ""

    @property
    def shape(self) -> float:
        """Width : height."""
        height, width, _ = self.pixels.shape
        return float(width / height)

    def resized(self, height: int, width: int) -> Pixels:
        """The pixels at another size."""
        if self.missing:
            return _ground(height, width)
        from PIL import Image

        return np.asarray(Image.fromarray(self.pixels).resize((width, height), Image.Resampling.LANCZOS))

    def jpeg(self) -> bytes:
        """A file to embed; nothing of an empty ground."""
        if self.missing:
            return b""
        from PIL import Image

        buffer = io.BytesIO()
        Image.fromarray(self.pixels).save(buffer, "JPEG", quality=82, optimize=True)
        return buffer.getvalue()


def photo(path: str, grid: tuple[int, int], side: int) -> Photo:
    """Read a picture, its longer side at most `side` pixels; an empty ground of square regions if that fails."""
    pixels, missing = read(path, side)
    if pixels is not None:
        return Photo(pixels)
    shape = min(max(grid[1] / grid[0], LEAST), MOST)
    height, width = round(side / max(shape, 1)), round(side * min(shape, 1))
    return Photo(_ground(height, width), f"{missing} The gaze is on an empty ground.")


def read(path: str, side: int) -> tuple[Pixels | None, str]:
    """The pixels of a picture file, or none and the reason in a sentence."""
    try:
        return pictures.thumbnail(path, side), ""
    except RegardError as error:
        return None, str(error)


def _ground(height: int, width: int) -> Pixels:
    return np.full((height, width, 3), GROUND, np.uint8)
