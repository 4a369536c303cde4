"""Tokens to vectors: the embedding, whose table the output layer may share."""

import math

from jaxtyping import Float, Int
from torch import Tensor, nn

from regard.kernels.dropout import Dropout
from regard.types import PAD


class Embedding(nn.Module):
    """A vector for each token, scaled by the root of its size, with dropout.

    The scale lets one table serve at both ends (Press and Wolf, 2017): as
    output weights its entries are small, as inputs they have unit variance.
    """

    def __init__(self, vocabulary: int, size: int, dropout: float) -> None:
        super().__init__()
        self.vocabulary, self.size = vocabulary, size
        self.table = nn.Embedding(vocabulary, size, padding_idx=PAD)
        nn.init.normal_(self.table.weight, std=size**-0.5)
        self.dropout = Dropout(dropout)

    def forward(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T E"]:
        """Look the tokens up."""
        return self.dropout(self.table(tokens) * math.sqrt(self.size))  # type: ignore[no-any-return]
