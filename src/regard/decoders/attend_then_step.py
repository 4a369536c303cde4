"""Attend, then step: the decoder of Bahdanau, Cho and Bengio (2015)."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from regard.attention import Keyed, MakeAttention
from regard.build import Share, Size
from regard.cells import Cell
from regard.decoders import Decoder
from regard.embedding import Embedding
from regard.kernels.dropout import Dropout
from regard.kernels.steps import steps
from regard.recurrence import Bridge, ContextGate, First, Gate, Stack
from regard.tensors import Memory, Read, Tree


@dataclass(frozen=True, slots=True)
class State(Tree):
    """What is to be read, and what has been understood so far."""

    attention: Keyed
    layers: Float[Tensor, "B L D"]


class AttendThenStep(Decoder[State]):
    """c_t = attention(h_{t-1}); h_t = RNN([y_{t-1}; c_t], h_{t-1}); features = tanh(W [h_t; c_t; y_{t-1}]).

    The context thus enters the recurrence (input feeding), section 3.1 of the paper.

    Options:
        cell: the recurrent unit
        size: hidden units
        layers: stacked layers; the attention's query is the top one
        residual: each further layer adds its input to its output
        norm: layer-normalise what each layer reads
        bridge: the first state is made of the encoder's last states, of the mean of all, or is zero
        gate: context gates that weigh source against target (Tu et al., 2017), on either or both
        dropout: share of inputs of each further layer, and of the features, that is dropped in training
    """

    def __init__(
        self,
        target: Embedding,
        memory_size: int,
        attention: MakeAttention,
        *,
        cell: Cell = "lstm",
        size: Size = 512,
        layers: Size = 1,
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
        self.gate = ContextGate(gate, target.size, memory_size, size)
        self.stack = Stack(cell, target.size + memory_size, size, layers, dropout, residual=residual, norm=norm)
        self.bridge = Bridge(memory_size, self.stack, bridge)
        self.readout = nn.Linear(size + memory_size + target.size, size)
        self.dropout = Dropout(dropout)

    def start(self, memory: Memory) -> State:
        """Keys are made once; the first state comes from what the encoder understood."""
        return State(self.attention.start(memory), self.bridge(memory))

    def forward(self, tokens: Int[Tensor, "B T"], state: State) -> tuple[Float[Tensor, "B T F"], State, Read]:
        """One step for each token."""
        attention, layers = state.attention, state.layers
        embedded, outputs, reads = self.embedding(tokens), [], []
        with steps(self.feature_size):
            for previous in embedded.split(1, 1):
                query = self.stack.hidden(layers)[:, None]
                read, attention = self.attention(query, attention)
                output, layers = self.stack(self.gate(previous, read.context, query), layers)
                outputs.append(output)
                reads.append(read)
        seen = Read.join(reads)
        features = self.readout(torch.cat([torch.cat(outputs, 1), seen.context, embedded], -1)).tanh()
        return self.dropout(features), State(attention, layers), seen
