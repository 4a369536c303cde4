"""Pointer-generator: where attention looks, a token may be copied from (See, Liu and Manning, 2017)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Attention
from regard.embedding import Embedding
from regard.errors import ConfigError
from regard.outputs import Copying
from regard.tensors import Copies, Read


class Pointer(Copying):
    """p(w) = p_gen softmax(logits)(w) + (1 - p_gen) sum_{s: token s is w} attention(s), equations 8 and 9.

    p_gen = sigmoid(w . [features; context] + b). The paper has the decoder's state and input in
    place of the features, which are made of both. With attention whose weights may sum to less
    than one, what they leave is generated.
    """

    def __init__(
        self, feature_size: int, memory_size: int, target: Embedding, tied: bool, attention: type[Attention]
    ) -> None:
        super().__init__(feature_size, memory_size, target, tied, attention)
        if not attention.looks:
            raise ConfigError(
                f"[output] pointer copies from where attention looks, and {attention.__name__.lower()} looks nowhere: "
                "choose another attention, or another output."
            )
        self.gate = nn.Linear(feature_size + memory_size, 1)
        self.whole = attention.sums_to_one

    def look(
        self, features: Float[Tensor, "B K F"], read: Read, copies: Copies
    ) -> tuple[Float[Tensor, "B K S"], Float[Tensor, "B K"]]:
        """Where attention looks."""
        return read.weights, self.gate(torch.cat([features, read.context], -1)).squeeze(-1)
