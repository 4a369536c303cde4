"""Attention: a query reads a memory.

A mechanism is one file with one class. Most of them only say how to score;
masking, normalising and the weighted sum are written here, once for all.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from regard.errors import ConfigError
from regard.normalisers import Normaliser
from regard.tensors import Memory, Pixels, Read, Sample, Tree


@dataclass(frozen=True, slots=True)
class Keyed(Tree):
    """A memory, and its states as keys: what the queries are compared with, computed once."""

    memory: Memory
    keys: Float[Tensor, "B S K"]


class Attention(nn.Module, ABC):
    """Reads a memory, given queries.

    Like a decoder it has `start` and a step, so that a mechanism may remember
    where it looked, and like a decoder it takes T queries as it takes one.
    The weights of a query sum to one, or, unless `sums_to_one`, to at most one; unless it
    `looks` at the memory at all, to zero.
    """

    sums_to_one = True
    looks = True
    looks_at: Literal["states", "pictures"] = "states"

    @abstractmethod
    def start(self, memory: Memory) -> Keyed:
        """Prepare the memory, once for a whole output sequence."""

    @abstractmethod
    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Read one context for each query; padding gets no weight at all."""


class Soft(Attention, ABC):
    """weights = normalise(score(query, keys)) over the real places; context = weights . states."""

    def __init__(self, normaliser: Normaliser) -> None:
        super().__init__()
        self.normaliser = normaliser

    def start(self, memory: Memory) -> Keyed:
        """Turn the states into keys."""
        return Keyed(memory, self.keys(memory.states))

    def forward(self, query: Float[Tensor, "R T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Score, mask, normalise, sum.

        Rows that follow each other may share a memory, R / B of them each: they
        ask as one row of more queries does.
        """
        rows = state.keys.shape[0]
        asked = query if query.shape[0] == rows else query.reshape(rows, -1, query.shape[-1])
        weights = self.weigh(self.score(asked, state.keys), state.memory)
        read = Read(state.memory.read(weights), weights)
        if asked is query:
            return read, state
        return read.map(lambda each: each.reshape(-1, query.shape[1], each.shape[-1])), state

    def weigh(self, scores: Float[Tensor, "B T S"], memory: Memory) -> Float[Tensor, "B T S"]:
        """Normalise scores over the real places."""
        return self.normaliser(scores.masked_fill(~memory.mask[:, None], -torch.inf))  # type: ignore[no-any-return]

    def keys(self, states: Float[Tensor, "B S M"]) -> Float[Tensor, "B S K"]:
        """What each query is compared with."""
        return states

    @abstractmethod
    def score(self, query: Float[Tensor, "B T Q"], keys: Float[Tensor, "B S K"]) -> Float[Tensor, "B T S"]:
        """How well each query fits each key."""


class Stepwise(Attention, ABC):
    """Attention whose next look depends on the last: queries are answered one after the other."""

    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Each query in turn."""
        reads = []
        for prepared in torch.split(self.prepare(query), 1, 1):
            read, state = self.step(prepared, state)
            reads.append(read)
        return Read.join(reads), state

    def prepare(self, query: Float[Tensor, "B T Q"]) -> Tensor:
        """What can be done to all queries at once."""
        return query

    @abstractmethod
    def step(self, query: Tensor, state: Keyed) -> tuple[Read, Keyed]:
        """Answer one prepared query."""


class Looking(Attention, ABC):
    """Attention to parts of the picture itself, which the encoder `pixels` hands over; weights say where they lie.

    It aims and it sees: what is aimed at is known before anything is seen, and may be turned to another place.
    """

    looks_at: Literal["states", "pictures"] = "pictures"

    def __init__(self, name: str, normaliser: Normaliser, channels: int) -> None:
        super().__init__()
        only_softmax(name, normaliser)
        self.name, self.channels = name, channels

    def start(self, memory: Memory) -> Keyed:
        """Nothing is prepared. ConfigError for a memory without a picture, or one of other colours."""
        if memory.picture is None:
            raise ConfigError(f"[attention] {self.name} looks at the picture itself; it wants [encoder] pixels.")
        found = memory.picture.shape[-1]
        if found != self.channels:
            raise ConfigError(f"[attention] {self.name}: channels is {self.channels}; the pictures have {found}.")
        return Keyed(memory, memory.states)

    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Look at a place for each query."""
        aim, sample = self.aim(query)
        return replace(self.see(aim, state, query.dtype), sample=sample), state

    @abstractmethod
    def aim(self, query: Float[Tensor, "B T Q"]) -> tuple[Float[Tensor, "B T P"], Sample | None]:
        """Where each query wants to look, in the mechanism's own terms, and what was drawn for that, if anything."""

    @abstractmethod
    def see(self, aim: Float[Tensor, "B T P"], state: Keyed, kind: torch.dtype) -> Read:
        """What is seen there, computed in numbers of this kind."""

    @abstractmethod
    def turned(self, aim: Float[Tensor, "B T P"], x: float, y: float, state: Keyed) -> Float[Tensor, "B T P"]:
        """The same aim around another place, given in shares of the picture's sides, from its left and top."""

    def picture(self, state: Keyed) -> Pixels:
        """What is looked at."""
        assert state.memory.picture is not None
        return state.memory.picture


def only_softmax(name: str, normaliser: Normaliser) -> None:
    """ConfigError if a normaliser was chosen for a mechanism that has no use for one."""
    if type(normaliser).__name__ != "Softmax":
        raise ConfigError(
            f"[normaliser] {type(normaliser).__name__.lower()} has no effect on the attention {name}, "
            "which has no scores to normalise: leave it out, or choose another attention."
        )


def exact(x: Tensor) -> torch.dtype:
    """The type to count places in, and to multiply over them: half precision has no name for place 257."""
    return torch.promote_types(x.dtype, torch.float32)


MakeAttention = Callable[[int], Attention]  # query size -> attention: a decoder asks for as many as it needs
