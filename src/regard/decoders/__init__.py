"""Decoders turn a Memory into features of the next token, many tokens at once or one at a time."""

from abc import ABC, abstractmethod
from typing import Generic, Literal, TypeVar

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from regard.sections import Picture
from regard.tensors import Batch, Memory, Pixels, Read, Tree
from regard.types import BOS

S = TypeVar("S", bound=Tree)
Writes = Literal["text", "pictures"]


class Decoder(nn.Module, ABC, Generic[S]):
    """Reads target tokens; one step is many steps: T tokens train, one token decodes.

    `feature_size` is the size of what it hands to the output layer. Modules
    hold weights only: all that changes while decoding is in the state. `writes`: what
    comes of it. `luck`: how many steps it makes of chance, and of how many numbers each, if it does. `tells`: whether
    one that looks several times for a word hands on the features after each look (`Read.earlier`) in use too, for
    whoever watches it.
    """

    writes: Writes = "text"
    luck: tuple[int, int] | None = None
    feature_size: int
    tells = False

    def taught(self, memory: Memory, batch: Batch) -> S:
        """The state before the first token, when it is to learn from what is wanted."""
        return self.start(memory)

    def inputs(self, batch: Batch) -> Tensor:
        """What it reads then: the true tokens before each."""
        return F.pad(batch.target[:, :-1], (1, 0), value=BOS)

    @abstractmethod
    def start(self, memory: Memory) -> S:
        """The state before the first token."""

    @abstractmethod
    def forward(self, tokens: Int[Tensor, "B T"], state: S) -> tuple[Float[Tensor, "B T F"], S, Read]:
        """Read `tokens` after `state`: the features of what follows each, the new state, where it looked."""


class Drawing(Decoder[S], ABC):
    """Draws a picture in steps. Its tokens are chance: what a step reads are numbers from a standard normal.

    So steps follow each other as those of a text do, T at once or one after the other. Features are the canvas after
    each, a logit for each byte. Before the `*` it is given how pictures are seen, in place of an embedding.
    """

    writes: Writes = "pictures"
    luck: tuple[int, int]

    def __init__(self, sight: Picture) -> None:
        super().__init__()
        self.shape = sight.side, sight.side, sight.channels
        self.feature_size = sight.side * sight.side * sight.channels

    @abstractmethod
    def start(self, memory: Memory, picture: Pixels | None = None) -> S:
        """The state before the first step; with a picture it is copied, from what can be told of it step by step."""

    @abstractmethod
    def forward(self, tokens: Float[Tensor, "B T Z"], state: S) -> tuple[Float[Tensor, "B T F"], S, Read]:
        """Draw with this luck: the canvas after each step, the new state, and where it read and wrote."""

    def taught(self, memory: Memory, batch: Batch) -> S:
        """Before the first step, with the picture in sight."""
        return self.start(memory, batch.target)

    def inputs(self, batch: Batch) -> Tensor:
        """Luck: what is given, or drawn anew."""
        if batch.luck is not None:
            return batch.luck
        steps, size = self.luck
        return torch.randn(len(batch.target), steps, size, device=batch.target.device)
