"""A report on data: its figures, as plain data and as a person reads them in a terminal."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from regard.data.distribution import Distribution
from regard.data.findings import Findings, Tally

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

WORDS = (1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 150, 300, 1000)  # where the bins of the histograms begin
_BAR = 24  # columns of the longest bar


@dataclass(slots=True)
class Report:
    """What `inspect` saw; lengths in words (between spaces) and in characters.

    ratio: characters of the target for each one of the source. compared: how
    many pairs were compared for `repetitions`.
    """

    name: str
    findings: Findings = field(default_factory=Findings)
    fingerprint: str = ""
    source_words: Distribution = field(default_factory=Distribution)
    target_words: Distribution = field(default_factory=Distribution)
    source_characters: Distribution = field(default_factory=Distribution)
    target_characters: Distribution = field(default_factory=Distribution)
    ratio: Distribution = field(default_factory=lambda: Distribution(0.01))
    compared: int = 0
    repetitions: Tally = field(default_factory=Tally)
    suspicious: Tally = field(default_factory=Tally)

    def lengths(self) -> dict[str, Distribution]:
        """The five distributions by their names."""
        return {
            "source words": self.source_words,
            "target words": self.target_words,
            "source characters": self.source_characters,
            "target characters": self.target_characters,
            "target / source": self.ratio,
        }

    def to_json(self) -> dict[str, Any]:
        """As plain data, ready for `json.dumps`."""
        return {
            "data": self.name,
            "fingerprint": self.fingerprint,
            **self.findings.to_json(),
            "lengths": {name: values.to_json() for name, values in self.lengths().items()},
            "histogram": {
                "from_words": list(WORDS),
                "source": self.source_words.histogram(WORDS),
                "target": self.target_words.histogram(WORDS),
            },
            "compared": self.compared,
            "repetitions": self.repetitions.to_json(),
            "suspicious": self.suspicious.to_json(),
        }

    def render(self) -> "Group":
        """From what was read to what is worth a look, as tables for a rich console."""
        from rich.console import Group
        from rich.text import Text

        partly = self.compared < self.findings.kept
        among = f" among the first {self.compared:,} pairs" if partly else ""
        return Group(
            Text(self.name, style="bold"),
            *(Text(line) for line in self.findings.summary()),
            Text(f"fingerprint {self.fingerprint[:16]}", style="dim"),
            Text(),
            figures_table(self.lengths()),
            Text(),
            _histogram(self.source_words, self.target_words),
            Text(),
            tally_table(f"Repetitions{among}", self.repetitions),
            Text(),
            tally_table("Worth a look", self.suspicious),
        )


def _table(title: str) -> "Table":
    from rich.table import Table

    return Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)


def figures_table(lengths: dict[str, Distribution]) -> "Table":
    """The figures of each distribution in a row."""
    table = _table("Lengths")
    table.add_column("")
    rows = {name: values.to_json() for name, values in lengths.items()}
    for figure in next(iter(rows.values())):
        table.add_column(figure, justify="right")
    for name, figures in rows.items():
        table.add_row(name, *(f"{value:,.10g}" for value in figures.values()))
    return table


def _histogram(source: Distribution, target: Distribution) -> "Table":
    table = _table("Pairs by number of words")
    table.add_column("words", justify="right")
    for side in ("source", "target"):
        table.add_column(side, justify="right")
        table.add_column("", min_width=_BAR)
    sides = [source.histogram(WORDS), target.histogram(WORDS)]
    longest = max(map(max, sides), default=0) or 1
    ends = [*(f"-{end - 1}" for end in WORDS[1:]), " or more"]
    for start, end, *counts in zip(WORDS, ends, *sides, strict=True):
        if any(counts):
            label = str(start) if end == f"-{start}" else f"{start}{end}"
            table.add_row(label, *(cell for count in counts for cell in _bar(count, longest)))
    return table


def _bar(count: int, longest: int) -> tuple[str, str]:
    length = -(-count * _BAR // longest)  # rounded up: what is there is seen
    return f"{count:,}", "\u2588" * length


def tally_table(title: str, tally: Tally, noun: str = "pairs") -> "Table":
    """What was met, how often, and where first."""
    table = _table(title)
    table.add_column(noun, justify="right")
    table.add_column("what")
    table.add_column("where")
    for name, count in tally.counts.most_common():
        table.add_row(f"{count:,}", name, tally.where(name))
    if not tally.counts:
        table.add_row("0", "nothing found", "")
    return table
