"""Files that are never half-written: a new file takes the old one's place only when it is whole."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TextIO

from regard.errors import UsageError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to; at the end it is flushed to disk and renamed to `path`."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a whole text file, UTF-8, with plain newlines everywhere."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 of the names and the content of files."""
    found = sha256()
    for path in paths:
        found.update(f"{path.name}\n".encode())
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                found.update(chunk)
    return found.hexdigest()


@contextmanager
def locked(path: Path, taken: str) -> Iterator[None]:
    """Hold a file that only one process can hold; UsageError with this message if another does. It ends with both."""
    with path.open("ab") as file:
        try:
            _lock(file.fileno())
        except (BlockingIOError, PermissionError):
            raise UsageError(taken) from None
        yield


def _lock(file: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def replaceable(path: Path) -> bool:
    """Whether a new file may take this place; a device or a pipe is written to. UsageError if it is neither."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file to write the outputs to.")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent} to write to.")
    return path.is_file() or not path.exists()


@contextmanager
def opened(path: str) -> Iterator[TextIO]:
    """A text file to write lines to, whole or not at all, or the standard output for `-`."""
    if path == "-":
        yield sys.stdout
        return
    if not replaceable(Path(path)):
        with Path(path).open("w", encoding="utf-8", newline="\n") as file:
            yield file
        return
    with replacing(Path(path)) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        yield file
