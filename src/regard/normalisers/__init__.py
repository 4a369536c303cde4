"""Normalisers turn scores into weights: a distribution over the real places."""

from abc import ABC, abstractmethod

from jaxtyping import Float
from torch import Tensor, nn


class Normaliser(nn.Module, ABC):
    """Scores -> weights that are not negative and sum to one over the last axis."""

    @abstractmethod
    def forward(self, scores: Float[Tensor, "*B S"]) -> Float[Tensor, "*B S"]:
        """Weights of the scores, of which one at least is finite; zero where a score is minus infinity (padding)."""
