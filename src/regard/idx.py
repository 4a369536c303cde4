"""Files of arrays of bytes as MNIST comes (`*-ubyte`, also `.gz`): N pictures, or N labels of one or several numbers.

The format: two zero bytes, 8 for unsigned bytes, the number of dimensions, each of these as four bytes, the
largest first, then all numbers, row by row. A picture in it is named `FILE#17`, from 0.
"""

import gzip
import math
import struct
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from regard.errors import DataError, NoSuchFile
from regard.files import replacing

Bytes = NDArray[np.uint8]

MARK = "-ubyte"
PICTURES, LABELS = "images-idx3", "labels-idx{}"
KEPT = 4  # files whose content stays in memory, or mapped, once they were read
BYTE = 8  # what the format calls unsigned bytes


def is_idx(path: str | Path) -> bool:
    """Whether a file is called as such files are."""
    return Path(path).name.removesuffix(".gz").endswith(MARK)


def named(picture: str | Path) -> tuple[str, int] | None:
    """File and number, if this names a picture in such a file."""
    file, sign, number = str(picture).rpartition("#")
    return (file, int(number)) if sign and number.isdecimal() and is_idx(file) else None


def picture(file: str, number: int) -> Bytes:
    """One picture, (height, width) or, of colours, (height, width, 3). DataError if there is none of this number."""
    found = read(file)
    if found.ndim != 3 and not (found.ndim == 4 and found.shape[3] == 3):
        raise DataError(f"{file}: holds {found.ndim} dimensions, expected pictures, which have 3, or 4 in colours.")
    if number >= len(found):
        raise DataError(f"{file}#{number}: there is no such picture; it holds {len(found):,}, from 0.")
    one: Bytes = found[number]
    return one


def labels_of(file: str | Path) -> Path:
    """The file of labels beside one of pictures. DataError if there is none."""
    path = Path(file)
    plain = path.name.removesuffix(".gz")
    if PICTURES not in plain:
        raise DataError(f"{path}: expected a file of pictures, whose name holds {PICTURES}.")
    names = [plain.replace(PICTURES, LABELS.format(n)) + end for n in (1, 2) for end in ("", ".gz")]
    for name in names:
        if (path.parent / name).is_file():
            return path.parent / name
    raise NoSuchFile(f"{path}: no labels beside it, expected one of {', '.join(names)}.")


def read(file: str | Path) -> Bytes:
    """All that is in a file; one that is not packed is mapped, not read. DataError if it is damaged."""
    return _read(str(file))


def write(file: Path, content: Bytes) -> None:
    """Write an array: all of it or nothing; the same array gives the same file."""
    with replacing(file) as temporary, temporary.open("wb") as stream:
        stream.write(struct.pack(">HBB", 0, BYTE, content.ndim) + struct.pack(f">{content.ndim}I", *content.shape))
        stream.write(np.ascontiguousarray(content, np.uint8).data)


@lru_cache(KEPT)
def _read(file: str) -> Bytes:
    path = Path(file)
    try:
        if path.suffix != ".gz":
            with path.open("rb") as stream:
                shape, start = _shape(stream.read(4 + 4 * 4), path)
            _must_hold(path.stat().st_size - start, shape, path)
            return np.memmap(path, np.uint8, "r", start, shape) if math.prod(shape) else np.zeros(shape, np.uint8)
        content = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        raise NoSuchFile(f"{path}: no such file.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read, cut off or broken ({error}).") from None
    shape, start = _shape(content, path)
    _must_hold(len(content) - start, shape, path)
    return np.frombuffer(content, np.uint8, math.prod(shape), start).reshape(shape)


def _shape(head: bytes, path: Path) -> tuple[tuple[int, ...], int]:
    """What the first bytes say, and where the numbers begin."""
    dimensions = head[3] if len(head) > 3 else 0
    start = 4 + 4 * dimensions
    if head[:3] != bytes((0, 0, BYTE)) or not 1 <= dimensions <= 4 or len(head) < start:
        raise DataError(f"{path}: is not an array of unsigned bytes in the format of MNIST (idx).")
    return struct.unpack(f">{dimensions}I", head[4:start]), start


def _must_hold(size: int, shape: tuple[int, ...], path: Path) -> None:
    if size != math.prod(shape):
        said = " x ".join(map(str, shape))
        raise DataError(f"{path}: is cut off or broken: it says {said}, and holds {size:,} bytes.")
