"""CIDEr-D (Vedantam et al., 2015), as coco-caption computes it (Chen et al., 2015)."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np

from regard.metrics import Counted, Counts, Judge, References, lines, number
from regard.sentences import frequencies
from regard.sentences.frequencies import Frequencies
from regard.sentences.ngrams import Ngrams, ngrams
from regard.sentences.ptb import tokens

LONGEST, SIGMA = 4, 6.0
END = "</s>"  # as no word is written
Weights = Mapping[tuple[str, ...], float]


class Cider(Counted):
    """CIDEr-D x 100, from 0 to 1000: a mean over lines of how alike n-grams are, the rare ones above all.

    g_n(w) = count of w x log(lines / lines with w among their references), for each n-gram w of lower-cased
    Penn Treebank words without punctuation; CIDEr-D = 10 x mean over references and n = 1 .. 4 of
    exp(-d^2 / (2 6^2)) sum_w min(g_n(w), g_n'(w)) g_n'(w) / (|g_n| |g_n'|), with d the difference of lengths.

    A line's score depends on the lines that it is scored with: of one line alone it is 0, and one of a part of
    a test set is not comparable with one of all of it. Resampling keeps the frequencies of the whole set.

    Judged alone, a line is scored by the frequencies of other references, which were learnt, and its end counts
    as a word: without it an output gains by ending in the middle of a sentence, as in "a dog with a".
    """

    label = "CIDEr-D"
    most = 1000.0

    def signature(self, references: References) -> str:
        """What coco-caption calls CIDEr, and of how many lines the frequencies are."""
        counts = f"n:{LONGEST}|sigma:{SIGMA:g}|df:{len(references)}"
        return f"coco-cider-d|nrefs:{number(references)}|case:lc|tok:ptb|{counts}|scale:0-1000"

    def counts(self, hypotheses: Sequence[str], references: References) -> Counts:
        """The score of a line among all these, from 0 to 10, and one for the line."""
        pairs = [
            (ngrams(tokens(text), LONGEST), [ngrams(tokens(reference), LONGEST) for reference in given])
            for text, given in lines(hypotheses, references)
        ]
        known = Counter(chain.from_iterable(set().union(*given) for _, given in pairs))
        weights = {ngram: math.log(len(pairs) / lines) for ngram, lines in known.items()}
        new = math.log(max(1, len(pairs)))
        rows = [
            [_score(_Vector(text, weights, new), [_Vector(other, weights, new) for other in given]), 1]
            for text, given in pairs
        ]
        return np.array(rows, np.float64).reshape(-1, 2)

    def value(self, totals: Counts) -> float:
        """100 x the mean."""
        score, count = totals.tolist()
        return 100 * score / count if count else 0.0

    def learn(self, references: Iterable[Sequence[str]], folder: Path) -> None:
        """Of how many lines each n-gram is among the references."""
        frequencies.count((map(_ended, given) for given in references), LONGEST, folder)

    def judge(self, folder: Path) -> Judge:
        """By these frequencies."""
        return partial(_each, Frequencies(folder, LONGEST))


class _Vector:
    """A sentence: the weight of each n-gram, the norm of each order, and the number of its pairs of words."""

    def __init__(self, counts: Ngrams, weights: Weights, new: float) -> None:
        self.weights = {ngram: count * weights.get(ngram, new) for ngram, count in counts.items()}
        squares = [0.0] * LONGEST
        self.pairs = 0
        for ngram, weight in self.weights.items():
            squares[len(ngram) - 1] += weight * weight
            if len(ngram) == 2:  # what coco-caption takes for the length
                self.pairs += counts[ngram]
        self.norms = [math.sqrt(square) for square in squares]


def _ended(text: str) -> tuple[str, ...]:
    return (*tokens(text), END)


def _each(known: Frequencies, hypotheses: Sequence[str], references: References) -> list[float]:
    texts = {text: _ended(text) for text in chain(hypotheses, chain.from_iterable(references))}
    weights = {ngram: math.log(known.groups / groups) for ngram, groups in known.of(texts.values()).items()}
    new = math.log(max(1, known.groups))
    vectors = {text: _Vector(ngrams(words, LONGEST), weights, new) for text, words in texts.items()}
    return [100 * _score(vectors[t], [vectors[other] for other in given]) for t, given in lines(hypotheses, references)]


def _score(one: _Vector, others: Sequence[_Vector]) -> float:
    return 10 * math.fsum(_alike(one, other) for other in others) / len(others)


def _alike(one: _Vector, other: _Vector) -> float:
    products = [0.0] * LONGEST
    for ngram, given in one.weights.items():  # not over a set: the order of sums decides their last bits
        weight = other.weights.get(ngram, 0.0)
        products[len(ngram) - 1] += min(given, weight) * weight
    norms = (a * b for a, b in zip(one.norms, other.norms, strict=True))
    cosines = [product / norm if norm else 0.0 for product, norm in zip(products, norms, strict=True)]
    return math.exp(-((one.pairs - other.pairs) ** 2) / (2 * SIGMA**2)) * sum(cosines) / LONGEST
