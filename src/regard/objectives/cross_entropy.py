"""Cross-entropy of each target token, with label smoothing (Szegedy et al., 2016)."""

from copy import copy

import torch
from jaxtyping import Float, Int
from torch import Tensor

from regard.build import Amount, Share
from regard.objectives import Objective, evenly, guided, rewarded, supported
from regard.outputs import Output
from regard.tensors import Batch, Prediction
from regard.types import EOS, PAD


class CrossEntropy(Objective):
    """-sum_t ((1 - smoothing) log p(y_t) + smoothing mean_v log p(v)) over real tokens, in nats.

    What the attention itself asks for is added: its own loss, such as that of
    coverage, and REINFORCE where it draws at random. See et al. (2017) add the
    former for the last steps only: `asked_from` = 0.99 or so.

    With `agreement` each batch is seen twice, under two draws of dropout, and
    pays for how far the two predictions p and q are apart: agreement / 2
    (KL(p || q) + KL(q || p)) for a token and its double (R-Drop, Liang et al.,
    2021, who took 5). It costs twice the time.

    Options:
        smoothing: share of the probability that is spread over the whole vocabulary
        guided: weight of the loss that draws the attention to given alignments, `data.align`, or of answers to the
            sentences that support them; 0 leaves them out
        evenly: weight of the loss that draws the attention over the whole of a source, evenly; 0 leaves it out
        agreement: weight of the divergence between two draws of dropout; 0 sees each batch once
        asked_from: the attention's own loss, such as that of coverage, counts from this share of the steps on
    """

    def __init__(
        self,
        *,
        smoothing: Share = 0.1,
        guided: Amount = 0.0,
        evenly: Amount = 0.0,
        agreement: Amount = 0.0,
        asked_from: Share = 0.0,
    ) -> None:
        self.smoothing, self.guided, self.evenly, self.agreement = smoothing, guided, evenly, agreement
        self.passes = 2 if agreement else 1
        self.asked_from, self.asked = asked_from, True

    def at(self, done: float) -> "CrossEntropy":
        """With the attention's own loss, or still without it."""
        if done >= self.asked_from:
            return self
        early = copy(self)
        early.asked = False
        return early

    def __call__(
        self, prediction: Prediction, batch: Batch, output: Output
    ) -> tuple[Float[Tensor, ""], Int[Tensor, ""]]:
        """That of the output, and what else is asked for."""
        real, read = batch.target != PAD, prediction.read
        loss, each = output.loss(prediction, batch.target, self.smoothing, self.agreement)
        if read.loss is not None and self.asked:
            loss = loss + read.loss[real].sum()
        if read.sample is not None:
            kind = read.sample.baseline.dtype
            rewards = torch.zeros(real.shape, dtype=kind, device=real.device).masked_scatter(real, -each.to(kind))
            loss = loss + rewarded(read.sample, rewards, real)
        if self.guided and batch.alignment is not None:
            loss = loss + self.guided * guided(read.weights, batch.alignment)
        if self.guided and batch.supports is not None:
            each = supported(read, batch.supports, real & (batch.target != EOS))
            loss = loss + self.guided * (each * real.sum(1)).sum()
        if self.evenly:
            loss = loss + self.evenly * evenly(read.weights, real, prediction.mask)
        return loss, real.sum()
