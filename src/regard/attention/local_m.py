"""Local attention that moves one place a step, "local-m" in Luong, Pham and Manning (2015)."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from regard.attention import Keyed, exact
from regard.attention.general import General
from regard.build import Size
from regard.normalisers import Normaliser
from regard.tensors import Memory, Read


@dataclass(frozen=True, slots=True)
class Steps(Keyed):
    """Keys, and how many queries were answered."""

    done: Int[Tensor, " B"]


class LocalM(General):
    """`general` within the window of `width` places on either side of place t at step t, section 3.2 of the paper.

    At steps beyond the source's end the window stays at its last place.

    Options:
        width: D, places on either side
        gaussian: weights fall with the distance from place t as in local_p; the paper has that for local_p alone
    """

    def __init__(
        self,
        query_size: int,
        memory_size: int,
        normaliser: Normaliser,
        *,
        width: Size = 10,
        gaussian: bool = False,
    ) -> None:
        super().__init__(query_size, memory_size, normaliser)
        self.width, self.gaussian = width, gaussian

    def start(self, memory: Memory) -> Steps:
        """No step is done."""
        return Steps(memory, self.keys(memory.states), torch.zeros_like(memory.mask[:, 0], dtype=torch.long))

    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Look around the place whose turn it is."""
        assert isinstance(state, Steps)
        steps, memory = query.shape[1], state.memory
        turns = state.done[:, None] + torch.arange(steps, device=query.device)
        centre = turns.minimum(memory.mask.sum(1, keepdim=True) - 1)
        distance = distances(centre.to(exact(query)), memory)
        scores = within(self.score(query, state.keys), distance, self.width)
        if self.gaussian:
            scores = scores + log_gaussian(distance, self.width).to(scores.dtype)
        weights = self.weigh(scores, memory)
        return Read(memory.read(weights), weights), replace(state, done=state.done + steps)


def distances(centre: Float[Tensor, "B T"], memory: Memory) -> Float[Tensor, "B T S"]:
    """How far each place is from each centre."""
    places = torch.arange(memory.mask.shape[1], device=centre.device, dtype=centre.dtype)
    return places - centre[..., None]


def within(scores: Float[Tensor, "B T S"], distance: Float[Tensor, "B T S"], width: int) -> Float[Tensor, "B T S"]:
    """Scores of the places in the window; the others have none."""
    return scores.masked_fill(distance.detach().abs() > width, -torch.inf)


def log_gaussian(distance: Float[Tensor, "B T S"], width: int) -> Float[Tensor, "B T S"]:
    """Log of the factor by which weights fall with the distance, equation 10: sigma is half the width."""
    return -2 * (distance / width).square()
