"""What a search asks of a model: to start, and to step. Both ends are plain NumPy arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from regard.types import Hypothesis

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a step offers for each of R rows: the k best tokens, the end, and where it looked.

    tokens: int64 (R, k) and log_probs: float32 (R, k), best first; end: float32 (R),
    the log probability of stopping here; attention: float32 (R, S).
    """

    tokens: NDArray[np.int64]
    log_probs: NDArray[np.float32]
    end: NDArray[np.float32]
    attention: NDArray[np.float32]


class Backend(Protocol[S]):
    """A model that can be searched; its state is its own affair."""

    def start(self, sources: Sequence[Sequence[int]]) -> S:
        """Encode the sources: one row for each, in their order."""
        ...

    def step(self, tokens: NDArray[np.int64], parents: NDArray[np.int64], state: S, k: int) -> tuple[Choices, S]:
        """Row i continues row `parents[i]` of the state with `tokens[i]`; rows may be repeated or left out."""
        ...

    def force(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[Hypothesis]:
        """Each given target as if a search had found it: its log probabilities, and where the model looks."""
        ...
