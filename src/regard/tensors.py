"""What flows inside the network: Batch -> Memory -> State -> (features, Read).

Frozen dataclasses of batch-first tensors. `types.py` holds what flows outside
of it, and the legend of the shape letters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from regard.types import PAD

Self = TypeVar("Self", bound="Tree")


class Tree:
    """A dataclass of batch-first tensors (or trees of them) that moves as one."""

    def map(self: Self, change: Callable[[Tensor], Tensor]) -> Self:
        """The same tree with every tensor changed."""
        new: dict[str, Any] = {}
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, Tensor):
                new[field.name] = change(value)
            elif isinstance(value, Tree):
                new[field.name] = value.map(change)
        return replace(self, **new)  # type: ignore[type-var]

    def select(self: Self, rows: Int[Tensor, " R"]) -> Self:
        """Pick batch rows, with repetition: all that a search asks of a state."""
        return self.map(lambda tensor: tensor.index_select(0, rows))

    def to(self: Self, device: torch.device) -> Self:
        """The same tree on a device."""
        return self.map(lambda tensor: tensor.to(device))


@dataclass(frozen=True, slots=True)
class Batch(Tree):
    """Padded sources and targets, both with their end sign."""

    source: Int[Tensor, "B S"]
    target: Int[Tensor, "B T"]


@dataclass(frozen=True, slots=True)
class Memory(Tree):
    """All that an encoder hands over: every state, which of them are real, and one vector for all."""

    states: Float[Tensor, "B S M"]
    mask: Bool[Tensor, "B S"]
    summary: Float[Tensor, "B M"]


@dataclass(frozen=True, slots=True)
class Read(Tree):
    """What attention took from the memory, and where it looked."""

    context: Float[Tensor, "B T M"]
    weights: Float[Tensor, "B T S"]

    @staticmethod
    def join(reads: Sequence["Read"]) -> "Read":
        """Reads of consecutive steps as one."""
        return Read(torch.cat([r.context for r in reads], 1), torch.cat([r.weights for r in reads], 1))


def pad(rows: Sequence[Sequence[int]]) -> Int[Tensor, "B S"]:
    """Rows of ids as one padded tensor."""
    longest = max(len(row) for row in rows)
    padded = torch.full((len(rows), longest), PAD, dtype=torch.long)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = torch.as_tensor(row, dtype=torch.long)
    return padded
