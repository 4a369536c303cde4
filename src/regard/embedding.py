"""Tokens to vectors and back: the embedding, and the output layer that may share its table."""

import math

import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from regard.kernels.cross_entropy import linear_cross_entropy
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


class Output(nn.Module):
    """Features to logits: project to the embedding's size, normalise, compare with every token.

    A layer norm keeps tied logits in scale. Untied, the table is a copy of its own.
    """

    def __init__(self, feature_size: int, embedding: Embedding, *, tied: bool) -> None:
        super().__init__()
        self.project = nn.Linear(feature_size, embedding.size, bias=False)
        self.norm = nn.LayerNorm(embedding.size)
        self.logits = nn.Linear(embedding.size, embedding.vocabulary)
        nn.init.zeros_(self.logits.bias)
        nn.init.normal_(self.logits.weight, std=embedding.size**-0.5)
        if tied:
            self.logits.weight = embedding.table.weight

    def forward(self, features: Float[Tensor, "*N F"]) -> Float[Tensor, "*N V"]:
        """The logits of every token."""
        return self.logits(self.norm(self.project(features)))  # type: ignore[no-any-return]

    def loss(
        self,
        features: Float[Tensor, "N F"],
        target: Int[Tensor, " N"],
        smoothing: float,
        agreement: float = 0.0,
        worth: Float[Tensor, " N"] | None = None,
    ) -> tuple[Float[Tensor, ""], Float[Tensor, " N"]]:
        """The label-smoothed cross-entropy of some targets, summed, and of each for information.

        agreement: weight of the divergence between the two halves of the rows, as in `linear_cross_entropy`
        worth: how often each counts in the sum
        """
        logits = self.logits
        x = self.norm(self.project(features))
        return linear_cross_entropy(
            x, logits.weight, logits.bias, target, smoothing=smoothing, agreement=agreement, worth=worth
        )

    def log_probs(self, features: Float[Tensor, "*N F"]) -> Float[Tensor, "*N V"]:
        """The log probabilities of every token, in nats."""
        return F.log_softmax(self(features).float(), dim=-1)

    def log_probs_among(
        self, features: Float[Tensor, "R F"], words: Int[Tensor, " N"], own: Bool[Tensor, "R N"]
    ) -> Float[Tensor, "R N"]:
        """Log p(word | it is one of the row's own): of some tokens alone, -inf for those that are not its own."""
        logits = F.linear(self.norm(self.project(features)), self.logits.weight[words], self.logits.bias[words])
        return F.log_softmax(logits.float().masked_fill(~own, -math.inf), dim=-1)
