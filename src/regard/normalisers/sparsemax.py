"""Sparsemax (Martins and Astudillo, 2016)."""

import torch
from jaxtyping import Float
from torch import Tensor

from regard.normalisers import Normaliser, above_threshold, below_the_highest


class Sparsemax(Normaliser):
    """The distribution nearest to the scores, equation 2: max(score - threshold, 0); most places get none at all.

    The threshold is found by sorting, algorithm 1.
    """

    def forward(self, scores: Float[Tensor, "*B S"]) -> Float[Tensor, "*B S"]:
        """Normalise the last axis."""
        z = below_the_highest(scores)
        ordered = z.detach().sort(-1, descending=True).values
        sums, ranks = ordered.cumsum(-1) - 1, torch.arange(1, z.shape[-1] + 1, device=z.device)
        size = (ranks * ordered > sums).sum(-1, keepdim=True)
        threshold = sums.gather(-1, size - 1) / size
        return above_threshold(z, threshold, 1.0).to(scores.dtype)
