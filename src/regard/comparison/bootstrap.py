"""Intervals for scores by resampling the test set (Efron, 1979; Koehn, 2004)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regard.metrics import Counted, Counts

Interval = tuple[float, float]


def resampled(metric: Counted, counts: Sequence[Counts], samples: int) -> NDArray[np.float64]:
    """The mean score of runs on each of `samples` drawings of as many lines as there are, with replacement.

    `counts` has a row of the metric's counts for each line, a table for each
    run. The drawings depend on the number of lines alone: two systems on one
    test set are drawn alike, so the difference of their scores is a paired one.
    """
    scores = []
    for table in counts:
        lines = len(table)
        weights = np.random.default_rng(lines).multinomial(lines, np.full(lines, 1 / lines), samples)
        scores.append([metric.value(totals) for totals in weights @ table])
    found: NDArray[np.float64] = np.mean(scores, 0)
    return found


def interval(values: NDArray[np.float64]) -> Interval:
    """The middle 95 % of the values."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
