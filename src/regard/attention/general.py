"""Multiplicative attention, "general" in Luong, Pham and Manning (2015)."""

from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Soft
from regard.kernels.multiplicative import dot_scores
from regard.normalisers import Normaliser


class General(Soft):
    """score = query . W state, section 3.1 of the paper."""

    def __init__(self, query_size: int, memory_size: int, normaliser: Normaliser) -> None:
        super().__init__(normaliser)
        self.memory = nn.Linear(memory_size, query_size, bias=False)

    def keys(self, states: Float[Tensor, "B S M"]) -> Float[Tensor, "B S Q"]:
        """W state."""
        return self.memory(states)  # type: ignore[no-any-return]

    def score(self, query: Float[Tensor, "B T Q"], keys: Float[Tensor, "B S Q"]) -> Float[Tensor, "B T S"]:
        """Query . key."""
        return dot_scores(query, keys)
