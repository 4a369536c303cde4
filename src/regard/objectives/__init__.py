"""Objectives: outputs x targets -> (sum, count); the loop divides once, over all parts of a step."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from jaxtyping import Float, Int
from torch import Tensor

from regard.embedding import Output
from regard.tensors import Read


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a decoder made of a batch under teacher forcing."""

    features: Float[Tensor, "B T F"]
    read: Read


class Objective(ABC):
    """What training makes small."""

    @abstractmethod
    def __call__(
        self, prediction: Prediction, target: Int[Tensor, "B T"], output: Output
    ) -> tuple[Float[Tensor, ""], Int[Tensor, ""]]:
        """The loss summed over a batch, and over how many tokens it was summed."""
