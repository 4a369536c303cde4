"""Dot-product attention, "dot" in Luong, Pham and Manning (2015)."""

from jaxtyping import Float
from torch import Tensor

from regard.attention import Soft
from regard.errors import ConfigError
from regard.kernels.multiplicative import dot_scores
from regard.normalisers import Normaliser


class Dot(Soft):
    """score = query . state, section 3.1 of the paper; the two must have one size."""

    def __init__(self, query_size: int, memory_size: int, normaliser: Normaliser) -> None:
        super().__init__(normaliser)
        if query_size != memory_size:
            raise ConfigError(
                f"[attention] dot compares the decoder's state ({query_size}) with the encoder's ({memory_size}): "
                "make them equal (decoder.size = 2 x encoder.size if it reads both ways), or use general."
            )

    def score(self, query: Float[Tensor, "B T M"], keys: Float[Tensor, "B S M"]) -> Float[Tensor, "B T S"]:
        """Query . state."""
        return dot_scores(query, keys)
