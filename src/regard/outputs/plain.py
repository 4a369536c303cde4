"""Every token is generated: softmax over the vocabulary."""

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from regard.kernels.cross_entropy import linear_cross_entropy
from regard.outputs import Generating, Loss
from regard.tensors import Copies, Prediction, Read
from regard.types import PAD


class Plain(Generating):
    """p = softmax(W norm(P features) + b)."""

    def predict(
        self, features: Float[Tensor, "*N F"], read: Read, copies: Copies | None
    ) -> tuple[Float[Tensor, "*N V"], None]:
        """The log probabilities of every token of the vocabulary."""
        return F.log_softmax(self(features).float(), dim=-1), None

    def loss(
        self,
        prediction: Prediction,
        target: Int[Tensor, "B T"],
        smoothing: float = 0.0,
        agreement: float = 0.0,
        worth: Float[Tensor, " N"] | None = None,
    ) -> Loss:
        """Only real places reach the product with the vocabulary, the dearest part of a step."""
        real, logits = target != PAD, self.logits
        x = self.norm(self.project(prediction.features[real]))
        return linear_cross_entropy(
            x, logits.weight, logits.bias, target[real], smoothing=smoothing, agreement=agreement, worth=worth
        )
