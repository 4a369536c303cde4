"""BLEU (Papineni et al., 2002), as sacreBLEU computes it (Post, 2018)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regard.metrics import Counted


class Bleu(Counted):
    """BLEU of detokenised, cased text, from 0 to 100."""

    label = "BLEU"

    @property
    def signature(self) -> str:
        """As sacreBLEU writes it."""
        from sacrebleu.metrics.bleu import BLEU

        metric = BLEU(force=True)
        metric.corpus_score(["a"], [["a"]])  # it has a signature once it has seen how many references there are
        return str(metric.get_signature())

    def counts(self, hypotheses: Sequence[str], references: Sequence[str]) -> NDArray[np.int64]:
        """Lengths of hypothesis and reference, and of each order the n-grams that are right and that there are."""
        from sacrebleu.metrics.bleu import BLEU

        # `force`: sacreBLEU need not warn of text that looks tokenised. `effective_order` changes no count.
        metric = BLEU(force=True, effective_order=True)
        rows = np.zeros((len(references), 10), np.int64)
        for row, hypothesis, reference in zip(rows, hypotheses, references, strict=True):
            found = metric.sentence_score(hypothesis, [reference])
            row[:] = [found.sys_len, found.ref_len, *found.counts, *found.totals]
        return rows

    def value(self, totals: NDArray[np.int64]) -> float:
        """Geometric mean of the precisions, times the brevity penalty."""
        from sacrebleu.metrics.bleu import BLEU

        length, reference, *rest = totals.tolist()
        return float(BLEU.compute_bleu(rest[:4], rest[4:], length, reference, smooth_method="exp").score)
