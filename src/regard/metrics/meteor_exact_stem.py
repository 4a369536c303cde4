"""The exact and stem stages of METEOR (Denkowski and Lavie, 2014): not the METEOR that papers report."""

from collections.abc import Sequence

import numpy as np

from regard.metrics import Counted, Counts, References, lines, number
from regard.sentences.matching import Match, match
from regard.sentences.ptb import tokens

ALPHA, BETA, GAMMA, STEM = 0.85, 0.2, 0.6, 0.6  # METEOR 1.5 for English; STEM: what a match of stems is worth


class MeteorExactStem(Counted):
    """METEOR of words that are the same or have the same stem, from 0 to 100. It knows no synonyms or paraphrases.

    (1 - 0.6 (chunks / matches)^0.2) P R / (0.85 P + 0.15 R), with P and R the shares of the output's and the
    reference's words that match, a match of stems counting 0.6, and chunks the runs of matches that are in
    the same order in both; an output that matches word for word has none. The parameters are those of METEOR
    1.5 for English, but that all words weigh the same (delta = 0.5): METEOR 1.5 computes it too, with
    `-m "exact stem" -p "0.85 0.2 0.6 0.5" -w "1.0 0.6"`, but for lines whose best pairs its search misses. Of
    several references the best counts, the longest of equals; all counts are summed over lines. Words are
    lower-cased Penn Treebank words without punctuation.
    """

    label = "METEOR (exact, stem)"

    def signature(self, references: References) -> str:
        """Which stages, and with which parameters."""
        parameters = f"alpha:{ALPHA}|beta:{BETA}|gamma:{GAMMA}|delta:0.5|weights:1,{STEM}"
        return f"meteor-exact-stem|nrefs:{number(references)}|case:lc|tok:ptb|{parameters}|scale:0-100"

    def counts(self, hypotheses: Sequence[str], references: References) -> Counts:
        """Words of the line and of its best reference, matches of words, matches of stems, chunks."""
        rows = []
        for text, given in lines(hypotheses, references):
            found = (_row(tokens(text), tokens(reference)) for reference in given)
            rows.append(max(found, key=lambda row: (_score(*row), row)))
        return np.array(rows, np.int64).reshape(-1, 5)

    def value(self, totals: Counts) -> float:
        """100 x the score of all lines as one."""
        return 100 * _score(*totals.tolist())


def _row(words: Sequence[str], reference: Sequence[str]) -> tuple[int, int, int, int, int]:
    found: Match = match(words, reference)
    whole = found.chunks == 1 and found.exact + found.stems == len(words) == len(reference)
    return len(words), len(reference), found.exact, found.stems, 0 if whole else found.chunks


def _score(words: int, reference: int, exact: int, stems: int, chunks: int) -> float:
    if not exact + stems:
        return 0.0
    precision, recall = ((exact + STEM * stems) / length for length in (words, reference))
    mean = precision * recall / (ALPHA * precision + (1 - ALPHA) * recall)
    return float(mean * (1 - GAMMA * (chunks / (exact + stems)) ** BETA))
