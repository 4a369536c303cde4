"""Output files that grow in whole steps, and that a run which was killed goes on with, bit for bit.

NAME is written as NAME.part and takes its place when all of it is there. So
nobody meets half an output that looks whole, what stood there before is lost
only when there is something better, and a file may be both input and output.

After each step the files are flushed to the disk, and then NAME.part.json
notes how many lines were worked off, what they and the options were, and how
many bytes each file has. What is there beyond those bytes, half a line perhaps,
is cut off by the run that goes on. It begins where a step did: how lines are
batched can move the last digit of a score.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from regard.errors import UsageError

Facts = Mapping[str, Any]


class Growing:
    """Files that grow together, one step at a time; a context, at whose end they take their places.

    `facts` are what the content depends on, beside the input: with `resume` they must be as they were.
    """

    def __init__(self, paths: Sequence[Path], facts: Facts, *, resume: bool = False) -> None:
        self.paths = tuple(paths)
        self.parts = tuple(_beside(path, ".part") for path in self.paths)
        self._facts = json.loads(json.dumps(facts))
        self._note = _beside(self.parts[0], ".json") if self.parts else None
        found = self._read() if resume else None
        self.lines: int = found["lines"] if found else 0
        self._input = found["input"] if found else ""
        self._digest = sha256()
        self._files = [_cut(part, size) for part, size in zip(self.parts, self._sizes(found), strict=True)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.flush()
            os.fsync(file.fileno())
            file.close()
        if kind is None:
            for part, path in zip(self.parts, self.paths, strict=True):
                part.replace(path)
        if (kind is None or not self.lines) and self._note:
            for leftover in (*self.parts, self._note):
                leftover.unlink(missing_ok=True)

    def skip(self, sources: Iterator[str]) -> None:
        """Pass over the lines that were worked off before. UsageError if they are others."""
        read = 0
        for source in islice(sources, self.lines):
            self._digest.update(source.encode("utf-8", "surrogatepass") + b"\n")
            read += 1
        if self.lines and (read < self.lines or self._digest.hexdigest() != self._input):
            raise UsageError(
                f"{self._note}: {self.lines:,} lines were worked off, and the input does not begin with them any more."
                " Leave out --resume to begin anew."
            )

    def write(self, file: int, text: str) -> None:
        """Add text to one of the files."""
        self._files[file].write(text.encode("utf-8", "replace"))

    def keep(self, sources: Sequence[str]) -> None:
        """A step is done: what these lines gave stays, whatever happens."""
        for source in sources:
            self._digest.update(source.encode("utf-8", "surrogatepass") + b"\n")
        for file in self._files:
            file.flush()
            os.fsync(file.fileno())
        self.lines += len(sources)
        if self._note:
            sizes = [file.tell() for file in self._files]
            note = {"lines": self.lines, "input": self._digest.hexdigest(), "sizes": sizes, "facts": self._facts}
            fresh = _beside(self._note, ".new")
            fresh.write_text(json.dumps(note), encoding="utf-8")
            fresh.replace(self._note)

    def _sizes(self, found: dict[str, Any] | None) -> list[int]:
        return found["sizes"] if found else [0] * len(self.parts)

    def _read(self) -> dict[str, Any] | None:
        """What was noted, if there is something to go on with. UsageError if it was made otherwise."""
        if not self._note or not self._note.exists() or not self.parts[0].exists():
            return None
        try:
            found: dict[str, Any] = json.loads(self._note.read_text(encoding="utf-8"))
            facts, sizes = found["facts"], found["sizes"]
            whole = all(part.stat().st_size >= size for part, size in zip(self.parts, sizes, strict=True))
        except (ValueError, KeyError, TypeError, FileNotFoundError):
            whole, facts = False, {}
        for name in facts.keys() | self._facts.keys() if whole else ():
            then, now = facts.get(name), self._facts.get(name)
            if then != now:
                raise UsageError(
                    f"{self.parts[0]} was begun with another {name}: {then!r}, now {now!r}."
                    f" Give what it was begun with, or leave out --resume to begin anew."
                )
        if not whole:
            raise UsageError(f"{self._note} is damaged or does not fit {self.parts[0]}: leave out --resume.")
        return found


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _cut(path: Path, size: int) -> BinaryIO:
    """Open a file for writing behind its first `size` bytes, and drop the others."""
    path.touch()
    file = path.open("r+b")
    file.truncate(size)
    file.seek(size)
    return file
