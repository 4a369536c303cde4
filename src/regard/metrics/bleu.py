"""BLEU (Papineni et al., 2002), as sacreBLEU computes it (Post, 2018)."""

from collections.abc import Sequence

from regard.metrics import Metric, Score


class Bleu(Metric):
    """BLEU of detokenised, cased text, from 0 to 100."""

    def __call__(self, hypotheses: Sequence[str], references: Sequence[str]) -> Score:
        """Score a whole corpus."""
        from sacrebleu.metrics.bleu import BLEU

        metric = BLEU()
        return Score(metric.corpus_score(list(hypotheses), [list(references)]).score, str(metric.get_signature()))
