"""Entmax with alpha = 1.5, half-way between softmax and sparsemax (Peters, Niculae and Martins, 2019)."""

import torch
from jaxtyping import Float
from torch import Tensor

from regard.normalisers import Normaliser, above_threshold, below_the_highest


class Entmax15(Normaliser):
    """max(score / 2 - threshold, 0) ** 2: unlikely places get none at all.

    The threshold is found exactly by sorting, algorithm 2.
    """

    def forward(self, scores: Float[Tensor, "*B S"]) -> Float[Tensor, "*B S"]:
        """Normalise the last axis."""
        z = below_the_highest(scores) / 2
        ordered = z.detach().clamp(min=-2).sort(-1, descending=True).values  # no place below -1 can get any weight
        ranks = torch.arange(1, z.shape[-1] + 1, device=z.device)
        means = ordered.cumsum(-1) / ranks
        spread = ordered.square().cumsum(-1) - ranks * means.square()
        thresholds = means - ((1 - spread) / ranks).clamp(min=0).sqrt()
        size = (thresholds <= ordered).sum(-1, keepdim=True)
        return above_threshold(z, thresholds.gather(-1, size - 1), 2.0).to(scores.dtype)
