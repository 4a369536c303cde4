"""What a model returns: a record that shows and saves itself; and files of many records."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from regard import errors
from regard.files import replacing
from regard.types import Record
from regard.view import drawing, fixations, numbers, page, png, svg, words
from regard.view.lines import Lines
from regard.view.nbest import NBest

Writer = Callable[[Sequence[Record]], bytes]


def _or_film(usual: Writer, of_looks: Writer, of_steps: Writer) -> Writer:
    """A film where the records have looks one after the other, or steps of drawing; else what is usual."""

    def write(records: Sequence[Record]) -> bytes:
        if drawing.is_drawn(records):
            return of_steps(records)
        return (of_looks if fixations.is_film(records) else usual)(records)

    return write


STREAMED: dict[str, Lines[Record]] = {".json": numbers.JSON, ".pharaoh": words.PHARAOH}
WRITERS: dict[str, Writer] = {
    **{suffix: lines.whole for suffix, lines in STREAMED.items()},
    ".gif": _or_film(fixations.to_gif, fixations.to_gif, drawing.to_gif),
    ".html": _or_film(page.to_html, fixations.to_html, drawing.to_html),
    ".npz": numbers.to_npz,
    ".png": _or_film(png.to_png, fixations.to_png, drawing.to_png),
    ".svg": svg.to_svg,
}


@dataclass(frozen=True, slots=True)
class Output(NBest):
    """What a model returns for one source: its text, and the attention behind it, ready to show and save."""

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return svg.draw([self])

    def show(self, words: bool = True) -> None:
        """Print the attention in the terminal; `words=False` keeps the model's own tokens."""
        from regard.view import terminal  # which takes longer to import than a sentence to translate

        terminal.show(self, words=words)

    def save(self, path: str | Path) -> None:
        """Write the attention to a file; the suffix (.gif .html .json .npz .pharaoh .png .svg) says how."""
        save([self], path)


def save(records: Iterable[Record], path: str | Path) -> None:
    """Write all records into one file, by its suffix: all of it or nothing."""
    path = Path(path)
    write = writer(path)  # before the records are made: a wrong name should not cost the work
    content = write(list(records))
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def possible(path: Path, *, pictures: bool, filmed: bool) -> None:
    """UsageError for a suffix that the records of a model cannot be written by, with those that they can.

    `pictures`: it reads or draws pictures, which have no words to link; `filmed`: it looks at parts of one, one after
    the other, or draws one step by step.
    """
    cannot = {
        **({".pharaoh": "links words, and this model has pictures in their place"} if pictures else {}),
        **({} if filmed else {".gif": "is a film of looks or of drawing, and this model makes none"}),
    }
    if why := cannot.get(path.suffix.lower()):
        known = ", ".join(suffix for suffix in sorted(WRITERS) if suffix not in cannot)
        raise errors.UsageError(f"{path}: {path.suffix.lower()} {why}. Its attention can be written as {known}.")


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
