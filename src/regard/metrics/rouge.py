"""ROUGE-1, ROUGE-2 and ROUGE-L of summaries (Lin, 2004), as the rouge-score package computes them."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np

from regard.metrics import Counted, Counts, References, lines, number
from regard.sentences.plain import cut
from regard.sentences.subsequence import longest

Words = Sequence[str]


class Rouge(Counted):
    """F-score of single words, pairs, or the longest common subsequence; a mean over lines, from 0 to 100.

    F = 2 P R / (P + R); P, what both have / what the output has; R, what both have / what the reference has. A word
    or pair counts as often as it stands in both. Words are lower-cased runs of letters and digits; none is
    stemmed. Of several references the one of the best F counts.

    Options:
        kind: 1 for words, 2 for pairs of words, l for the longest common subsequence of the whole text
        ascii: only a to z and 0 to 9 make words, as in the rouge-score package; false for other languages
    """

    def __init__(self, *, kind: Literal["1", "2", "l"] = "l", ascii: bool = True) -> None:
        """Remember which."""
        self.kind, self.ascii = kind, ascii
        self.label = f"ROUGE-{kind.upper()}"

    def signature(self, references: References) -> str:
        """What is compared."""
        words = "ascii" if self.ascii else "unicode"
        return f"rouge-{self.kind}-f|nrefs:{number(references)}|case:lc|words:{words}|stem:no|scale:0-100"

    def counts(self, hypotheses: Sequence[str], references: References) -> Counts:
        """The F-score of a line, and one for the line."""
        rows = [[self._best(text, given), 1] for text, given in lines(hypotheses, references)]
        return np.array(rows, np.float64).reshape(-1, 2)

    def value(self, totals: Counts) -> float:
        """100 x the mean."""
        score, count = totals.tolist()
        return 100 * score / count if count else 0.0

    def _best(self, text: str, references: Sequence[str]) -> float:
        words = cut(text, ascii=self.ascii)
        return max(self._score(words, cut(other, ascii=self.ascii)) for other in references)

    def _score(self, one: Words, other: Words) -> float:
        if self.kind == "l":
            common, whole = longest(one, other), len(one) + len(other)
        else:
            given, wanted = (Counter(words if self.kind == "1" else pairwise(words)) for words in (one, other))
            common, whole = (given & wanted).total(), given.total() + wanted.total()
        return 2 * common / whole if common else 0.0
