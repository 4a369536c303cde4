"""chrF (Popović, 2015), as sacreBLEU computes it (Post, 2018)."""

from collections.abc import Sequence
from itertools import zip_longest

from regard.metrics import Metric, References, Score, lines


class Chrf(Metric):
    """Character n-gram F-score, from 0 to 100: kinder to inflection than BLEU.

    Of several references the one that a line is nearest to counts.
    """

    label = "chrF"

    def __call__(self, hypotheses: Sequence[str], references: References) -> Score:
        """Score a whole corpus."""
        from sacrebleu.metrics.chrf import CHRF

        metric, pairs = CHRF(), list(lines(hypotheses, references))
        # sacreBLEU wants the first references of all lines, then the second ones, None where a line has no more.
        streams = [list(stream) for stream in zip_longest(*(given for _, given in pairs))] or [[]]
        return Score(metric.corpus_score([text for text, _ in pairs], streams).score, str(metric.get_signature()))
