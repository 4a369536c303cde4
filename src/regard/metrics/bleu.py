"""BLEU (Papineni et al., 2002), as sacreBLEU computes it (Post, 2018)."""

from collections.abc import Sequence

import numpy as np

from regard.metrics import Counted, Counts, References, lines, number


class Bleu(Counted):
    """BLEU of detokenised, cased text, from 0 to 100."""

    label = "BLEU"

    def signature(self, references: References) -> str:
        """As sacreBLEU writes it."""
        from sacrebleu.metrics.bleu import BLEU

        metric, many = BLEU(force=True), number(references)
        streams: list[list[str | None]] = [["a", "a"], ["a", None]] if many == "var" else [["a", "a"]] * int(many)
        metric.corpus_score(["a", "a"], streams)  # type: ignore[arg-type]  # it knows how many references it has seen
        return str(metric.get_signature())

    def counts(self, hypotheses: Sequence[str], references: References) -> Counts:
        """Lengths of hypothesis and closest reference, and of each order the n-grams: right ones, and all."""
        from sacrebleu.metrics.bleu import BLEU

        # `force`: sacreBLEU need not warn of text that looks tokenised. `effective_order` changes no count.
        metric = BLEU(force=True, effective_order=True)
        rows = np.zeros((len(references), 10), np.int64)
        for row, (hypothesis, given) in zip(rows, lines(hypotheses, references), strict=True):
            found = metric.sentence_score(hypothesis, list(given))
            row[:] = [found.sys_len, found.ref_len, *found.counts, *found.totals]
        return rows

    def _each(self, hypotheses: Sequence[str], references: References) -> list[float]:
        """Sentence BLEU: over the orders that a line has n-grams of, so that a short one can be right too."""
        from sacrebleu.metrics.bleu import BLEU

        metric = BLEU(force=True, effective_order=True)
        return [metric.sentence_score(text, list(given)).score for text, given in lines(hypotheses, references)]

    def value(self, totals: Counts) -> float:
        """Geometric mean of the precisions, times the brevity penalty."""
        from sacrebleu.metrics.bleu import BLEU

        length, reference, *rest = totals.tolist()
        return float(BLEU.compute_bleu(rest[:4], rest[4:], length, reference, smooth_method="exp").score)
