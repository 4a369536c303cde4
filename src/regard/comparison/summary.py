"""Many measures to one row for each variant: means over seeds, intervals, scores by source length."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regard.build import build, find, names
from regard.comparison.bootstrap import Interval, interval, resampled
from regard.comparison.measure import Measures
from regard.errors import UsageError, unknown
from regard.metrics import Counted, Counts
from regard.types import Example


@dataclass(frozen=True, slots=True)
class LengthClass:
    """Test pairs whose sources have up to `words` words: how many there are, and the mean score on them."""

    words: int
    pairs: int
    score: float


@dataclass(frozen=True, slots=True)
class Row:
    """What a variant came to: means over its runs.

    `interval`: 95 % of the score over resamplings of the test pairs;
    `difference`: from the first variant, with its interval, paired;
    `spread`: the standard deviation of the score over seeds, if there are several.
    """

    name: str
    score: float
    interval: Interval
    spread: float | None
    difference: float
    difference_interval: Interval
    numbers: dict[str, float | None]
    classes: list[LengthClass]

    @property
    def differs(self) -> bool:
        """Whether the difference from the first variant is beyond chance."""
        low, high = self.difference_interval
        return low > 0 or high < 0


NUMBERS = (
    *("parameters", "steps", "minutes", "valid_loss", "perplexity", "tokens_per_second", "sentences_per_second"),
    *("peak_mib", "entropy", "coverage", "alignment_error"),
)


def summarise(results: Mapping[str, Sequence[Measures]], counted: Counted, width: int, samples: int) -> list[Row]:
    """A row for each variant, the first of which the others are compared with."""
    rows: list[Row] = []
    first: NDArray[np.float64] | None = None
    for name, measures in results.items():
        tables = [_counts(counted, found.lines) for found in measures]
        scores = [counted.value(table.sum(0)) for table in tables]
        drawn = resampled(counted, tables, samples)
        first = drawn if first is None else first
        rows.append(
            Row(
                name=name,
                score=float(np.mean(scores)),
                interval=interval(drawn),
                spread=float(np.std(scores, ddof=1)) if len(scores) > 1 else None,
                difference=float(np.mean(scores)) - (rows[0].score if rows else float(np.mean(scores))),
                difference_interval=interval(drawn - first),
                numbers={number: _mean([getattr(found, number) for found in measures]) for number in NUMBERS},
                classes=_classes(counted, measures, tables, width),
            )
        )
    return rows


def counted_metric(name: str, shown: Mapping[str, Mapping[str, Any]]) -> Counted:
    """The metric that a task shows by this name, or else the part, if scores of resampled lines can be had from it."""
    sections = {**{part: {"name": part} for part in names("metrics")}, **shown}
    known = [name for name, section in sections.items() if issubclass(find("metrics", section["name"]), Counted)]
    if name not in known:
        raise UsageError(unknown("compare.metric: there is no metric made of sums over lines called", name, known))
    metric: Counted = build("metrics", sections[name])
    return metric


def to_json(rows: Sequence[Row], facts: Mapping[str, Any]) -> dict[str, Any]:
    """As plain data."""
    return {**facts, "variants": [asdict(row) | {"differs": row.differs} for row in rows]}


def _counts(metric: Counted, lines: Sequence[Sequence[str]]) -> Counts:
    examples = [Example(source, target, others=tuple(others)) for source, target, _, *others in lines]
    references = [metric.beside(example) for example in examples]
    return metric.counts([output for _, _, output, *_ in lines], references)


def _classes(metric: Counted, measures: Sequence[Measures], tables: Sequence[Counts], width: int) -> list[LengthClass]:
    """Scores of the pairs of each class of source lengths that has any, for all seeds together."""
    lengths = [len(source.split()) for found in measures for source, *_ in found.lines]
    ends = -(-np.array(lengths) // width) * width
    table = np.concatenate(tables)
    seeds = len(measures)
    return [
        LengthClass(int(end), int((ends == end).sum()) // seeds, metric.value(table[ends == end].sum(0)))
        for end in np.unique(ends)
    ]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
