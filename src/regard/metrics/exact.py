"""Exact match: the share of outputs that are a reference, letter for letter."""

from collections.abc import Sequence

import numpy as np

from regard.metrics import Counted, Counts, References, lines, number


class Exact(Counted):
    """Percentage of lines that are entirely right: any of several references will do."""

    label = "exact match"

    def signature(self, references: References) -> str:
        """What is compared, and with how many if not with one."""
        many = number(references)
        return "exact|case:mixed" if many == "1" else f"exact|nrefs:{many}|case:mixed"

    def counts(self, hypotheses: Sequence[str], references: References) -> Counts:
        """Whether a line is right, and one for the line."""
        return np.array([[text in given, 1] for text, given in lines(hypotheses, references)], np.int64).reshape(-1, 2)

    def value(self, totals: Counts) -> float:
        """100 x right / lines."""
        right, lines = totals.tolist()
        return 100 * right / lines if lines else 0.0
