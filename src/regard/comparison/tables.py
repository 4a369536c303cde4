"""Rows of a comparison as tables: the same cells in the terminal and on the page."""

from collections.abc import Sequence

from rich.table import Table as TerminalTable

from regard.comparison.summary import NUMBERS, Row
from regard.view.page import Table

# How each number is written; scores and intervals have a form of their own.
FORMS = {
    "parameters": ",.0f",
    "steps": ",.0f",
    "minutes": ".1f",
    "valid_loss": ".3f",
    "perplexity": ".3f",
    "tokens_per_second": ",.0f",
    "sentences_per_second": ",.0f",
    "peak_mib": ",.0f",
    "entropy": ".2f",
    "coverage": ".2f",
    "alignment_error": ".1f",
}
NOTES = {
    "interval": "[..] holds 95 % of the scores when test pairs are drawn anew, with replacement",
    "difference": "vs is the difference from the first row, with its paired interval; * beyond chance",
    "valid_loss": "valid loss in nats a token, of the best weights; perplexity of the test pairs' targets",
    "tokens_per_second": "tokens/s in training (targets), sent./s in decoding, MiB at the peak of the whole run",
    "entropy": "entropy of an output token's weights, in nats",
    "coverage": "coverage: how far from once a source token is looked at, on average",
    "alignment_error": "AER: alignment error rate in %, of the attention under the given targets",
}


def tables(rows: Sequence[Row], metric: str) -> list[Table]:
    """The table of all numbers, and that of scores by source length if there are several lengths."""
    shown = [name for name in NUMBERS if any(row.numbers[name] is not None for row in rows)]
    many = len(rows) > 1
    header = ["", metric, "95 %", *([f"vs {rows[0].name}"] if many else []), *(NUMBERS[name] for name in shown)]
    whole = [
        [row.name, _score(row), _interval(row.interval), *([_difference(row, row is rows[0])] if many else [])]
        + [_number(row.numbers[name], FORMS[name]) for name in shown]
        for row in rows
    ]
    notes = [note for name, note in NOTES.items() if name in shown or name == "interval" or (many and "*" in note)]
    return [
        Table("What each came to", header, whole, note="; ".join(notes) + ".", wide=True),
        *([_by_length(rows, metric)] if len(rows[0].classes) > 1 else []),
    ]


def _by_length(rows: Sequence[Row], metric: str) -> Table:
    classes = rows[0].classes
    scores = [[row.name, *(f"{part.score:.1f}" for part in row.classes)] for row in rows]
    return Table(
        f"{metric} by words of the source",
        ["", *(f"\u2264 {part.words}" for part in classes)],
        [*scores, ["pairs", *(f"{part.pairs:,}" for part in classes)]],
        wide=True,
    )


def terminal(table: Table) -> TerminalTable:
    """For a terminal: the note is its caption."""
    drawn = TerminalTable(title=table.title, caption=table.note, title_justify="left", caption_justify="left", box=None)
    for i, name in enumerate(table.header):
        drawn.add_column(name, justify="right" if i else "left", no_wrap=True)
    for row in table.rows:
        drawn.add_row(*map(str, row))
    return drawn


def _score(row: Row) -> str:
    return f"{row.score:.2f}" + (f" ± {row.spread:.2f}" if row.spread is not None else "")


def _interval(interval: tuple[float, float]) -> str:
    return "[{:.1f}, {:.1f}]".format(*interval)


def _difference(row: Row, first: bool) -> str:
    if first:
        return ""
    return "{:+.2f} [{:+.1f}, {:+.1f}]".format(row.difference, *row.difference_interval) + (" *" if row.differs else "")


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
