"""Encoders turn a source into a Memory: all of their hidden states, not only the last.

There are two kinds. Before the `*` of its constructor, what reads a text is
given the embedding of its tokens, and what reads a picture the section of the
config that says how pictures are seen.
"""

from abc import ABC, abstractmethod
from typing import Any, Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from regard.sections import Picture
from regard.tensors import Memory, Pixels

Reads = Literal["text", "pictures"]


class Encoder(nn.Module, ABC):
    """Reads a source; `memory_size` is the size of each state that it hands over."""

    memory_size: int
    reads: Reads = "text"

    @staticmethod
    def settled(options: dict[str, Any]) -> dict[str, Any]:
        """The options of a new run, with what must be known of files and is to be kept with the model."""
        return options

    def begin(self) -> None:
        """Take weights that others have trained, if there are such; called once, before a training."""

    @abstractmethod
    def forward(self, source: Int[Tensor, "B S"]) -> Memory:
        """Encode a padded batch; padding changes nothing in the states of real places."""


class Seeing(Encoder, ABC):
    """Reads pictures in two steps: features of their regions, and from these a memory.

    Features may be given in place of pixels: where `frozen`, no training
    changes them, so that they can be made once for all.
    """

    reads = "pictures"
    frozen = False
    feature_size: int

    def __init__(self, sight: Picture) -> None:
        super().__init__()
        self.side, self.grid, self.channels = sight.side, sight.grid, sight.channels

    @abstractmethod
    def features(self, pixels: Pixels) -> Float[Tensor, "B S D"]:
        """What is seen in each region, row by row."""

    @abstractmethod
    def memory(self, features: Float[Tensor, "B S D"]) -> Memory:
        """What is handed over of it."""

    def forward(self, source: Pixels | Float[Tensor, "B S D"]) -> Memory:
        """Encode pictures, or their features."""
        return self.memory(self.features(source) if source.dim() == 4 else source.float())


def whole(states: Float[Tensor, "B S M"]) -> Memory:
    """A memory whose places are all real, and whose summary is their mean."""
    mask = torch.ones(states.shape[:2], dtype=torch.bool, device=states.device)
    return Memory(states, mask, states.mean(1))


def regions(maps: Float[Tensor, "B D H W"], grid: int) -> Float[Tensor, "B S D"]:
    """A map of features as grid x grid regions, each the mean of what lies in it, row by row."""
    if maps.shape[-2:] != (grid, grid):
        maps = nn.functional.adaptive_avg_pool2d(maps, grid)
    return maps.flatten(2).transpose(1, 2)
