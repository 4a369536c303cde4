"""What reading met: how many lines were kept, skipped or mended, by which rule and where."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

FIRST = 5  # places remembered for each rule
LONGEST = 100_000  # characters of one side: far beyond any sentence, so the file is wrong there


class Rule(StrEnum):
    """Why a line gave no example; the last four only changed it."""

    BROKEN_TEXT = "broken UTF-8"
    BROKEN_JSON = "broken JSON"
    BROKEN_CSV = "broken CSV row"
    MISSING_COLUMN = "missing column"
    MISSING_FIELD = "missing field"
    NOT_TEXT = "source or target is not text"
    EMPTY_LINE = "empty line"
    EMPTY_SOURCE = "empty source"
    EMPTY_TARGET = "empty target"
    TOO_LONG = f"more than {LONGEST:,} characters"
    UNNAMED = "the picture's name is not text"
    NO_PICTURE = "no such picture"
    BROKEN_PICTURE = "broken picture"
    LARGE_PICTURE = "absurdly large picture"
    NO_TEXT = "no usable text"
    EMPTY_QUESTION = "empty question"
    NO_ANSWER = "no usable answer"
    CONTROLS = "control characters replaced"
    DROPPED = "a text dropped, empty or too long or not text"
    SUPPORTS = "supports dropped, not numbers of its sentences"
    ALIGNMENT = "alignment dropped, not links between its words"


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that gives no example, and the rule that says so."""

    rule: Rule
    path: Path
    line: int

    @property
    def place(self) -> str:
        """The file's name and the line, as `pairs.tsv:17`."""
        return place(self.path, self.line)


def place(path: Path, line: int) -> str:
    """Where something stands, in the form that editors open: `pairs.tsv:17`."""
    return f"{path.name}:{line}"


@dataclass(slots=True)
class Tally:
    """How often each thing was met, and the first places of each."""

    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, where: str) -> None:
        """Count one more `name`, met at the place `where`."""
        self.counts[name] += 1
        first = self.places.setdefault(name, [])
        if len(first) < FIRST:
            first.append(where)

    def merge(self, later: "Tally") -> None:
        """Add the counts of what was read after this; the earlier places stay first."""
        self.counts.update(later.counts)
        for name, places in later.places.items():
            self.places[name] = (self.places.get(name, []) + places)[:FIRST]

    def where(self, name: str) -> str:
        """The first places in one line, with dots where there are more."""
        places = self.places.get(name, [])
        return ", ".join([*places, "..."] if self.counts[name] > len(places) else places)

    def lines(self, noun: str, verb: str = "") -> list[str]:
        """One sentence for each thing that was met, the most frequent first."""
        return [
            f"{count:,} {noun if count == 1 else noun + 's'}{verb}: {name} ({self.where(name)})"
            for name, count in self.counts.most_common()
        ]

    def to_json(self) -> dict[str, Any]:
        """As plain data: name to count and first places."""
        return {name: {"count": count, "first": self.places[name]} for name, count in self.counts.most_common()}


@dataclass(slots=True)
class Findings:
    """What one pass over a corpus met; every line is either kept or skipped by one rule.

    nouns: what is kept, and what is skipped.
    """

    kept: int = 0
    skipped: Tally = field(default_factory=Tally)
    mended: Tally = field(default_factory=Tally)
    nouns: tuple[str, str] = ("pair", "line")

    def merge(self, later: "Findings") -> None:
        """Add what another pass, over another part of the data, met."""
        self.kept += later.kept
        self.skipped.merge(later.skipped)
        self.mended.merge(later.mended)

    def summary(self) -> list[str]:
        """Plain lines for the user: what was kept, then what was skipped or mended and where."""
        noun, line = self.nouns
        kept = f"{self.kept:,} {noun}{'' if self.kept == 1 else 's'} kept"
        return [kept, *self.skipped.lines(line, " skipped"), *self.mended.lines(line, " mended")]

    def to_json(self) -> dict[str, Any]:
        """As plain data, ready for `json.dumps`."""
        return {"kept": self.kept, "skipped": self.skipped.to_json(), "mended": self.mended.to_json()}
