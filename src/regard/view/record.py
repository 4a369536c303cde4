"""What a model returns: a record that shows and saves itself; and files of many records."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from regard import errors
from regard.files import replacing
from regard.types import Record
from regard.view import numbers, page, png, svg, terminal, words

Writer = Callable[[Sequence[Record]], bytes]

WRITERS: dict[str, Writer] = {
    ".html": page.to_html,
    ".json": numbers.to_json,
    ".npz": numbers.to_npz,
    ".pharaoh": words.pharaoh,
    ".png": png.to_png,
    ".svg": svg.to_svg,
}


@dataclass(frozen=True, slots=True)
class Output(Record):
    """The best record for a source, and the rest of the n-best list behind it, best first."""

    alternatives: tuple[Record, ...] = ()

    @classmethod
    def best_of(cls, records: Sequence[Record]) -> Self:
        """Make one output of an n-best list, best first."""
        best, *rest = records
        return cls(*(getattr(best, field.name) for field in fields(Record)), alternatives=tuple(rest))

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return svg.draw([self])

    def show(self, words: bool = True) -> None:
        """Print the attention in the terminal; `words=False` keeps the model's own tokens."""
        terminal.show(self, words=words)

    def save(self, path: str | Path) -> None:
        """Write the attention to a file; the suffix (.html .json .npz .pharaoh .png .svg) says how."""
        save([self], path)

    def to_json(self) -> dict[str, Any]:
        """As plain data; an n-best list is under "nbest", whole and best first."""
        best = Record.to_json(self)  # not super(): `slots` makes a second class, which super() misses
        if not self.alternatives:
            return best
        return best | {"nbest": [best, *(record.to_json() for record in self.alternatives)]}


def save(records: Iterable[Record], path: str | Path) -> None:
    """Write all records into one file, by its suffix: all of it or nothing."""
    path = Path(path)
    write = writer(path)  # before the records are made: a wrong name should not cost the work
    content = write(list(records))
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def writer(path: Path) -> Writer:
    """Find the writer for a file name, or say what is wrong with the name."""
    suffix = path.suffix.lower()
    if suffix not in WRITERS:
        raise errors.UsageError(f"{path}: {errors.unknown('unknown suffix for attention', suffix, WRITERS)}")
    if path.is_dir():
        raise errors.UsageError(f"{path} is a folder: name a file to write the attention to.")
    if not path.parent.is_dir():
        raise errors.UsageError(f"{path}: there is no folder {path.parent} to write to; make it first.")
    return WRITERS[suffix]
