"""Attention between the layers: the bottom one asks, the others read what was found (Wu et al., 2016, GNMT)."""

from dataclasses import dataclass
from typing import Annotated

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from regard.attention import Keyed, MakeAttention
from regard.build import Range, Share, Size
from regard.cells import Cell
from regard.decoders import Decoder
from regard.embedding import Embedding
from regard.kernels.dropout import Dropout
from regard.recurrence import Bridge, ContextGate, First, Gate, Stack
from regard.tensors import Memory, Read, Tree


@dataclass(frozen=True, slots=True)
class State(Tree):
    """What is to be read, and what has been understood below and above it."""

    attention: Keyed
    below: Float[Tensor, "B 1 D"]
    above: Float[Tensor, "B L D"]


class Between(Decoder[State]):
    """q_t = RNN(y_{t-1}, q_{t-1}); c_t = attention(q_t); h_t = RNN([q_t; c_t], h_{t-1}); features = tanh(W [h_t; c_t]).

    As in RNMT+ (Chen et al., 2018), the context also reaches the output. The
    bottom layer does not wait for the attention, so all steps of teacher
    forcing are one pass, and yet the context enters a recurrence.

    Options:
        cell: the recurrent unit
        size: hidden units
        layers: all stacked layers, one of them below the attention
        residual: each further layer adds its input to its output
        norm: layer-normalise what each layer reads
        bridge: the first state is made of the encoder's last states, of the mean of all, or is zero
        gate: context gates that weigh source against target (Tu et al., 2017), on either or both
        dropout: share of the queries, of inputs of each further layer, and of the features, dropped in training
    """

    def __init__(
        self,
        target: Embedding,
        memory_size: int,
        attention: MakeAttention,
        *,
        cell: Cell = "lstm",
        size: Size = 512,
        layers: Annotated[int, Range(2)] = 2,
        residual: bool = False,
        norm: bool = False,
        bridge: First = "last",
        gate: Gate = "none",
        dropout: Share = 0.2,
    ) -> None:
        super().__init__()
        self.feature_size = size
        self.embedding = target
        self.attention = attention(size)
        self.below = Stack(cell, target.size, size, 1, dropout, norm=norm)
        self.above = Stack(cell, size + memory_size, size, layers - 1, dropout, residual=residual, norm=norm)
        self.bridges = nn.ModuleList(Bridge(memory_size, stack, bridge) for stack in (self.below, self.above))
        self.gate = ContextGate(gate, size, memory_size)
        self.readout = nn.Linear(size + memory_size, size)
        self.dropout = Dropout(dropout)

    def start(self, memory: Memory) -> State:
        """Keys are made once; the first states come from what the encoder understood."""
        below, above = (bridge(memory) for bridge in self.bridges)
        return State(self.attention.start(memory), below, above)

    def forward(self, tokens: Int[Tensor, "B T"], state: State) -> tuple[Float[Tensor, "B T F"], State, Read]:
        """One pass over all tokens."""
        queries, below = self.below(self.embedding(tokens), state.below)
        read, attention = self.attention(queries, state.attention)
        outputs, above = self.above(self.gate(self.dropout(queries), read.context), state.above)
        features = self.readout(torch.cat([outputs, read.context], -1)).tanh()
        return self.dropout(features), State(attention, below, above), read
