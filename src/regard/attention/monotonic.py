"""Attention that only moves forwards, and can be read as the source comes in (Raffel et al., 2017)."""

from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Attention, Keyed, exact, only_softmax
from regard.build import Amount, Range, Size
from regard.kernels.additive import additive_scores
from regard.normalisers import Normaliser
from regard.tensors import Memory, Read


@dataclass(frozen=True, slots=True)
class Stopped(Keyed):
    """Keys, and where the step before stopped: a place, or in training the probability of each."""

    weights: Float[Tensor, "B S"]


class Energy(nn.Module):
    """g v / |v| . tanh(W query + V state + b) + r, equation 16: r decides how far a step goes before training."""

    def __init__(self, query_size: int, memory_size: int, size: int, offset: float | None) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, size)
        self.memory = nn.Linear(memory_size, size, bias=False)
        self.direction = nn.Parameter(torch.randn(size))
        self.gain = nn.Parameter(torch.tensor(size**-0.5))
        self.offset = None if offset is None else nn.Parameter(torch.tensor(offset))

    def forward(self, query: Float[Tensor, "B T Q"], keys: Float[Tensor, "B S K"]) -> Float[Tensor, "B T S"]:
        """The energy of each query at each place."""
        energy = additive_scores(self.query(query), keys, self.gain * F.normalize(self.direction, dim=0))
        return energy if self.offset is None else energy + self.offset


class Monotonic(Attention):
    """A step goes on from where the last one stopped, and stops at a place with probability sigmoid(energy).

    Training takes the expectation over all ways, equation 9: so weights sum to
    one, less what ran off the end. In use a step stops at the first place whose
    probability is above one half, section 2.2, and if there is none it sees nothing.

    Options:
        size: units of the hidden layer that compares
        noise: deviation of the noise on the energies in training, which makes them decide
        offset: r, the energies' first offset; the lower, the further a step goes at first
    """

    sums_to_one = False

    def __init__(
        self,
        query_size: int,
        memory_size: int,
        normaliser: Normaliser,
        *,
        size: Size = 256,
        noise: Amount = 1.0,
        offset: Annotated[float, Range(-10, 10)] = -1.0,
    ) -> None:
        super().__init__()
        only_softmax(type(self).__name__.lower(), normaliser)
        self.stop = Energy(query_size, memory_size, size, offset)
        self.noise = noise

    def start(self, memory: Memory) -> Stopped:
        """The first step begins at the first place."""
        return Stopped(memory, self.stop.memory(memory.states), first_place(memory))

    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Every step from where the last one stopped."""
        assert isinstance(state, Stopped)
        weights = stops(self.energies(query, state), state.memory, state.weights, hard=not self.training)
        return Read(state.memory.read(weights), weights), Stopped(state.memory, state.keys, weights[:, -1])

    def energies(self, query: Float[Tensor, "B T Q"], state: Stopped) -> Float[Tensor, "B T S"]:
        """With noise in training, without it in use."""
        energy: Tensor = self.stop(query, state.keys)
        return energy + self.noise * torch.randn_like(energy) if self.training and self.noise else energy


def first_place(memory: Memory) -> Float[Tensor, "B S"]:
    """All weight on the first place."""
    return F.pad(torch.ones_like(memory.states[:, :1, 0]), (0, memory.mask.shape[1] - 1))


def stops(
    energy: Float[Tensor, "B T S"], memory: Memory, before: Float[Tensor, "B S"], *, hard: bool
) -> Float[Tensor, "B T S"]:
    """Where each step stops: one place in use, in training the probability of each."""
    kind, real, steps = energy.dtype, memory.mask[:, None], []
    energy, before = energy.to(exact(energy)), before.to(exact(energy))
    if hard:
        stopping = ((energy > 0) & real).to(energy.dtype)
        for p in stopping.unbind(1):
            before = first(p * before.cumsum(-1))
            steps.append(before)
    else:
        passed = (F.logsigmoid(-energy) * real).cumsum(-1)
        for p, log in zip((energy.sigmoid() * real).unbind(1), F.pad(passed, (1, 0))[..., :-1].unbind(1), strict=True):
            before = p * arrived(before, log)
            steps.append(before)
    return torch.stack(steps, 1).to(kind)


def first(found: Float[Tensor, "B S"]) -> Float[Tensor, "B S"]:
    """Of places that are marked with one, the first."""
    return found * (found.cumsum(-1) <= 1)


def arrived(before: Float[Tensor, "B S"], log: Float[Tensor, "B S"]) -> Float[Tensor, "B S"]:
    """sum_{i <= j} before_i prod_{i <= l < j} (1 - p_l), equation 8, given the log of the product over all l < j.

    In logs, because the quotient of two such products is 0 / 0 far from the start.
    """
    tiny = torch.finfo(before.dtype).tiny
    return ((before.clamp(min=tiny).log() - log).logcumsumexp(-1) + log).exp()
