"""The picture that a record is about, as views need it: small, upright, in red, green and blue.

A record keeps a path only. What cannot be read is no reason to withhold the gaze: it is then
drawn on an empty ground, and the view says why.
"""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from regard.view.gaze import Pixels

if TYPE_CHECKING:
    from PIL import Image

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
    if not Path(path).is_file():
        return None, f"{path}: there is no such file."
    try:
        from PIL import Image
    except ImportError:
        return None, f"{path}: pictures need Pillow: pip install 'regard[picture]'."
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(path) as image:
                return np.asarray(_upright(image, side)), ""
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            return None, f"{path}: has too many pixels (at most {(Image.MAX_IMAGE_PIXELS or 0) / 1e6:.0f} million)."
        except (OSError, ValueError, SyntaxError, EOFError):
            return None, f"{path}: is not a picture that can be read."


def _upright(image: "Image.Image", side: int) -> "Image.Image":
    """As it is meant to be held: cameras note in a tag (EXIF) how they were turned."""
    from PIL import ImageOps

    image.draft("RGB", (2 * side, 2 * side))  # a large JPEG is read at a fraction of its size
    small = ImageOps.exif_transpose(image).convert("RGB")
    small.thumbnail((side, side))
    return small


def _ground(height: int, width: int) -> Pixels:
    return np.full((height, width, 3), GROUND, np.uint8)
