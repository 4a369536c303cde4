"""Attention over query and state side by side, "concat" in Luong, Pham and Manning (2015)."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Soft
from regard.build import Size
from regard.kernels.additive import additive_scores
from regard.normalisers import Normaliser


class Concat(Soft):
    """score = v . tanh(W [query; state]), section 3.1 of the paper.

    W [query; state] is W's left part times the query plus its right part times
    the state: what `additive` computes, but for the first values of W, which
    are drawn as for one matrix.

    Options:
        size: units of the hidden layer that compares a query with a state
    """

    def __init__(self, query_size: int, memory_size: int, normaliser: Normaliser, *, size: Size = 256) -> None:
        super().__init__(normaliser)
        self.query_size = query_size
        self.both = nn.Linear(query_size + memory_size, size, bias=False)
        self.energy = nn.Linear(size, 1, bias=False)

    def keys(self, states: Float[Tensor, "B S M"]) -> Float[Tensor, "B S K"]:
        """The right part of W times the states."""
        return F.linear(states, self.both.weight[:, self.query_size :])

    def score(self, query: Float[Tensor, "B T Q"], keys: Float[Tensor, "B S K"]) -> Float[Tensor, "B T S"]:
        """V . tanh(left part of W times the query, plus key)."""
        asked = F.linear(query, self.both.weight[:, : self.query_size])
        return additive_scores(asked, keys, self.energy.weight[0])
