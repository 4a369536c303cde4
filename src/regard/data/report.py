"""A report on data as a person reads it in a terminal."""

from typing import TYPE_CHECKING

from regard.data.distribution import Distribution
from regard.data.findings import Tally
from regard.data.inspect import WORDS, Report

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

_BAR = 24  # columns of the longest bar


def rendered(report: Report) -> "Group":
    """The whole report, from what was read to what is worth a look."""
    from rich.console import Group
    from rich.text import Text

    partly = report.compared < report.findings.kept
    among = f" among the first {report.compared:,} pairs" if partly else ""
    return Group(
        Text(report.name, style="bold"),
        *(Text(line) for line in report.findings.summary()),
        Text(f"fingerprint {report.fingerprint[:16]}", style="dim"),
        Text(),
        _figures(report.lengths()),
        Text(),
        _histogram(report.source_words, report.target_words),
        Text(),
        _tally(f"Repetitions{among}", report.repetitions),
        Text(),
        _tally("Worth a look", report.suspicious),
    )


def _table(title: str) -> "Table":
    from rich.table import Table

    return Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)


def _figures(lengths: dict[str, Distribution]) -> "Table":
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


def _tally(title: str, tally: Tally) -> "Table":
    table = _table(title)
    table.add_column("pairs", justify="right")
    table.add_column("what")
    table.add_column("where")
    for name, count in tally.counts.most_common():
        table.add_row(f"{count:,}", name, tally.where(name))
    if not tally.counts:
        table.add_row("0", "nothing found", "")
    return table
