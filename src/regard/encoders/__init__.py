"""Encoders turn a source into a Memory: all of their hidden states, not only the last."""

from abc import ABC, abstractmethod

from jaxtyping import Int
from torch import Tensor, nn

from regard.tensors import Memory


class Encoder(nn.Module, ABC):
    """Reads a source; `memory_size` is the size of each state that it hands over."""

    memory_size: int

    @abstractmethod
    def forward(self, source: Int[Tensor, "B S"]) -> Memory:
        """Encode a padded batch; padding changes nothing in the states of real places."""
