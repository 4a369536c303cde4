"""Cross-entropy of each target token, with label smoothing (Szegedy et al., 2016)."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from regard.build import Amount, Share
from regard.embedding import Output
from regard.objectives import Objective, Prediction, evenly, guided, reinforce
from regard.tensors import Batch
from regard.types import PAD


class CrossEntropy(Objective):
    """-sum_t ((1 - smoothing) log p(y_t) + smoothing mean_v log p(v)) over real tokens, in nats.

    What the attention itself asks for is added: its own loss, such as that of
    coverage, and REINFORCE where it draws at random.

    With `agreement` each batch is seen twice, under two draws of dropout, and
    pays for how far the two predictions p and q are apart: agreement / 2
    (KL(p || q) + KL(q || p)) for a token and its double (R-Drop, Liang et al.,
    2021, who took 5). It costs twice the time.

    Options:
        smoothing: share of the probability that is spread over the whole vocabulary
        guided: weight of the loss that draws the attention to given alignments, `data.align`; 0 leaves them out
        evenly: weight of the loss that draws the attention over the whole of a source, evenly; 0 leaves it out
        agreement: weight of the divergence between two draws of dropout; 0 sees each batch once
    """

    def __init__(
        self, *, smoothing: Share = 0.1, guided: Amount = 0.0, evenly: Amount = 0.0, agreement: Amount = 0.0
    ) -> None:
        self.smoothing, self.guided, self.evenly, self.agreement = smoothing, guided, evenly, agreement
        self.passes = 2 if agreement else 1

    def __call__(
        self, prediction: Prediction, batch: Batch, output: Output
    ) -> tuple[Float[Tensor, ""], Int[Tensor, ""]]:
        """Only real places reach the output layer, the dearest part of a step."""
        real, read = batch.target != PAD, prediction.read
        loss, each = output.loss(prediction.features[real], batch.target[real], self.smoothing, self.agreement)
        if read.loss is not None:
            loss = loss + read.loss[real].sum()
        if read.sample is not None:
            expected = read.sample.baseline
            rewards = torch.zeros_like(expected).masked_scatter(real, -each.to(expected.dtype))
            loss = loss + reinforce(read.sample, rewards, real)
        if self.guided and batch.alignment is not None:
            loss = loss + self.guided * guided(read.weights, batch.alignment)
        if self.evenly:
            loss = loss + self.evenly * evenly(read.weights, real, prediction.mask)
        return loss, real.sum()
