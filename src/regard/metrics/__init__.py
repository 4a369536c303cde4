"""Metrics: hypotheses x references -> score."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """A metric's value, and the signature by which others can compute the same."""

    value: float
    signature: str


class Metric(ABC):
    """Compares outputs with references, line by line; higher is better."""

    @abstractmethod
    def __call__(self, hypotheses: Sequence[str], references: Sequence[str]) -> Score:
        """Score a whole corpus."""
