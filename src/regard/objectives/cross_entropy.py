"""Cross-entropy of each target token, with label smoothing (Szegedy et al., 2016)."""

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from regard.build import Share
from regard.embedding import Output
from regard.objectives import Objective, Prediction
from regard.types import PAD


class CrossEntropy(Objective):
    """-sum_t ((1 - smoothing) log p(y_t) + smoothing mean_v log p(v)) over real tokens, in nats.

    Options:
        smoothing: share of the probability that is spread over the whole vocabulary
    """

    def __init__(self, *, smoothing: Share = 0.1) -> None:
        self.smoothing = smoothing

    def __call__(
        self, prediction: Prediction, target: Int[Tensor, "B T"], output: Output
    ) -> tuple[Float[Tensor, ""], Int[Tensor, ""]]:
        """Only real places reach the output layer, the dearest part of a step."""
        real = target != PAD
        logits = output(prediction.features[real])
        loss = F.cross_entropy(logits.float(), target[real], label_smoothing=self.smoothing, reduction="sum")
        return loss, real.sum()
