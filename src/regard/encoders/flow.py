"""Attention flow between a question and its passage (Seo et al., 2017, BiDAF)."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from regard.build import Share, Size
from regard.cells import Cell, recurrent_layer
from regard.embedding import Embedding
from regard.encoders import Encoder
from regard.encoders.recurrent import Recurrent, both_ways, ends
from regard.kernels.dropout import Dropout
from regard.tensors import Memory
from regard.types import BOS, PAD


class Flow(Encoder):
    """H reads all; s_tj = w . [h_t; h_j; h_t h_j], place t with place j of the question; states read [h; u; hu; hv].

    u_t = softmax_j(s_t) . H is what of the question fits a place, and v = softmax_t(max_j s_tj) . H, over the
    places of the passage, what of the passage fits the question: equations 1 to 5. The question is what stands
    before the start sign, the passage what stands behind it; of a source without the sign each is the whole. The
    scores are a number for each pair of places.

    Options:
        cell: the recurrent unit
        size: hidden units in each direction, of what reads at first and of what reads behind the flow
        dropout: share of what the second reads, and of the memory, that is dropped in training
    """

    def __init__(self, source: Embedding, *, cell: Cell = "lstm", size: Size = 256, dropout: Share = 0.2) -> None:
        super().__init__()
        self.memory_size = 2 * size
        self.reader = Recurrent(source, cell=cell, size=size, dropout=dropout)
        self.places = nn.Linear(2 * size, 1, bias=False)
        self.asked = nn.Linear(2 * size, 1, bias=False)
        self.both = nn.Parameter(torch.empty(2 * size).uniform_(-1, 1) / (2 * size) ** 0.5)
        self.forwards, self.backwards = (recurrent_layer(cell, 8 * size, size) for _ in range(2))
        self.dropout = Dropout(dropout)

    def forward(self, source: Int[Tensor, "B S"]) -> Memory:
        """Encode a padded batch."""
        read = self.reader(source)
        question, passage = segments(source)
        given = flow(read.states, self.scores(read.states), question, passage)
        lengths = read.mask.sum(1)
        states = both_ways(given, lengths, self.forwards, self.backwards)
        return Memory(self.dropout(states), read.mask, self.dropout(ends(states, lengths)))

    def scores(self, states: Float[Tensor, "B S M"]) -> Float[Tensor, "B S S"]:
        """How well each place fits each other: w . [h_t; h_j; h_t h_j], without ever writing these side by side."""
        return self.places(states) + self.asked(states).mT + (states * self.both) @ states.mT  # type: ignore[no-any-return]


def flow(
    states: Float[Tensor, "B S M"],
    scores: Float[Tensor, "B S S"],
    question: Bool[Tensor, "B S"],
    passage: Bool[Tensor, "B S"],
) -> Float[Tensor, "B S F"]:
    """[h; u; hu; hv] of each place."""
    scores = scores.float() if scores.dtype == torch.bfloat16 else scores
    scores = scores.masked_fill(~question[:, None], -torch.inf)
    towards = scores.softmax(-1).to(states.dtype) @ states
    fits = scores.amax(-1).masked_fill(~passage, -torch.inf).softmax(-1)
    back = fits[:, None].to(states.dtype) @ states
    return torch.cat([states, towards, states * towards, states * back], -1)


def segments(source: Int[Tensor, "B S"]) -> tuple[Bool[Tensor, "B S"], Bool[Tensor, "B S"]]:
    """The places of the question and those of the passage; all of a source, where one of them has none."""
    real, sign = source != PAD, source == BOS
    behind = (sign.cumsum(1) > 0) & real
    found = real & ~behind & sign.any(1, keepdim=True), behind & ~sign
    return found[0] | real & ~found[0].any(1, keepdim=True), found[1] | real & ~found[1].any(1, keepdim=True)
