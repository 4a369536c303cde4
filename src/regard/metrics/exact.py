"""Exact match: the share of outputs that are the reference, letter for letter."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regard.metrics import Counted


class Exact(Counted):
    """Percentage of lines that are entirely right."""

    label = "exact match"
    signature = "exact|case:mixed"

    def counts(self, hypotheses: Sequence[str], references: Sequence[str]) -> NDArray[np.int64]:
        """Whether a line is right, and one for the line."""
        return np.array([[h == r, 1] for h, r in zip(hypotheses, references, strict=True)], np.int64).reshape(-1, 2)

    def value(self, totals: NDArray[np.int64]) -> float:
        """100 x right / lines."""
        right, lines = totals.tolist()
        return 100 * right / lines if lines else 0.0
