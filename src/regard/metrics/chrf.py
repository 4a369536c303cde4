"""chrF (Popović, 2015), as sacreBLEU computes it (Post, 2018)."""

from collections.abc import Sequence

from regard.metrics import Metric, Score


class Chrf(Metric):
    """Character n-gram F-score, from 0 to 100: kinder to inflection than BLEU."""

    label = "chrF"

    def __call__(self, hypotheses: Sequence[str], references: Sequence[str]) -> Score:
        """Score a whole corpus."""
        from sacrebleu.metrics.chrf import CHRF

        metric = CHRF()
        return Score(metric.corpus_score(list(hypotheses), [list(references)]).score, str(metric.get_signature()))
