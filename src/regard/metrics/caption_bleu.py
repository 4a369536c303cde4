"""BLEU of captions (Papineni et al., 2002), as coco-caption computes it (Chen et al., 2015)."""

import math
from collections.abc import Sequence
from typing import Annotated

import numpy as np

from regard.build import Range
from regard.metrics import Counted, Counts, References, lines, number
from regard.sentences.ngrams import most, ngrams
from regard.sentences.ptb import tokens

TINY, SMALL = 1e-15, 1e-9  # coco-caption's: no product is 0, no quotient is by 0


class CaptionBleu(Counted):
    """BLEU-n of lower-cased Penn Treebank words without punctuation, from 0 to 100.

    BLEU-n = min(1, exp(1 - r / c)) (prod_k right_k / all_k) ** (1 / n), over k-grams of k = 1 .. n, each
    counted no more often than in one reference; c words, and r of each line's reference of the closest
    length. Papers write B@4 or BLEU-4.

    Options:
        order: the longest sequence of words, n
    """

    def __init__(self, *, order: Annotated[int, Range(1, 9)] = 4) -> None:
        """Remember the order."""
        self.order = order
        self.label = f"BLEU-{order}"

    def signature(self, references: References) -> str:
        """What coco-caption calls Bleu_n."""
        return f"coco-bleu-{self.order}|nrefs:{number(references)}|case:lc|tok:ptb|reflen:closest|scale:0-100"

    def counts(self, hypotheses: Sequence[str], references: References) -> Counts:
        """Words of the line and of its closest reference, and of each order the n-grams: right ones, and all."""
        rows = np.zeros((len(references), 2 + 2 * self.order), np.int64)
        for row, (hypothesis, given) in zip(rows, lines(hypotheses, references), strict=True):
            words, others = tokens(hypothesis), [tokens(text) for text in given]
            found, known = ngrams(words, self.order), most(ngrams(other, self.order) for other in others)
            row[0] = len(words)
            row[1] = min((abs(len(other) - len(words)), len(other)) for other in others)[1]
            for ngram, count in found.items():
                row[1 + len(ngram)] += min(count, known[ngram])
                row[1 + self.order + len(ngram)] += count
        return rows

    def value(self, totals: Counts) -> float:
        """Geometric mean of the precisions, times the brevity penalty."""
        length, reference, *rest = totals.tolist()
        precisions = ((r + TINY) / (a + SMALL) for r, a in zip(rest[: self.order], rest[self.order :], strict=True))
        ratio = (length + TINY) / (reference + SMALL)
        brevity = 1 - 1 / ratio if ratio < 1 else 0.0
        return float(100 * math.prod(precisions) ** (1 / self.order) * math.exp(brevity))
