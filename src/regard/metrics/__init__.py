"""Metrics: hypotheses x references -> score."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Score:
    """A metric's value, and the signature by which others can compute the same."""

    value: float
    signature: str


class Metric(ABC):
    """Compares outputs with references, line by line; higher is better. `label`: what people call it."""

    label: str

    @abstractmethod
    def __call__(self, hypotheses: Sequence[str], references: Sequence[str]) -> Score:
        """Score a whole corpus."""


class Counted(Metric, ABC):
    """A metric that is a function of sums over lines, so that any choice of lines has a value at little cost."""

    @property
    @abstractmethod
    def signature(self) -> str:
        """How others can compute the same."""

    @abstractmethod
    def counts(self, hypotheses: Sequence[str], references: Sequence[str]) -> NDArray[np.int64]:
        """What is counted in each line: a row for each."""

    @abstractmethod
    def value(self, totals: NDArray[np.int64]) -> float:
        """The value of lines whose counts sum to `totals`."""

    def __call__(self, hypotheses: Sequence[str], references: Sequence[str]) -> Score:
        """Score a whole corpus."""
        return Score(self.value(self.counts(hypotheses, references).sum(0)), self.signature)
