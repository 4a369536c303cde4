"""Sets of labels: what share of them is right, what share was found, and both in one number."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from regard.metrics import Counted, Counts, References, lines, number


class Labels(Counted):
    """Micro-averaged precision, recall or F1 of comma-separated labels, from 0 to 100.

    Precision = right / given, recall = right / wanted, F1 = 2 right / (given + wanted), of sums over all
    lines (van Rijsbergen, 1979; micro-averaged: Yang, 1999). A line's labels are a set: order and repetitions
    do not count, space around a label neither, case does. Of several references the one of the best F1
    counts. Where nothing was given, or nothing wanted, the value is 0.

    Options:
        measure: which of the three
    """

    def __init__(self, *, measure: Literal["f1", "precision", "recall"] = "f1") -> None:
        """Remember which."""
        self.measure = measure
        self.label = {"f1": "F1"}.get(measure, measure)

    def signature(self, references: References) -> str:
        """What is compared."""
        return f"labels-{self.measure}|nrefs:{number(references)}|case:mixed|average:micro|scale:0-100"

    def counts(self, hypotheses: Sequence[str], references: References) -> Counts:
        """Of each line the labels that are right, given and wanted."""
        rows = [max((_row(text, other) for other in given), key=_rank) for text, given in lines(hypotheses, references)]
        return np.array(rows, np.int64).reshape(-1, 3)

    def value(self, totals: Counts) -> float:
        """100 x the share."""
        right, given, wanted = totals.tolist()
        of = {"precision": given, "recall": wanted, "f1": (given + wanted) / 2}[self.measure]
        return 100 * right / of if of else 0.0


def labels(text: str) -> frozenset[str]:
    """The labels of a line."""
    return frozenset(label for label in (" ".join(part.split()) for part in text.split(",")) if label)


def _row(hypothesis: str, reference: str) -> tuple[int, int, int]:
    given, wanted = labels(hypothesis), labels(reference)
    return len(given & wanted), len(given), len(wanted)


def _rank(row: tuple[int, int, int]) -> tuple[float, int, int]:
    """By F1; among equals more labels that are right, then fewer that are missed: the order tells nothing."""
    right, given, wanted = row
    return right / max(1, given + wanted), right, -wanted
