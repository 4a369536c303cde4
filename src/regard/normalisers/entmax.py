"""Entmax whose sparsity is learned (Correia, Niculae and Martins, 2019)."""

import math
from typing import Annotated

import torch
from jaxtyping import Float
from torch import Tensor, nn

from regard.build import Range
from regard.normalisers import Normaliser, above_threshold, below_the_highest

HALVINGS = 50  # of an interval shorter than one: more than single precision can tell apart
NEAREST = 0.01  # how near alpha may come to 1, where the power 1 / (alpha - 1) has no end


class Entmax(Normaliser):
    """max((alpha - 1) score - threshold, 0) ** (1 / (alpha - 1)), with learned alpha.

    alpha stays between 1, which is softmax, and 2, which is sparsemax. The
    threshold is found by halving, algorithm 1 of Peters et al. (2019).

    Options:
        alpha: what it is at the start
    """

    def __init__(self, *, alpha: Annotated[float, Range(1.05, 1.95)] = 1.5) -> None:
        super().__init__()
        share = (alpha - 1 - NEAREST) / (1 - NEAREST)
        self.sparsity = nn.Parameter(torch.tensor(math.log(share / (1 - share))))

    def forward(self, scores: Float[Tensor, "*B S"]) -> Float[Tensor, "*B S"]:
        """Normalise the last axis."""
        above_one = NEAREST + (1 - NEAREST) * self.sparsity.sigmoid()  # alpha - 1
        z, power = above_one * below_the_highest(scores), 1 / above_one
        with torch.no_grad():
            threshold = torch.full_like(z[..., :1], -1.0)  # the highest place alone would have all the weight
            half = torch.full_like(threshold, 0.5)
            for _ in range(HALVINGS):
                enough = ((z - threshold - half).clamp(min=0) ** power).sum(-1, keepdim=True) >= 1
                threshold = torch.where(enough, threshold + half, threshold)
                half = half / 2
        return above_threshold(z, threshold, power).to(scores.dtype)
