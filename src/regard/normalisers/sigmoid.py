"""Smoothing, for sources of which many places matter at once (Chorowski et al., 2015)."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from regard.normalisers import Normaliser


class Sigmoid(Normaliser):
    """weights = sigmoid(score) / sum of all sigmoid(score), section 2.3 of the paper: no place stands out far."""

    def forward(self, scores: Float[Tensor, "*B S"]) -> Float[Tensor, "*B S"]:
        """Normalise the last axis; in logs, so that scores that are all very low do no harm."""
        return F.logsigmoid(scores).softmax(-1)
