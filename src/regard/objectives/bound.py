"""The variational bound on -log p(picture), in nats a picture (Gregor et al., 2015, equations 9 to 12)."""

from copy import copy

import torch
from jaxtyping import Float, Int
from torch import Tensor

from regard.build import Amount, Share
from regard.decoders import Writes
from regard.objectives import Objective, rewarded
from regard.outputs import Output
from regard.tensors import Batch, Prediction


class Bound(Objective):
    """-log p(x | z_1..z_T) + sum_t KL(q(z_t) || p(z_t)), one draw of z for each picture.

    Its mean over draws is at least -log p(x). What the attention asks for is added, as in `cross_entropy`.

    Options:
        warm: the divergence counts `first` times at first, and as it is from this share of the steps on
        first: with less than 1 what is drawn by chance comes easily (Bowman et al., 2016); with more it is dear, so
            that words say first what they can (as beta does in Higgins et al., 2017)
    """

    writes: Writes = "pictures"

    def __init__(self, *, warm: Share = 0.0, first: Amount = 0.0) -> None:
        self.warm, self.first, self.weight = warm, first, 1.0

    def at(self, done: float) -> "Bound":
        """With the weight that the divergence has by then."""
        if done >= self.warm:
            return self
        early = copy(self)
        early.weight = self.first + (1 - self.first) * done / self.warm
        return early

    def __call__(
        self, prediction: Prediction, batch: Batch, output: Output
    ) -> tuple[Float[Tensor, ""], Int[Tensor, ""]]:
        """The sum over pictures, and how many they are."""
        read = prediction.read
        assert read.divergence is not None
        loss, each = output.loss(prediction, batch.target)
        costs = read.divergence.sum(1)
        loss = loss + self.weight * costs.sum()
        if read.loss is not None:
            loss = loss + read.loss.sum()
        if read.sample is not None:
            rewards = -(each + costs.detach())[:, None].expand(read.divergence.shape)
            loss = loss + rewarded(read.sample, rewards, torch.ones_like(rewards, dtype=torch.bool))
        return loss, torch.tensor(len(each), device=each.device)
