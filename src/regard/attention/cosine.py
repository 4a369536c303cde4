"""Attention by direction (Graves, Wayne and Danihelka, 2014)."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Soft
from regard.kernels.multiplicative import dot_scores
from regard.normalisers import Normaliser

START = 5.0  # the key strength before training: enough to tell places apart, too little to see but one
SHORTEST = 1e-12  # a vector of no length stays as it is


class Cosine(Soft):
    """score = b cos(query, W state), equations 5 and 6 of the paper, with a learned key strength b > 0."""

    def __init__(self, query_size: int, memory_size: int, normaliser: Normaliser) -> None:
        super().__init__(normaliser)
        self.memory = nn.Linear(memory_size, query_size, bias=False)
        self.strength = nn.Parameter(torch.tensor(START).expm1().log())  # softplus of it is START

    def keys(self, states: Float[Tensor, "B S M"]) -> Float[Tensor, "B S Q"]:
        """W state, of length one."""
        return _unit(self.memory(states))

    def score(self, query: Float[Tensor, "B T Q"], keys: Float[Tensor, "B S Q"]) -> Float[Tensor, "B T S"]:
        """B times the cosine of the angle between query and key."""
        return F.softplus(self.strength) * dot_scores(_unit(query), keys)


def _unit(vectors: Float[Tensor, "B N Q"]) -> Float[Tensor, "B N Q"]:
    """The same directions, of length one."""
    lengths: Tensor = torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)
    return vectors / lengths.clamp(min=SHORTEST)
