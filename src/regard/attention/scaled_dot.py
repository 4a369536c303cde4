"""Scaled dot-product attention (Vaswani et al., 2017)."""

from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Soft
from regard.build import Size
from regard.kernels.multiplicative import dot_scores
from regard.normalisers import Normaliser


class ScaledDot(Soft):
    """score = (W query) . (U state) / sqrt(size), equation 1 of the paper; W and U make their sizes one.

    Options:
        size: of what is compared
    """

    def __init__(self, query_size: int, memory_size: int, normaliser: Normaliser, *, size: Size = 256) -> None:
        super().__init__(normaliser)
        self.query = nn.Linear(query_size, size, bias=False)
        self.memory = nn.Linear(memory_size, size, bias=False)

    def keys(self, states: Float[Tensor, "B S M"]) -> Float[Tensor, "B S K"]:
        """U state, scaled: once for a source instead of once for each score."""
        return self.memory(states) / self.memory.out_features**0.5  # type: ignore[no-any-return]

    def score(self, query: Float[Tensor, "B T Q"], keys: Float[Tensor, "B S K"]) -> Float[Tensor, "B T S"]:
        """(W query) . key."""
        return dot_scores(self.query(query), keys)
