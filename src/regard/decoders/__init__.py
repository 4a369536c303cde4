"""Decoders turn a Memory into features of the next token, many tokens at once or one at a time."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from jaxtyping import Float, Int
from torch import Tensor, nn

from regard.tensors import Memory, Read, Tree

S = TypeVar("S", bound=Tree)


class Decoder(nn.Module, ABC, Generic[S]):
    """Reads target tokens; one step is many steps: T tokens train, one token decodes.

    `feature_size` is the size of what it hands to the output layer. Modules
    hold weights only: all that changes while decoding is in the state. `tells`: whether one that looks several times
    for a word hands on the features after each look (`Read.earlier`) in use too, for whoever watches it.
    """

    feature_size: int
    tells = False

    @abstractmethod
    def start(self, memory: Memory) -> S:
        """The state before the first token."""

    @abstractmethod
    def forward(self, tokens: Int[Tensor, "B T"], state: S) -> tuple[Float[Tensor, "B T F"], S, Read]:
        """Read `tokens` after `state`: the features of what follows each, the new state, where it looked."""
