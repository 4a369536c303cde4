"""Attention: a query reads a memory.

A mechanism is one file with one class. Most of them only say how to score;
masking, normalising and the weighted sum are written here, once for all.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from regard.normalisers import Normaliser
from regard.tensors import Memory, Read, Tree


@dataclass(frozen=True, slots=True)
class Keyed(Tree):
    """A memory, and its states as keys: what the queries are compared with, computed once."""

    memory: Memory
    keys: Float[Tensor, "B S K"]


class Attention(nn.Module, ABC):
    """Reads a memory, given queries.

    Like a decoder it has `start` and a step, so that a mechanism may remember
    where it looked, and like a decoder it takes T queries as it takes one.
    """

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

    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Score, mask, normalise, sum."""
        weights = self.weigh(self.score(query, state.keys), state.memory)
        return Read(state.memory.read(weights), weights), state

    def weigh(self, scores: Float[Tensor, "B T S"], memory: Memory) -> Float[Tensor, "B T S"]:
        """Normalise scores over the real places."""
        return self.normaliser(scores.masked_fill(~memory.mask[:, None], -torch.inf))  # type: ignore[no-any-return]

    def keys(self, states: Float[Tensor, "B S M"]) -> Float[Tensor, "B S K"]:
        """What each query is compared with."""
        return states

    @abstractmethod
    def score(self, query: Float[Tensor, "B T Q"], keys: Float[Tensor, "B S K"]) -> Float[Tensor, "B T S"]:
        """How well each query fits each key."""


MakeAttention = Callable[[int], Attention]  # query size -> attention: a decoder asks for as many as it needs
