"""Step, then attend: the decoder of Luong, Pham and Manning (2015)."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from regard.attention import Keyed, MakeAttention
from regard.build import Share, Size
from regard.decoders import Decoder
from regard.embedding import Embedding
from regard.recurrence import Bridge, Cell, Cells
from regard.tensors import Memory, Read, Tree


@dataclass(frozen=True, slots=True)
class State(Tree):
    """What is to be read, what has been understood, and the attentional vector of the step before."""

    attention: Keyed
    layers: Float[Tensor, "B L D"]
    fed: Float[Tensor, "B F"]


class StepThenAttend(Decoder[State]):
    """h_t = RNN([y_{t-1}; a_{t-1}], h_{t-1}); c_t = attention(h_t); a_t = tanh(W [c_t; h_t]).

    Equation 5 of the paper with the input feeding of its section 3.3.

    Options:
        cell: the recurrent unit
        size: hidden units
        layers: stacked layers; the attention's query is the top one
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
        dropout: Share = 0.2,
    ) -> None:
        super().__init__()
        self.feature_size = size
        self.embedding = target
        self.attention = attention(size)
        self.cells = Cells(cell, target.size + size, size, layers, dropout)
        self.bridge = Bridge(memory_size, self.cells)
        self.combine = nn.Linear(memory_size + size, size)
        self.dropout = nn.Dropout(dropout)

    def start(self, memory: Memory) -> State:
        """Keys are made once; the first state comes from the summary; nothing has been fed back yet."""
        fed = memory.summary.new_zeros(len(memory.summary), self.feature_size)
        return State(self.attention.start(memory), self.bridge(memory.summary), fed)

    def forward(self, tokens: Int[Tensor, "B T"], state: State) -> tuple[Float[Tensor, "B T F"], State, Read]:
        """One step for each token."""
        attention, layers, fed = state.attention, state.layers, state.fed
        features, reads = [], []
        for previous in self.embedding(tokens).unbind(1):
            hidden, layers = self.cells(torch.cat([previous, fed], 1), layers)
            read, attention = self.attention(hidden[:, None], attention)
            fed = self.combine(torch.cat([read.context[:, 0], hidden], 1)).tanh()
            features.append(fed)
            reads.append(read)
        return self.dropout(torch.stack(features, 1)), State(attention, layers, fed), Read.join(reads)
