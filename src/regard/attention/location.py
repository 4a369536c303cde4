"""Attention that knows where it looked last (Chorowski et al., 2015)."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Keyed, Soft, Stepwise
from regard.build import Size
from regard.kernels.placed import placed_scores, reference
from regard.normalisers import Normaliser
from regard.tensors import Memory, Read


@dataclass(frozen=True, slots=True)
class Looked(Keyed):
    """Keys, and the weights of the step before; the first column is the place just before the source."""

    weights: Float[Tensor, "B S1"]


class Location(Stepwise, Soft):
    """score = w . tanh(W query + V state + U f + b), f = F * weights of the step before: equations 8 and 9.

    F is a convolution, so a step can say "one place further" wherever it is.
    Before the first step it looked at the place just before the source.

    Options:
        size: units of the hidden layer that compares
        filters: how many features the convolution makes of the weights before
        width: places on either side that a filter sees
        content: whether states are compared at all; without, only the place and the query decide
    """

    def __init__(
        self,
        query_size: int,
        memory_size: int,
        normaliser: Normaliser,
        *,
        size: Size = 256,
        filters: Size = 8,
        width: Size = 5,
        content: bool = True,
    ) -> None:
        super().__init__(normaliser)
        self.query = nn.Linear(query_size, size)
        self.memory = nn.Linear(memory_size, size, bias=False) if content else None
        self.filters = nn.Conv1d(1, filters, 2 * width + 1, padding=width, bias=False)
        self.place = nn.Linear(filters, size, bias=False)
        self.energy = nn.Linear(size, 1, bias=False)
        self.size = size

    def keys(self, states: Float[Tensor, "B S M"]) -> Float[Tensor, "B S K"]:
        """V state."""
        if self.memory is None:
            return states.new_zeros(*states.shape[:2], self.size)
        return self.memory(states)  # type: ignore[no-any-return]

    def start(self, memory: Memory) -> Looked:
        """Keys are made once; all the weight is just before the source."""
        nowhere = torch.zeros_like(memory.states[..., 0])
        return Looked(memory, self.keys(memory.states), F.pad(nowhere, (1, 0), value=1.0))

    def prepare(self, query: Float[Tensor, "B T Q"]) -> Float[Tensor, "B T K"]:
        """W query + b."""
        return self.query(query)  # type: ignore[no-any-return]

    def step(self, query: Float[Tensor, "B 1 K"], state: Keyed) -> tuple[Read, Keyed]:
        """Look once, and remember where."""
        assert isinstance(state, Looked)
        features = self.filters(state.weights[:, None])[..., 1:].transpose(1, 2)
        scores = placed_scores(query, state.keys, features, self.place.weight, self.energy.weight[0])
        weights = self.weigh(scores, state.memory)
        looked = Looked(state.memory, state.keys, F.pad(weights[:, 0], (1, 0)))
        return Read(state.memory.read(weights), weights), looked

    def score(self, query: Float[Tensor, "B T K"], keys: Float[Tensor, "B S K"]) -> Float[Tensor, "B T S"]:
        """W . tanh(query + key), wherever it looked before."""
        return reference(query, keys, None, None, self.energy.weight[0])
