"""Additive attention (Bahdanau, Cho and Bengio, 2015)."""

from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Soft
from regard.build import Size
from regard.kernels.additive import additive_scores
from regard.normalisers import Normaliser


class Additive(Soft):
    """score = v . tanh(W query + U state), appendix A.1.2 of the paper.

    Options:
        size: units of the hidden layer that compares a query with a state
    """

    def __init__(self, query_size: int, memory_size: int, normaliser: Normaliser, *, size: Size = 256) -> None:
        super().__init__(normaliser)
        self.query = nn.Linear(query_size, size, bias=False)
        self.memory = nn.Linear(memory_size, size, bias=False)
        self.energy = nn.Linear(size, 1, bias=False)

    def keys(self, states: Float[Tensor, "B S M"]) -> Float[Tensor, "B S K"]:
        """U state."""
        return self.memory(states)  # type: ignore[no-any-return]

    def score(self, query: Float[Tensor, "B T Q"], keys: Float[Tensor, "B S K"]) -> Float[Tensor, "B T S"]:
        """V . tanh(W query + key)."""
        return additive_scores(self.query(query), keys, self.energy.weight[0])
