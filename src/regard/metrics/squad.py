"""SQuAD's exact match and F1 of answers (Rajpurkar et al., 2016)."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np

from regard.metrics import Counted, Counts, References, lines, number
from regard.sentences.squad import normal


class Squad(Counted):
    """Exact match or F1 of answers as SQuAD v1.1's evaluation defines them, from 0 to 100.

    Answers are compared in lower case, without ASCII punctuation and the articles a, an, the. Exact match: the
    share of lines that are a reference. F1 = 2 P R / (P + R) of a line's words, of which each counts as often as
    it stands in both; a mean over lines. Of several references the best counts.

    Options:
        measure: which of the two
    """

    def __init__(self, *, measure: Literal["exact", "f1"] = "f1") -> None:
        """Remember which."""
        self.measure = measure
        self.label = {"f1": "F1", "exact": "exact match"}[measure]

    def signature(self, references: References) -> str:
        """What is compared."""
        return f"squad-1.1-{self.measure}|nrefs:{number(references)}|case:lc|articles:no|marks:no|scale:0-100"

    def counts(self, hypotheses: Sequence[str], references: References) -> Counts:
        """The value of a line, from 0 to 1, and one for the line."""
        score = _f1 if self.measure == "f1" else _exact
        pairs = ((normal(text), map(normal, given)) for text, given in lines(hypotheses, references))
        rows = [[max(score(text, other) for other in given), 1] for text, given in pairs]
        return np.array(rows, np.float64).reshape(-1, 2)

    def value(self, totals: Counts) -> float:
        """100 x the mean."""
        score, count = totals.tolist()
        return 100 * score / count if count else 0.0


def _exact(one: str, other: str) -> float:
    return float(one == other)


def _f1(one: str, other: str) -> float:
    given, wanted = one.split(), other.split()
    common = (Counter(given) & Counter(wanted)).total()
    return 2 * common / (len(given) + len(wanted)) if common else 0.0
