"""What flows inside the network: Batch -> Memory -> State -> (features, Read).

Frozen dataclasses of batch-first tensors. `types.py` holds what flows outside
of it, and the legend of the shape letters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor

from regard.kernels.multiplicative import weighted_sum
from regard.stacking import stacked
from regard.types import Source

Self = TypeVar("Self", bound="Tree")
Pixels = UInt8[Tensor, "B H W C"]
Sources = Int[Tensor, "B S"] | Int[Tensor, "B S 2"] | Pixels | Float[Tensor, "B S D"]


class Tree:
    """A dataclass of batch-first tensors (or trees of them, or tuples of trees) that moves as one."""

    def map(self: Self, change: Callable[[Tensor], Tensor]) -> Self:
        """The same tree with every tensor changed."""
        new: dict[str, Any] = {}
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, Tensor):
                new[field.name] = change(value)
            elif isinstance(value, Tree):
                new[field.name] = value.map(change)
            elif isinstance(value, tuple):
                new[field.name] = tuple(tree.map(change) for tree in value)
        return replace(self, **new)  # type: ignore[type-var]

    def select(self: Self, rows: Int[Tensor, " R"]) -> Self:
        """Pick batch rows, with repetition: all that a search asks of a state."""
        return self.map(lambda tensor: tensor.index_select(0, rows))

    def to(self: Self, device: torch.device) -> Self:
        """The same tree on a device."""
        return self.map(lambda tensor: tensor.to(device))


@dataclass(frozen=True, slots=True)
class Batch(Tree):
    """Sources, and padded targets with their end sign, or the pictures that are to be drawn.

    Sources are ids, padded and with their end sign too, or pictures: bytes of
    pixels, or what a frozen encoder has made of these. Where words may be copied, each
    place has two ids: what is read there, and what is copied from it. `alignment`, where it is
    known: which source places each target token was made of, a distribution
    over them, or all zero for a token without a link. `worth`, where outputs were
    drawn: how much better than expected each is; they are further targets, R = B x
    (1 + draws) in all, one draw for all sources behind the other. `luck`: what a decoder that draws by chance makes
    its choices of, where it is to make the same ones again; else it takes its own. `supports`: which places make
    up each of K sentences that the target follows from, 1 or 0; all 0 where there are fewer.
    """

    source: Sources
    target: Int[Tensor, "R T"] | Pixels
    alignment: Float[Tensor, "R T S"] | None = None
    worth: Float[Tensor, " D"] | None = None
    luck: Float[Tensor, "R N Z"] | None = None
    supports: Float[Tensor, "R K S"] | None = None


@dataclass(frozen=True, slots=True)
class Memory(Tree):
    """All that an encoder hands over: every state, which of them are real, and one vector for all.

    States are what a query is compared with. They are also what is read,
    unless the encoder gives `values` of their own (Gehring et al., 2017). `picture`, where the
    source is one that is looked at in parts: its pixels, of which only these parts are touched.
    """

    states: Float[Tensor, "B S M"]
    mask: Bool[Tensor, "B S"]
    summary: Float[Tensor, "B M"]
    values: Float[Tensor, "B S M"] | None = None
    picture: Pixels | None = None

    def read(self, weights: Float[Tensor, "B T S"]) -> Float[Tensor, "B T M"]:
        """The weighted sum: the context of each row of weights."""
        return weighted_sum(weights, self.read_from)

    @property
    def read_from(self) -> Float[Tensor, "B S M"]:
        """What a weighted sum is taken of."""
        return self.states if self.values is None else self.values

    def mean(self) -> Float[Tensor, "B M"]:
        """The mean of the states of the real places."""
        real = self.mask[..., None].to(self.states.dtype)
        return (self.states * real).sum(1) / real.sum(1)


@dataclass(frozen=True, slots=True)
class Sample(Tree):
    """Places that were drawn at random, one or N a step, so that no gradient flows through them: for REINFORCE.

    `log_prob` of what was drawn, in nats, and `baseline`: the reward (the log
    probability of the target token, in nats) that was to be expected.
    """

    log_prob: Float[Tensor, "B T *N"]
    baseline: Float[Tensor, "B T *N"]


@dataclass(frozen=True, slots=True)
class Read(Tree):
    """What attention took from the memory, and where it looked.

    `loss` is what a mechanism itself asks training to make small, in nats a
    step, and `sample` what it drew; most mechanisms have neither. `hops` are the weights
    of N reads that one step took after each other, of which the last are `weights`, or their mean.

    Of looks at parts of a picture: `boxes` are (left, top, right, bottom), as shares of its sides, of each of
    N looks where a step has several; all zero where there was none. A decoder that can answer before its last
    look hands on, in training, the features after each, `earlier`, and the logits of being right, `sure`.
    `divergence`, where a decoder draws by chance and knows what is to come of it: KL(its choice || what it would have
    chosen without knowing), in nats a step.
    """

    context: Float[Tensor, "B T M"]
    weights: Float[Tensor, "B T S"]
    loss: Float[Tensor, "B T"] | None = None
    sample: Sample | None = None
    hops: Float[Tensor, "B T N S"] | None = None
    boxes: Float[Tensor, "B T *N 4"] | None = None
    earlier: Float[Tensor, "B T N F"] | None = None
    sure: Float[Tensor, "B T N"] | None = None
    divergence: Float[Tensor, "B T"] | None = None

    @staticmethod
    def join(reads: Sequence["Read"]) -> "Read":
        """Reads of consecutive steps as one."""
        return _joined(reads, lambda tensors: torch.cat(tensors, 1))

    @staticmethod
    def mean(reads: Sequence["Read"]) -> "Read":
        """Reads of the same steps, by several layers or heads, as their average."""
        return _joined(reads, lambda tensors: torch.stack(tensors).mean(0)) if len(reads) > 1 else reads[0]


@dataclass(frozen=True, slots=True)
class Copies(Tree):
    """What an output may copy: the id of each source place in the target's vocabulary, as `Copyable` counts them."""

    ids: Int[Tensor, "B S"]


@dataclass(frozen=True, slots=True)
class Prediction(Tree):
    """What a decoder made of a batch under teacher forcing.

    `mask`: the real places of the sources, if not all are; `copies`: what may be copied from them, if anything.
    """

    features: Float[Tensor, "B T F"]
    read: Read
    mask: Bool[Tensor, "B S"] | None = None
    copies: Copies | None = None


def _joined(trees: Sequence[Self], join: Callable[[list[Tensor]], Tensor]) -> Self:
    """One tree of several of a kind; what the first lacks is lacking in all."""
    new: dict[str, Any] = {}
    for field in fields(trees[0]):  # type: ignore[arg-type]
        values = [getattr(tree, field.name) for tree in trees]
        if isinstance(values[0], Tensor):
            new[field.name] = join(values)
        elif isinstance(values[0], Tree):
            new[field.name] = _joined(values, join)
    return replace(trees[0], **new)  # type: ignore[type-var]


def pad(sources: Sequence[Source]) -> Sources:
    """Texts as one padded tensor of ids, or pictures as one of pixels or features; of targets the same."""
    return torch.from_numpy(stacked(sources))
