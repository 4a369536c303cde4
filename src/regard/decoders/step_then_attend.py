"""Step, then attend: the decoder of Luong, Pham and Manning (2015)."""

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
    """What is to be read, what has been understood, and the attentional vector of the step before."""

    attention: Keyed
    layers: Float[Tensor, "B L D"]
    fed: Float[Tensor, "B 1 F"]


class StepThenAttend(Decoder[State]):
    """h_t = RNN([y_{t-1}; a_{t-1}], h_{t-1}); c_t = attention(h_t); a_t = tanh(W [c_t; h_t]).

    Equation 5 of the paper with the input feeding of its section 3.3. Without
    it the recurrence does not wait for the attention: all steps of teacher
    forcing are one pass.

    Options:
        cell: the recurrent unit
        size: hidden units
        layers: stacked layers; the attention's query is the top one
        input_feeding: the attentional vector of each step enters the next one
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
        input_feeding: bool = True,
        residual: bool = False,
        norm: bool = False,
        bridge: First = "last",
        gate: Gate = "none",
        dropout: Share = 0.2,
    ) -> None:
        super().__init__()
        self.feature_size = size
        self.input_feeding = input_feeding
        self.embedding = target
        self.attention = attention(size)
        width = target.size + size if input_feeding else target.size
        self.stack = Stack(cell, width, size, layers, dropout, residual=residual, norm=norm)
        self.bridge = Bridge(memory_size, self.stack, bridge)
        self.gate = ContextGate(gate, size, memory_size)
        self.combine = nn.Linear(size + memory_size, size)
        self.dropout = Dropout(dropout)

    def start(self, memory: Memory) -> State:
        """Keys are made once; nothing has been fed back yet."""
        fed = memory.summary.new_zeros(memory.summary.shape[0], 1, self.feature_size)
        return State(self.attention.start(memory), self.bridge(memory), fed)

    def forward(self, tokens: Int[Tensor, "B T"], state: State) -> tuple[Float[Tensor, "B T F"], State, Read]:
        """One step for each token, or one pass over all of them."""
        embedded = self.embedding(tokens)
        if not self.input_feeding:
            features, state, read = self._steps(embedded, state)
            return self.dropout(features), state, read
        outputs, reads = [], []
        with steps(self.feature_size):
            for previous in embedded.split(1, 1):
                features, state, read = self._steps(torch.cat([previous, state.fed], -1), state)
                outputs.append(features)
                reads.append(read)
        return self.dropout(torch.cat(outputs, 1)), state, Read.join(reads)

    def _steps(self, inputs: Float[Tensor, "B T I"], state: State) -> tuple[Tensor, State, Read]:
        """Steps whose inputs are known."""
        hidden, layers = self.stack(inputs, state.layers)
        read, attention = self.attention(hidden, state.attention)
        features = self.combine(self.gate(hidden, read.context)).tanh()
        return features, State(attention, layers, features[:, -1:]), read
