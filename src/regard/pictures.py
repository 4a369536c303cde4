"""A picture file to pixels, upright, in RGB, the whole of it scaled to a square; or one clear sentence why not.

What is met, and what becomes of it:

    turned or mirrored by its EXIF data     turned upright
    transparent                             laid on white
    palette, grey, 16 bits, CMYK            converted to RGB with 8 bits
    animated, or of several pages           the first one
    not a square                            squashed: no part of it is cut off
    a folder, a pipe, empty, no picture     DataError
    cut off, broken, in floating point      DataError
    more than 100 million pixels, 256 MiB   TooLarge, by its header alone
    FILE#17, FILE an array as MNIST's       its picture 17, from 0
    not there                               NoSuchFile

Needs Pillow, which is imported when the first picture is met.
"""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from regard import idx
from regard.errors import DataError, NoSuchFile, RegardError, TooLarge, UsageError
from regard.quiet import QUIET

if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS = 100_000_000  # of one picture: 300 MB once it is decoded; what claims more is a mistake or an attack
BYTES = 256 << 20  # of its file
DIGEST = 16  # bytes that stand for a content: two of a billion pictures share them once in 10^20 times
# No format that is a program to be run (EPS), and none that only one kind of instrument writes.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".ppm")

_ORIENTATION = 0x0112  # the EXIF tag
_TURNED = range(5, 9)  # orientations that swap width and height


def read(path: str | Path, side: int, channels: int = 3) -> NDArray[np.uint8]:
    """The pixels of a picture as (side, side, 3), or in grey as (side, side, 1)."""
    pillow = _pillow()
    with _opened(path) as image:
        # A JPEG is decoded at a half, a quarter or an eighth; twice the side leaves the good filter its work.
        image.draft(None, (2 * side, 2 * side))
        image.load()
        scaled = _coloured(image, path).resize((side, side), pillow.Resampling.BICUBIC, reducing_gap=3.0)
        upright = _on_white(_upright(scaled, _orientation(image)))
        return np.array(upright if channels == 3 else upright.convert("L")).reshape(side, side, channels)


def thumbnail(path: str | Path, side: int) -> NDArray[np.uint8]:
    """The pixels of a picture for people to look at: (height, width, 3) as it is shaped, the longer at most `side`."""
    with _opened(path) as image:
        orientation = _orientation(image)
        image.draft(None, (2 * side, 2 * side))
        small = _coloured(image, path)
        small.thumbnail((side, side), _pillow().Resampling.BICUBIC)
        return np.array(_on_white(_upright(small, orientation)))


def check(path: str | Path) -> tuple[int, int]:
    """Width and height of a picture, upright; raises what `read` would, at less cost.

    A cut or broken file shows only when all of it is decoded; of a JPEG an eighth is enough.
    """
    if inside := idx.named(path):
        height, width = idx.picture(*inside).shape[:2]
        return width, height
    with _opened(path) as image:
        upright = _size(image)
        image.draft(None, (1, 1))
        image.load()
        _check_mode(image, path)
        return upright


def size(path: str | Path) -> tuple[int, int]:
    """Width and height of a picture, upright, by its header alone."""
    with _opened(path) as image:
        return _size(image)


def pictures_in(folder: str | Path) -> list[str]:
    """The names of all files in a folder that end as pictures do, in their order. UsageError if there are none."""
    found = sorted(str(path) for path in Path(folder).iterdir() if path.suffix.lower() in SUFFIXES)
    if not found:
        raise UsageError(f"{folder} holds no pictures: none of its files ends in {', '.join(SUFFIXES)}.")
    return found


def digest(path: str | Path) -> bytes:
    """BLAKE2b of what is in the file: equal for equal pictures, whatever their names."""
    found = blake2b(digest_size=DIGEST)
    if inside := idx.named(path):
        found.update(idx.picture(*inside).tobytes())
        return found.digest()
    try:
        with _file(path).open("rb") as file:
            while chunk := file.read(1 << 20):
                found.update(chunk)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    return found.digest()


def _pillow() -> ModuleType:
    try:
        from PIL import Image
    except ModuleNotFoundError:
        raise UsageError('pictures need Pillow, which is not installed: pip install "regard[picture]"') from None
    return Image


