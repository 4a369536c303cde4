"""Exact match: the share of outputs that are the reference, letter for letter."""

from collections.abc import Sequence

from regard.metrics import Metric, Score


class Exact(Metric):
    """Percentage of lines that are entirely right."""

    def __call__(self, hypotheses: Sequence[str], references: Sequence[str]) -> Score:
        """Score a whole corpus."""
        right = sum(h == r for h, r in zip(hypotheses, references, strict=True))
        return Score(100 * right / len(references) if references else 0.0, "exact|case:mixed")
