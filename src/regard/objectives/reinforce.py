"""Cross-entropy of what is said, and REINFORCE for where was looked (Mnih et al., 2014; Williams, 1992)."""

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from regard.build import Amount, Share, Size
from regard.objectives import Objective, rewarded
from regard.outputs import Output
from regard.tensors import Batch, Prediction, Read
from regard.types import PAD


class Reinforce(Objective):
    """Cross-entropy + weight x sum over looks of -(reward - baseline) log p(place), in nats a token.

    The reward of a look is that of the word which it was made for and of all behind it: 1 if that is the
    likeliest word, else 0; or its log probability (Ba et al., 2015). Baselines are learnt beside it. Where
    nothing is drawn, as by `gaussian`, only the first term is left.

    Options:
        gain: the reward of a word: whether it is right, or its log probability
        weight: of the places in the loss
        samples: how often each picture is looked at in a step, at places drawn anew
        early: weight of the cross-entropy after each look but the last, on average, where the decoder has `each`
        smoothing: share of the probability that is spread over the whole vocabulary, in the cross-entropy
    """

    def __init__(
        self,
        *,
        gain: Literal["right", "likelihood"] = "right",
        weight: Amount = 0.1,
        samples: Size = 1,
        early: Amount = 0.0,
        smoothing: Share = 0.0,
    ) -> None:
        self.gain, self.weight, self.early, self.smoothing = gain, weight, early, smoothing
        self.passes = samples

    def __call__(
        self, prediction: Prediction, batch: Batch, output: Output
    ) -> tuple[Float[Tensor, ""], Int[Tensor, ""]]:
        """All terms; those that a model has no part in are nothing."""
        target, read = batch.target, prediction.read
        real = target != PAD
        loss, each = output.loss(prediction, target, self.smoothing)
        if read.sample is not None:
            with torch.no_grad():
                rewards = self._rewards(prediction, target, each, output)
                looked = _looked(read) & real.view(*real.shape, *[1] * (read.sample.log_prob.dim() - 2))
                counted = rewards * (looked if looked.dim() == 2 else looked.any(-1))
                behind = counted.flip(1).cumsum(1).flip(1)
            loss = loss + self.weight * rewarded(read.sample, behind, looked)
        if read.earlier is not None:
            loss = loss + self._earlier(read.earlier, read, target, output)
        return loss, real.sum()

    def _rewards(self, prediction: Prediction, target: Tensor, each: Tensor, output: Output) -> Float[Tensor, "B T"]:
        real = target != PAD
        if self.gain == "right":
            return (_likeliest(prediction.features, output) == target).float()
        return torch.zeros(real.shape, device=real.device).masked_scatter(real, -each.float())

    def _earlier(self, features: Float[Tensor, "B T N F"], read: Read, target: Tensor, output: Output) -> Tensor:
        """What is said after each look, and how sure it is."""
        looks = features.shape[2]
        wanted = target[..., None].expand(*target.shape, looks).masked_fill(~_looked(read), PAD)
        loss = features.new_zeros(())
        if self.early and looks > 1:
            before = Prediction(features[:, :, :-1].flatten(1, 2), read)
            loss = self.early / (looks - 1) * output.loss(before, wanted[:, :, :-1].flatten(1), self.smoothing)[0]
        if read.sure is not None:
            right = (_likeliest(features, output) == wanted).float()
            unsure = F.binary_cross_entropy_with_logits(read.sure.float(), right, reduction="none")
            loss = loss + unsure.masked_fill(wanted == PAD, 0.0).sum() / looks
        return loss


def _likeliest(features: Float[Tensor, "*N F"], output: Output) -> Int[Tensor, "*N"]:
    with torch.no_grad():
        likeliest: Tensor = output(features).argmax(-1)
        return likeliest


def _looked(read: Read) -> Bool[Tensor, "B T *N"]:
    """Where a look was made at all."""
    return (read.weights if read.hops is None else read.hops).sum(-1) > 0
