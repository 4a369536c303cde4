"""Softmax, with sharpening (Chorowski et al., 2015)."""

from typing import Annotated

from jaxtyping import Float
from torch import Tensor

from regard.build import Range
from regard.normalisers import Normaliser


class Softmax(Normaliser):
    """weights = e^(b score) / sum of all e^(b score), section 2.3 of the paper.

    Options:
        sharpness: b; above 1 the weights gather on fewer places
    """

    def __init__(self, *, sharpness: Annotated[float, Range(0.01)] = 1.0) -> None:
        super().__init__()
        self.sharpness = sharpness

    def forward(self, scores: Float[Tensor, "*B S"]) -> Float[Tensor, "*B S"]:
        """Normalise the last axis."""
        return (scores * self.sharpness if self.sharpness != 1.0 else scores).softmax(-1)
