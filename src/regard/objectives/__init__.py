"""Objectives: outputs x targets -> (sum, count); the loop divides once, over all parts of a step."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from regard.decoders import Writes
from regard.outputs import Output
from regard.tensors import Batch, Prediction, Read, Sample


@dataclass(frozen=True, slots=True)
class Draws:
    """So many outputs of each source, which the model draws and a score of the task values, against a baseline."""

    number: int
    reward: str  # the name of the score; empty, the task's first
    baseline: Literal["others", "greedy"]


class Objective(ABC):
    """What training makes small.

    passes: how often it must see a batch at once: its rows come so often, one copy of all behind the other
    writes: of what outputs it is, text or pictures
    draws: outputs that it must see besides the given targets, as further targets of a batch, with their `worth`
    """

    passes = 1
    writes: Writes = "text"
    draws: Draws | None = None

    def at(self, done: float) -> "Objective":
        """The same when this share of a training's steps is done, for what comes late in it."""
        return self

    @abstractmethod
    def __call__(
        self, prediction: Prediction, batch: Batch, output: Output
    ) -> tuple[Float[Tensor, ""], Int[Tensor, ""]]:
        """The loss summed over a batch, and over how many tokens it was summed."""


def rewarded(sample: Sample, rewards: Float[Tensor, "B T"], real: Bool[Tensor, "B T *N"]) -> Float[Tensor, ""]:
    """-(reward - baseline) log p(what was drawn), and (reward - baseline)^2 / 2 for the baseline (Williams, 1992).

    Rewards are constants here, such as the log probabilities of the target tokens, in nats. Several draws of a step
    have one reward.
    """
    if sample.log_prob.dim() > rewards.dim():
        rewards = rewards[..., None]
    if sample.log_prob.dim() > real.dim():
        real = real[..., None]
    advantage = rewards - sample.baseline
    each = advantage.square() / 2 - advantage.detach() * sample.log_prob
    return each.masked_fill(~real, 0.0).sum()


def evenly(
    weights: Float[Tensor, "B T S"], real: Bool[Tensor, "B T"], places: Bool[Tensor, "B S"] | None
) -> Float[Tensor, ""]:
    """Sum (tau - sum_t weights)^2 over all places, tau = T / S: nothing is left unseen (Xu et al., 2015, 4.2.1).

    The paper lets the weights of a place sum to one, which they cannot where there are more places than words.
    """
    seen = (weights.float() * real[..., None]).sum(1)
    inside = torch.ones_like(seen, dtype=torch.bool) if places is None else places
    share = real.sum(1, keepdim=True) / inside.sum(1, keepdim=True)
    return (share - seen).square().masked_fill(~inside, 0.0).sum()


def guided(weights: Float[Tensor, "B T S"], alignment: Float[Tensor, "B T S"]) -> Float[Tensor, ""]:
    """-sum alignment log weights, over the tokens that have a link (Chen et al., 2016, equation 8), in nats."""
    smallest = 1e-9  # a place that got no weight at all must still cost a finite amount
    return -(alignment * (weights.float() + smallest).log()).sum()


def supported(read: Read, supports: Float[Tensor, "B K S"], words: Bool[Tensor, "B T"]) -> Float[Tensor, " B"]:
    """-mean_k log of the share of an answer's looks that sentence k got, over the K that it follows from, in nats.

    The looks of several reads count alike, so that each can find a sentence of its own; where in a sentence is
    left open. That the sentences are known is the strong supervision of Weston et al. (2015, Memory Networks).
    """
    looks = read.weights if read.hops is None else read.hops.mean(2)
    said = words / words.sum(1, keepdim=True).clamp(min=1)
    share = torch.einsum("bks,bts,bt->bk", supports, looks.float(), said)
    there = supports.any(-1)
    smallest = 1e-6  # as in `guided`, and the gradient of an answer that looks elsewhere stays finite
    return -((share + smallest).log() * there).sum(1) / there.sum(1).clamp(min=1)
