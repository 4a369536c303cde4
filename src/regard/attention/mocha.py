"""Monotonic chunkwise attention (Chiu and Raffel, 2018)."""

from dataclasses import dataclass
from typing import Annotated

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from regard.attention import Keyed
from regard.attention.monotonic import Energy, Monotonic, Stopped, stops
from regard.build import Amount, Range, Size
from regard.normalisers import LEAST, Normaliser
from regard.tensors import Memory, Read


@dataclass(frozen=True, slots=True)
class Chunked(Stopped):
    """What monotonic attention remembers, and the keys that places of a chunk are compared by."""

    within: Float[Tensor, "B S K"]


class Mocha(Monotonic):
    """Soft attention over the `chunk` places that end where a monotonic step stops.

    weights_j = sum_{k = j .. j + chunk - 1} stop_k e^(u_j) / sum_{l = k - chunk + 1 .. k} e^(u_l).

    Options:
        size: units of the hidden layers that compare
        chunk: places that a step reads
        noise: deviation of the noise on the energies in training, which makes them decide
        offset: r, the energies' first offset; the lower, the further a step goes at first
    """

    def __init__(
        self,
        query_size: int,
        memory_size: int,
        normaliser: Normaliser,
        *,
        size: Size = 256,
        chunk: Size = 3,
        noise: Amount = 1.0,
        offset: Annotated[float, Range(-10, 10)] = -1.0,
    ) -> None:
        super().__init__(query_size, memory_size, normaliser, size=size, noise=noise, offset=offset)
        self.score = Energy(query_size, memory_size, size, None)  # an offset would change no weight
        self.chunk = chunk

    def start(self, memory: Memory) -> Chunked:
        """The first step begins at the first place."""
        stopped = super().start(memory)
        return Chunked(memory, stopped.keys, stopped.weights, self.score.memory(memory.states))

    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Stop, then read the chunk."""
        assert isinstance(state, Chunked)
        stopped = stops(self.energies(query, state), state.memory, state.weights, hard=not self.training)
        scores = self.score(query, state.within).masked_fill(~state.memory.mask[:, None], LEAST)
        weights = chunks(stopped, scores, self.chunk)
        return Read(state.memory.read(weights), weights), Chunked(
            state.memory, state.keys, stopped[:, -1], state.within
        )


def chunks(stopped: Float[Tensor, "B T S"], scores: Float[Tensor, "B T S"], size: int) -> Float[Tensor, "B T S"]:
    """What each place gets from the chunks that it is in, normalised chunk by chunk."""
    shares = F.pad(scores, (size - 1, 0), value=LEAST).unfold(-1, size, 1).softmax(-1)  # B T S chunk
    parts = (stopped[..., None] * shares).unbind(-1)  # part o of chunk k belongs to place k - size + 1 + o
    places = stopped.shape[-1]
    return sum((F.pad(part, (0, size))[..., size - 1 - o :][..., :places] for o, part in enumerate(parts)))  # type: ignore[return-value]
