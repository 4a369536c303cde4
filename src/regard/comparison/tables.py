"""Rows of a comparison as tables: the same cells in the terminal and on the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table as TerminalTable

from regard.comparison.summary import Row
from regard.view.page import Table


@dataclass(frozen=True, slots=True)
class Number:
    """How a number of the rows is headed, written and explained."""

    heading: str
    form: str
    note: str = ""


QUALITY = {
    "valid_loss": Number("loss", ".3f", "loss: nats a token of the validation pairs, by the best weights"),
    "perplexity": Number("perplexity", ".3f", "perplexity: of the test pairs' targets"),
}
GAZE = {
    "entropy": Number("entropy", ".2f", "entropy: of an output token's weights, in nats"),
    "coverage": Number("coverage", ".2f", "coverage: how far from once a source token is looked at, on average"),
    "alignment_error": Number("AER", ".1f", "AER: alignment error rate in %, under the given targets"),
}
COST = {
    "parameters": Number("parameters", ",.0f"),
    "steps": Number("steps", ",.0f"),
    "minutes": Number("minutes", ".1f"),
    "tokens_per_second": Number("tokens/s", ",.0f", "tokens/s: of targets, in training"),
    "sentences_per_second": Number("sentences/s", ",.0f", "sentences/s: in decoding"),
    "peak_mib": Number("MiB", ",.0f", "MiB: the most memory that the run held"),
}
INTERVAL = "[..]: 95 % of the scores when test pairs are drawn anew, with replacement"
DIFFERENCE = "vs first: the difference from the first row, with its paired interval; * beyond chance"


def tables(rows: Sequence[Row], metric: str) -> list[Table]:
    """What each came to, also by source length if there are several, how each looked, and what each cost."""
    many = len(rows) > 1
    scores = [
        [row.name, _score(row), _interval(row.interval), *(_difference(row, row is rows[0]) if many else [])]
        for row in rows
    ]
    header = ["", metric, "95 %", *(["vs first", "95 %"] if many else [])]
    notes, names = [INTERVAL, *([DIFFERENCE] if many else [])], [[row.name] for row in rows]
    found = [
        _numbers("What each came to", rows, header, scores, QUALITY, notes),
        *([_by_length(rows, metric)] if len(rows[0].classes) > 1 else []),
        _numbers("How each looked", rows, [""], names, GAZE, []),
        _numbers("What each cost", rows, [""], names, COST, []),
    ]
    return [table for table in found if len(table.header) > 1]


def _numbers(
    title: str,
    rows: Sequence[Row],
    header: Sequence[str],
    cells: Sequence[Sequence[str]],
    numbers: Mapping[str, Number],
    notes: Sequence[str],
) -> Table:
    """The given cells, and behind them the numbers that anyone measured."""
    shown = {name: number for name, number in numbers.items() if any(row.numbers[name] is not None for row in rows)}
    return Table(
        title,
        [*header, *(number.heading for number in shown.values())],
        [
            [*given, *(_number(row.numbers[name], number.form) for name, number in shown.items())]
            for row, given in zip(rows, cells, strict=True)
        ],
        note="; ".join([*notes, *(number.note for number in shown.values() if number.note)]) + ".",
        wide=len(header) > 1,
    )


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
        drawn.add_column(name, justify="right" if i else "left", no_wrap=i > 0)  # names may be broken, numbers not
    for row in table.rows:
        drawn.add_row(*map(str, row))
    return drawn


def _score(row: Row) -> str:
    return f"{row.score:.2f}" + (f" ± {row.spread:.2f}" if row.spread is not None else "")


def _interval(interval: tuple[float, float]) -> str:
    return "[{:.1f}, {:.1f}]".format(*interval)


def _difference(row: Row, first: bool) -> list[str]:
    if first:
        return ["", ""]
    low, high = row.difference_interval
    return [f"{row.difference:+.2f}" + (" *" if row.differs else ""), f"[{low:+.1f}, {high:+.1f}]"]


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
