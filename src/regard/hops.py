"""Several reads of a memory for each query, one after the other (Sukhbaatar et al., 2015)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Attention, Keyed
from regard.tensors import Memory, Read, Sample


@dataclass(frozen=True, slots=True)
class Hopped(Keyed):
    """A memory, and the state of each read."""

    reads: tuple[Keyed, ...]


class Hops(Attention):
    """q_{k+1} = q_k + H_k context_k, section 2.2 of the paper, with attention of any kind, of its own for each read.

    The context is the sum of those of all reads, as the paper's answer follows from o_K and the u_K that all others
    went into; the weights are those of the last, and `Read.hops` has all. What they ask of training is added up.
    """

    def __init__(self, query_size: int, memory_size: int, reads: Sequence[Attention]) -> None:
        super().__init__()
        self.reads = nn.ModuleList(reads)
        self.moves = nn.ModuleList(nn.Linear(memory_size, query_size, bias=False) for _ in reads[1:])
        self.sums_to_one, self.looks = reads[-1].sums_to_one, reads[-1].looks

    def start(self, memory: Memory) -> Hopped:
        """Each read has keys of its own."""
        states = tuple(read.start(memory) for read in self.reads)  # type: ignore[operator]
        return Hopped(memory, states[0].keys, states)

    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Read, move the query, read again."""
        assert isinstance(state, Hopped)
        found: list[Read] = []
        states: list[Keyed] = []
        for attention, own, move in zip(self.reads, state.reads, [None, *self.moves], strict=True):
            if move is not None:
                query = query + move(found[-1].context)
            read, own = attention(query, own)
            found.append(read)
            states.append(own)
        context = torch.stack([read.context for read in found]).sum(0)
        hops, last = torch.stack([read.weights for read in found], 2), found[-1].weights
        read = Read(context, last, _sum([r.loss for r in found]), _drawn([r.sample for r in found]), hops)
        return read, Hopped(state.memory, state.keys, tuple(states))


def _sum(losses: Sequence[Tensor | None]) -> Tensor | None:
    known = [loss for loss in losses if loss is not None]
    return torch.stack(known).sum(0) if known else None


def _drawn(samples: Sequence[Sample | None]) -> Sample | None:
    """All that was drawn in one step has the probability of a product, and one reward."""
    known = [sample for sample in samples if sample is not None]
    if not known:
        return None
    log_probs, baselines = (torch.stack(each) for each in zip(*((s.log_prob, s.baseline) for s in known), strict=True))
    return Sample(log_probs.sum(0), baselines.mean(0))