def _file(path: str | Path) -> Path:
    """The path, if it is a file of a sensible size."""
    try:
        status = Path(path).stat()
    except PermissionError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    except (OSError, ValueError):  # a name that no file can have is the name of none
        raise NoSuchFile(f"{path}: no such picture.") from None
    if stat.S_ISDIR(status.st_mode):
        raise DataError(f"{path}: is a folder, expected a picture.")
    if not stat.S_ISREG(status.st_mode):
        raise DataError(f"{path}: is a pipe or a device, expected a picture.")
    if not status.st_size:
        raise DataError(f"{path}: is empty, expected a picture.")
    if status.st_size > BYTES:
        raise TooLarge(f"{path}: is {status.st_size >> 20:,} MiB, expected a picture of at most {BYTES >> 20} MiB.")
    return Path(path)


@contextmanager
def _opened(path: str | Path) -> Iterator["Image"]:
    """A picture whose header was read and judged; whatever goes wrong with it meanwhile is one sentence."""
    pillow = _pillow()
    if inside := idx.named(path):
        yield pillow.fromarray(np.asarray(idx.picture(*inside)))
        return
    found = _file(path)
    with QUIET:
        try:
            with pillow.open(found, formats=FORMATS) as image:
                _judge(image.size, path)
                yield image
        except RegardError:
            raise
        except pillow.UnidentifiedImageError:
            raise DataError(f"{path}: is no picture that can be read, expected {', '.join(FORMATS)}.") from None
        except pillow.DecompressionBombError:
            raise TooLarge(f"{path}: is too large, expected at most {PIXELS:,} pixels.") from None
        except MemoryError:
            raise TooLarge(f"{path}: is too large for the memory that is left.") from None
        except Exception as error:  # broken bytes raise anything: EOFError, IndexError, struct.error, zlib.error ...
            raise DataError(f"{path}: cut off or broken ({error}).") from error


def _judge(size: tuple[int, int], path: str | Path) -> None:
    width, height = size
    if min(size) < 1:
        raise DataError(f"{path}: is {width} x {height} pixels, expected at least one.")
    if width * height > PIXELS:
        raise TooLarge(f"{path}: is {width:,} x {height:,}, expected at most {PIXELS:,} pixels.")


def _orientation(image: "Image") -> int:
    """1 for upright, 2 to 8 as EXIF has it; broken metadata says nothing."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # as above; the pixels may be fine
        return 1


def _size(image: "Image") -> tuple[int, int]:
    if image.format == "TIFF":  # Pillow turns these itself, some versions while opening them and some while decoding
        image.load()
    width, height = image.size
    hidden = image.format == "PNG" and "exif" not in image.info  # to look behind the pixels, all would be decoded
    return (height, width) if not hidden and _orientation(image) in _TURNED else (width, height)


def _check_mode(image: "Image", path: str | Path) -> None:
    if image.mode == "F":
        raise DataError(f"{path}: has floating-point pixels, expected 8 or 16 bits.")


def _coloured(image: "Image", path: str | Path) -> "Image":
    """In RGB, or in RGBA if anything in it can be seen through."""
    _check_mode(image, path)
    if image.mode.startswith("I"):  # 16 bits, whose conversion by Pillow turns all but the darkest to white
        grey: Image = _pillow().fromarray((np.clip(np.asarray(image), 0, 65535) // 257).astype(np.uint8))
        return grey.convert("RGB")
    transparent = "transparency" in image.info or image.mode.endswith(("A", "a"))
    return image.convert("RGBA" if transparent else "RGB")


def _upright(image: "Image", orientation: int) -> "Image":
    turn = _pillow().Transpose
    turns = (
        turn.FLIP_LEFT_RIGHT,
        turn.ROTATE_180,
        turn.FLIP_TOP_BOTTOM,
        turn.TRANSPOSE,
        turn.ROTATE_270,
        turn.TRANSVERSE,
        turn.ROTATE_90,
    )
    return image.transpose(turns[orientation - 2]) if orientation in range(2, 9) else image


def _on_white(image: "Image") -> "Image":
    if image.mode != "RGBA":
        return image
    white: Image = _pillow().new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white
