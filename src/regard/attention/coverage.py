"""Attention that knows what it has covered (Tu et al., 2016; See, Liu and Manning, 2017)."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Keyed, Soft, Stepwise
from regard.build import Amount, Size
from regard.kernels.placed import placed_scores, reference
from regard.normalisers import Normaliser
from regard.tensors import Memory, Read


@dataclass(frozen=True, slots=True)
class Covered(Keyed):
    """Keys, the sum of all weights so far, and how much each place is worth to be looked at."""

    total: Float[Tensor, "B S"]
    fertility: Float[Tensor, "B S"]


class Coverage(Stepwise, Soft):
    """score = v . tanh(W query + U state + w c + b), c = the sum of the weights of all steps before.

    Equations 10 and 11 of See et al. The loss of a step, `loss` x sum of
    min(weights, c), equation 12, is what looking twice costs. With `fertility`
    N, c is divided by N sigmoid(f . state), as a place may need several looks:
    the fertility of Tu et al.

    Options:
        size: units of the hidden layer that compares
        loss: weight of the coverage loss; the paper adds it for the last steps of training only
        fertility: the most looks that a place may need; 0 expects one of each
    """

    def __init__(
        self,
        query_size: int,
        memory_size: int,
        normaliser: Normaliser,
        *,
        size: Size = 256,
        loss: Amount = 0.0,
        fertility: Amount = 0.0,
    ) -> None:
        super().__init__(normaliser)
        self.query = nn.Linear(query_size, size)
        self.memory = nn.Linear(memory_size, size, bias=False)
        self.covered = nn.Linear(1, size, bias=False)
        self.energy = nn.Linear(size, 1, bias=False)
        self.needed = nn.Linear(memory_size, 1, bias=False) if fertility else None
        self.loss, self.most = loss, fertility

    def keys(self, states: Float[Tensor, "B S M"]) -> Float[Tensor, "B S K"]:
        """U state."""
        return self.memory(states)  # type: ignore[no-any-return]

    def start(self, memory: Memory) -> Covered:
        """Nothing is covered."""
        nothing = torch.zeros_like(memory.states[..., 0])
        needed = self.most * self.needed(memory.states).squeeze(-1).sigmoid() if self.needed else nothing + 1
        return Covered(memory, self.keys(memory.states), nothing, needed)

    def prepare(self, query: Float[Tensor, "B T Q"]) -> Float[Tensor, "B T K"]:
        """W query + b."""
        return self.query(query)  # type: ignore[no-any-return]

    def step(self, query: Float[Tensor, "B 1 K"], state: Keyed) -> tuple[Read, Keyed]:
        """Look once, and add it up."""
        assert isinstance(state, Covered)
        covered, energy = (state.total / state.fertility)[..., None], self.energy.weight[0]
        weights = self.weigh(placed_scores(query, state.keys, covered, self.covered.weight, energy), state.memory)
        again = self.loss * weights[:, 0].minimum(state.total).sum(-1, keepdim=True) if self.loss else None
        seen = Covered(state.memory, state.keys, state.total + weights[:, 0], state.fertility)
        return Read(state.memory.read(weights), weights, loss=again), seen

    def score(self, query: Float[Tensor, "B T K"], keys: Float[Tensor, "B S K"]) -> Float[Tensor, "B T S"]:
        """V . tanh(query + key), where nothing is covered."""
        return reference(query, keys, None, None, self.energy.weight[0])
