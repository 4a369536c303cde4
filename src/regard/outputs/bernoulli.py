"""A picture of bytes that are lit or not, each by itself: what a canvas says of it."""

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from regard.attention import Attention
from regard.decoders import Writes
from regard.embedding import Embedding
from regard.errors import UsageError
from regard.outputs import Loss, Output
from regard.tensors import Copies, Pixels, Prediction, Read


class Bernoulli(Output):
    """p(x) = prod_i sigmoid(c_i)^x_i (1 - sigmoid(c_i))^(1 - x_i), c the canvas after the last step.

    There are no weights here, and no tokens: what may follow is that a byte is lit.

    Options:
        binary: how bytes become 0 or 1. chance: 1 as often as they are bright, anew at each step of training,
            and for evaluation once for each picture, from its own bytes; threshold: 1 from 128 on
    """

    writes: Writes = "pictures"

    def __init__(
        self,
        feature_size: int,
        memory_size: int,
        target: Embedding,
        tied: bool,
        attention: type[Attention],
        *,
        binary: Literal["chance", "threshold"] = "chance",
    ) -> None:
        super().__init__(feature_size, memory_size, target, tied, attention)
        self.vocabulary, self.binary = feature_size, binary

    def read_as(self, tokens: Float[Tensor, "B T Z"]) -> Float[Tensor, "B T Z"]:
        """Luck, as it is."""
        return tokens

    def predict(
        self, features: Float[Tensor, "*N F"], read: Read, copies: Copies | None
    ) -> tuple[Float[Tensor, "*N F"], None]:
        """The log probability that a byte is lit, of each."""
        return F.logsigmoid(features.float()), None

    def loss(
        self,
        prediction: Prediction,
        target: Pixels,
        smoothing: float = 0.0,
        agreement: float = 0.0,
        worth: Float[Tensor, " N"] | None = None,
    ) -> Loss:
        """-log p(x) of each picture, in nats; nothing is smoothed."""
        canvas = prediction.features[:, -1]
        canvas = canvas.to(torch.promote_types(canvas.dtype, torch.float32))
        lit = target.flatten(1).to(canvas.dtype) / 255
        each = F.binary_cross_entropy_with_logits(canvas, lit, reduction="none").sum(-1)
        return (each if worth is None else each * worth).sum(), each.detach()

    def scores(self, prediction: Prediction, target: Pixels) -> tuple[Float[Tensor, "B T"], None]:
        """The bound on log p(x), step by step: what each costs, and at the last one what is right then, in nats."""
        assert prediction.read.divergence is not None
        _, each = self.loss(prediction, target)
        costs = prediction.read.divergence.to(each.dtype)
        return -torch.cat([costs[:, :-1], costs[:, -1:] + each[:, None]], 1), None

    def log_probs_among(
        self, features: Float[Tensor, "R F"], words: Int[Tensor, " N"], own: Bool[Tensor, "R N"]
    ) -> Float[Tensor, "R N"]:
        """UsageError: a picture has no list of words."""
        raise UsageError("decode.shortlist limits what is said, and this model draws: set it to false.")
