r"""Files to lines: a line ends at \n and nowhere else, in plain and in gzip files alike.

A final \r and a UTF-8 byte order mark at the start are taken off. Other signs
that some tools break lines at (U+2028, U+0085, form feed ...) stay inside
their line, so two aligned files can never shift against each other.
"""

import difflib
import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from regard.data.findings import Fault, Rule
from regard.errors import DataError, NoSuchFile

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_GZIP = b"\x1f\x8b"  # no UTF-8 text begins so: a packed file is known whatever its name
_LARGEST = 1 << 24  # bytes of one line of training data; what comes after is passed over, not stored
_CHUNK = 1 << 20


def existing(path: str | Path) -> Path:
    """The path if it is a file; else a DataError that helps to find the right one."""
    path = Path(path)
    try:
        if path.is_dir():
            raise DataError(f"{path}: is a folder, expected a file. {_holds(path)}")
        if not path.exists():
            raise NoSuchFile(f"{path}: no such file. {_nearest(path)}")
        if not path.is_file():
            raise DataError(f"{path}: is a pipe or a device, expected a file.")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    return path


def _holds(folder: Path) -> str:
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f"It holds: {', '.join(names[:10])}{more}." if names else "It holds no files."


def _nearest(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either."
    names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else _holds(path.parent)


def read_lines(path: str | Path) -> Iterator[tuple[str, bool]]:
    """Yield (text, broken) for each line of a file, or of the standard input for `-`.

    Exactly one text for each line, whatever is in it: what is not UTF-8
    becomes U+FFFD and `broken` is true. A last line without a line feed counts,
    a line feed at the very end begins no further line.
    """
    if str(path) == "-":
        return map(_replaced, _split(sys.stdin.buffer, size=-1))
    return map(_replaced, _raw_lines(existing(path), size=-1))


def texts(path: Path) -> Iterator[str | Fault]:
    """Yield each line of training data, or the fault that makes it unusable."""
    for line, raw in enumerate(_raw_lines(path, size=_LARGEST), 1):
        if len(raw) >= _LARGEST:
            yield Fault(Rule.TOO_LONG, path, line)
            continue
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError:
            yield Fault(Rule.BROKEN_TEXT, path, line)


def count_lines(path: Path) -> int:
    """How many lines `texts` will yield, without decoding them."""
    count, last = 0, b"\n"
    with _opened(path) as file:
        try:
            while chunk := file.read(_CHUNK):
                count += chunk.count(b"\n")
                last = chunk[-1:]
        except (EOFError, zlib.error, OSError) as error:
            raise _damaged(path, count, error) from error
    return count + (last != b"\n")


def _replaced(raw: bytes) -> tuple[str, bool]:
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        return raw.decode("utf-8", errors="replace"), True


def _raw_lines(path: Path, *, size: int) -> Iterator[bytes]:
    line = 0
    with _opened(path) as file:
        try:
            for line, raw in enumerate(_split(file, size=size), 1):
                if line == 1 and raw.startswith(_UTF16):
                    raise DataError(f"{path}:1: is UTF-16, expected UTF-8; save the file as UTF-8.")
                yield raw
        except (EOFError, zlib.error, OSError) as error:
            raise _damaged(path, line, error) from error


def _split(file: BinaryIO, *, size: int) -> Iterator[bytes]:
    """Lines without their ends; one longer than `size` bytes is cut to that size (-1: never)."""
    first = True
    while raw := file.readline(size):
        if len(raw) == size and not raw.endswith(b"\n"):
            yield raw
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(size)
        else:
            raw = raw.removesuffix(b"\n").removesuffix(b"\r")
            yield raw.removeprefix(_BOM) if first else raw
        first = False


def _opened(path: Path) -> BinaryIO:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP or path.suffix.lower() == ".gz"
        # A buffer in C around it: the lines of a GzipFile itself come three times as slowly.
        return io.BufferedReader(gzip.GzipFile(path)) if packed else path.open("rb")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error


def _damaged(path: Path, lines: int, error: Exception) -> DataError:
    return DataError(
        f"{path}: damaged or incomplete after {lines:,} readable lines ({error}). Fetch or pack the file again."
    )
