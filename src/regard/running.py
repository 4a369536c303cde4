"""Many lines through a model, in memory that does not grow with their number."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from regard.data.lines import count_lines, existing, read_lines
from regard.decode.engine import ROWS
from regard.files import digest
from regard.growing import Growing
from regard.pictures import pictures_in
from regard.predictor import Predictor
from regard.view.lines import Lines as Format
from regard.view.record import Output
from regard.wording import NO_WISHES, Wishes

WINDOW = 1024  # lines worked off in one step: what a kill costs at most, and how often a bar moves
TOLD = 50  # lines that are named in a report
# All that decides what a model says; its training, its card and what is written beside them do not.
MODEL = ("*.toml", "*.safetensors", "*.onnx", "*.onnx.data", "*/vocabulary.txt", "*/pieces.model", "*/codebook.npy")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a model for each line."""

    beam: int | None = None
    nbest: int = 1
    wishes: Wishes = NO_WISHES
    rows: int = ROWS


class Lines:
    """The lines to run, given ones or those of a file; it remembers which held bytes that are not UTF-8."""

    def __init__(self, given: Sequence[str], *, folders: bool = False) -> None:
        """Take a list of texts, or the name of a file, - for the standard input.

        With `folders`, the name of a folder stands for all pictures in it.
        """
        if folders and given != "-":
            names = [given] if isinstance(given, str) else given
            if any(Path(name).is_dir() for name in names):
                given = [path for name in names for path in (pictures_in(name) if Path(name).is_dir() else [name])]
        self._given = given
        self._broken: list[int] = []

    def __iter__(self) -> Iterator[str]:
        if not isinstance(self._given, str):
            yield from self._given
            return
        for number, (text, broken) in enumerate(read_lines(self._given), 1):
            if broken:
                self._broken.append(number)
            yield text

    def count(self) -> int | None:
        """How many there are, if that can be known beforehand."""
        if not isinstance(self._given, str):
            return len(self._given)
        return None if self._given == "-" else count_lines(existing(self._given))

    def report(self) -> str:
        """What to tell of broken lines."""
        if not self._broken:
            return ""
        count = "1 line" if len(self._broken) == 1 else f"{len(self._broken)} lines"
        first = ", ".join([*map(str, self._broken[:5]), *(["..."] if len(self._broken) > 5 else [])])
        return f"{count} held bytes that are not UTF-8, which became \ufffd (line {first}).\n"


@dataclass(slots=True)
class Unmet:
    """Which outputs are not as they were wished: how many, and the first of them line by line."""

    wishes: Wishes
    lines: int = 0
    first: list[str] = field(default_factory=list)

    def look(self, number: int, source: str, output: Output) -> None:
        """Judge the output of line `number`; of an empty one nothing is wished."""
        found = self.wishes.line(source).unmet(output.text) if output.tokens else []
        self.lines += bool(found)
        if found and len(self.first) < TOLD:
            self.first.append(f"line {number}: {', '.join(found)}")

    def report(self) -> str:
        """What to tell at the end; nothing if all is well."""
        if not self.lines:
            return ""
        more = [f"... and {self.lines - TOLD:,} more"] if self.lines > TOLD else []
        count = "1 line is" if self.lines == 1 else f"{self.lines:,} lines are"
        return "\n".join([*self.first, *more, f"{count} not as wished: the model found no such output."]) + "\n"


@dataclass(slots=True)
class Faults:
    """Which sources could not be read: how many, and what is told of the first."""

    lines: int = 0
    first: list[str] = field(default_factory=list)

    def look(self, output: Output) -> None:
        """Note it, if this is one."""
        self.lines += bool(output.fault)
        if output.fault and len(self.first) < TOLD:
            self.first.append(output.fault)

    def report(self) -> str:
        """What to tell at the end; nothing if all is well."""
        if self.lines < 2:
            return "".join(self.first)
        more = [f"... and {self.lines - TOLD:,} more"] if self.lines > TOLD else []
        return "\n".join([f"{self.lines:,} sources could not be read; their outputs are empty.", *self.first, *more])


@dataclass(slots=True)
class Notes:
    """Which sources were longer than the limit: how many, and what is told of the first `most`."""

    most: int = TOLD
    lines: int = 0
    first: list[str] = field(default_factory=list)

    def look(self, number: int, output: Output) -> None:
        """Note it, if line `number` is one."""
        self.lines += bool(output.note)
        if output.note and len(self.first) < self.most:
            self.first.append(f"line {number}: {output.note}")

    def report(self) -> str:
        """What to tell at the end; nothing if all is well."""
        if not self.lines:
            return ""
        more = [f"... and {self.lines - self.most:,} more"] if self.lines > self.most else []
        count = "1 source is" if self.lines == 1 else f"{self.lines:,} sources are"
        return "\n".join([*self.first, *more, f"{count} longer than data.longest."]) + "\n"


@dataclass(frozen=True, slots=True)
class Job:
    """Lines through a model into files and other sinks.

    formats: what is written of an output into each of the files; sinks: what else is done with it.
    """

    model: Predictor
    asked: Asked
    files: Growing
    formats: Sequence[Format[Output]]
    sinks: Sequence[Callable[[Output], None]]
    unmet: Unmet
    faults: Faults
    notes: Notes

    def run(self, sources: Iterable[str], window: int = WINDOW) -> Iterator[int]:
        """Work the lines off step by step, and tell how many each step was."""
        rest, files = iter(sources), self.files
        files.skip(rest)
        if not files.lines:
            self._write([form.before for form in self.formats])
        while lines := list(islice(rest, window)):
            for number, (source, output) in enumerate(zip(lines, self._outputs(lines), strict=True), files.lines + 1):
                self._take(number, source, output)
            files.keep(lines)
            yield len(lines)
        self._write([form.behind for form in self.formats])

    def _outputs(self, lines: list[str]) -> Iterator[Output]:
        """What the model makes of a window, as a whole: so a line's score does not depend on where a run began."""
        asked = self.asked
        return self.model.stream(
            lines, beam=asked.beam, nbest=asked.nbest, wishes=asked.wishes, rows=asked.rows, window=len(lines)
        )

    def _take(self, number: int, source: str, output: Output) -> None:
        self._write([(form.between if number > 1 else "") + form.line(output) for form in self.formats])
        for sink in self.sinks:
            sink(output)
        self.unmet.look(number, source, output)
        self.faults.look(output)
        self.notes.look(number, output)

    def _write(self, texts: Sequence[str]) -> None:
        for file, text in enumerate(texts):
            self.files.write(file, text)


def streamed(model: Predictor, sources: Iterable[str], stream: TextIO) -> None:
    """Write each output as it grows."""
    for source in sources:
        written = 0
        for token in model.tokens(source):
            stream.write(token.text[written:])
            stream.flush()
            written = len(token.text)
        stream.write("\n")


def facts(options: Mapping[str, Any], folders: Sequence[str], glossary: str | None) -> dict[str, Any]:
    """What the output of a command depends on, beside its input: its options, models and glossary, and the version."""
    return {
        **{name: str(value) if isinstance(value, Path) else value for name, value in options.items()},
        "MODEL": [fingerprint(Path(folder)) for folder in folders],
        "--glossary": digest([Path(glossary)]) if glossary else "",
        "version": version("regard"),
    }


def fingerprint(folder: Path) -> str:
    """SHA-256 of the files that make a model."""
    return digest(sorted({path for pattern in MODEL for path in folder.glob(pattern)}))
