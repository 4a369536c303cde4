"""Files that are never half-written: a new file takes the old one's place only when it is whole."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def opened(path: str) -> Iterator[TextIO]:
    """A text file to write lines to, whole or not at all, or the standard output for `-`."""
    if path == "-":
        yield sys.stdout
        return
    if Path(path).is_dir():
        raise UsageError(f"{path} is a folder: name a file to write the outputs to.")
    if not Path(path).parent.is_dir():
        raise UsageError(f"{path}: there is no folder {Path(path).parent} to write to.")
    with replacing(Path(path)) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        yield file
