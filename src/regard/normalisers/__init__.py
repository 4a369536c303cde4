"""Normalisers turn scores into weights: a distribution over the real places."""

from abc import ABC, abstractmethod

from jaxtyping import Float
from torch import Tensor, nn


class Normaliser(nn.Module, ABC):
    """Scores -> weights that are not negative and sum to one over the last axis."""

    @abstractmethod
    def forward(self, scores: Float[Tensor, "*B S"]) -> Float[Tensor, "*B S"]:
        """Weights of the scores, of which one at least is finite; zero where a score is minus infinity (padding)."""


LEAST = -1e4  # far below any threshold, and yet finite: a gradient of zero times it is zero


def below_the_highest(scores: Float[Tensor, "*B S"]) -> Float[Tensor, "*B S"]:
    """Scores moved so that the highest is zero, in single precision at least, with nothing infinite left."""
    scores = scores.float() if scores.element_size() < 4 else scores
    return (scores - scores.detach().amax(-1, keepdim=True)).clamp(min=LEAST)


def above_threshold(
    z: Float[Tensor, "*B S"], threshold: Float[Tensor, "*B 1"], power: Tensor | float
) -> Float[Tensor, "*B S"]:
    """max(z - threshold, 0) ** power, where the threshold is the one for which they sum to one.

    The threshold may come from any algorithm, without a gradient: the Newton
    step that is done here changes its value by no more than rounding, and its
    gradient is that of the implicit function (Peters et al., 2019).
    """
    threshold = threshold.detach()
    above = (z - threshold).clamp(min=0)
    slope = (power * above ** (power - 1)).masked_fill(above == 0, 0.0).sum(-1, keepdim=True).detach()
    threshold = threshold + ((above**power).sum(-1, keepdim=True) - 1) / slope
    return (z - threshold).clamp(min=0) ** power
