"""ROUGE-L (Lin, 2004), as coco-caption computes it for captions (Chen et al., 2015)."""

from collections.abc import Sequence

import numpy as np

from regard.metrics import Counted, Counts, References, lines, number
from regard.sentences.ptb import tokens
from regard.sentences.subsequence import longest

BETA = 1.2


class RougeL(Counted):
    """F-score of the longest common subsequence, a mean over lines, from 0 to 100.

    F = (1 + b^2) P R / (R + b^2 P) with b = 1.2, of lower-cased Penn Treebank words without punctuation.
    P, common / words of the output, and R, common / words of the reference, are each the best over the
    references.
    """

    label = "ROUGE-L"

    def signature(self, references: References) -> str:
        """What coco-caption calls ROUGE_L."""
        return f"coco-rouge-l|nrefs:{number(references)}|case:lc|tok:ptb|beta:{BETA}|scale:0-100"

    def counts(self, hypotheses: Sequence[str], references: References) -> Counts:
        """The F-score of a line, and one for the line."""
        rows = [[_score(text, given), 1] for text, given in lines(hypotheses, references)]
        return np.array(rows, np.float64).reshape(-1, 2)

    def value(self, totals: Counts) -> float:
        """100 x the mean."""
        score, count = totals.tolist()
        return 100 * score / count if count else 0.0


def _score(hypothesis: str, references: Sequence[str]) -> float:
    words, others = tokens(hypothesis), [tokens(text) for text in references]
    common = [longest(words, other) for other in others]
    if not any(common):
        return 0.0
    precision = max(common) / len(words)
    recall = max(n / len(other) for n, other in zip(common, others, strict=True) if other)
    return (1 + BETA**2) * precision * recall / (recall + BETA**2 * precision)
