"""The convolutional decoder, with attention after every layer (Gehring et al., 2017)."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from regard.attention import Attention, Keyed, MakeAttention
from regard.blocks import HALF, GatedConvolution, projection, sinusoids
from regard.build import Share, Size
from regard.decoders import Decoder
from regard.embedding import Embedding
from regard.kernels.dropout import Dropout
from regard.tensors import Memory, Read, Tree


@dataclass(frozen=True, slots=True)
class Known(Tree):
    """What a layer knows: the source as its attention sees it, and its last width - 1 inputs."""

    attention: Keyed
    inputs: Float[Tensor, "B W H"]


@dataclass(frozen=True, slots=True)
class State(Tree):
    """What all layers know, and how many tokens were read."""

    layers: tuple[Known, ...]
    done: Int[Tensor, " B"]


class Convolutional(Decoder[State]):
    """h = gated convolution(x); h = (h + W attention(query)) sqrt(1/2); x = (h + x) sqrt(1/2), `layers` times.

    The query is (V h + input) sqrt(1/2), equation 1 of the paper: multi-step
    attention, for each layer knows what those before it read. What is shown is
    the mean of their weights, and so is what they ask of training.

    Options:
        size: of each state
        layers: stacked convolutions
        width: tokens that each of them sees, the last of them its own
        dropout: share of each convolution's inputs, and of the features, that is dropped in training
    """

    def __init__(
        self,
        target: Embedding,
        memory_size: int,
        attention: MakeAttention,
        *,
        size: Size = 256,
        layers: Size = 3,
        width: Size = 3,
        dropout: Share = 0.1,
    ) -> None:
        super().__init__()
        self.feature_size, self.width = size, width
        self.embedding = target
        self.project = projection(target.size, size)
        self.layers = nn.ModuleList(
            Layer(GatedConvolution(size, width, dropout), attention(size), memory_size, size) for _ in range(layers)
        )
        self.dropout = Dropout(dropout)

    def start(self, memory: Memory) -> State:
        """No token is known."""
        nothing = memory.states.new_zeros(memory.states.shape[0], self.width - 1, self.feature_size)
        layers = tuple(Known(attention.start(memory), nothing) for attention in self.attentions())
        return State(layers, torch.zeros_like(memory.mask[:, 0], dtype=torch.long))

    def attentions(self) -> list[Attention]:
        """The attention of each layer."""
        return [layer.attention for layer in self.layers]  # type: ignore[misc]

    def forward(self, tokens: Int[Tensor, "B T"], state: State) -> tuple[Float[Tensor, "B T F"], State, Read]:
        """All tokens at once, each of which sees itself and those before it."""
        places = state.done[:, None] + torch.arange(tokens.shape[1], device=tokens.device)
        first = self.project(self.embedding(tokens))
        x = first = self.dropout(first + sinusoids(places, first))
        layers, reads = [], []
        for layer, known in zip(self.layers, state.layers, strict=True):
            x, known, read = layer(x, first, known)
            layers.append(known)
            reads.append(read)
        return self.dropout(x), State(tuple(layers), state.done + tokens.shape[1]), Read.mean(reads)


class Layer(nn.Module):
    """A convolution over the tokens so far, then a look at the source."""

    def __init__(self, convolution: GatedConvolution, attention: Attention, memory_size: int, size: int) -> None:
        super().__init__()
        self.convolution, self.attention = convolution, attention
        self.query = nn.Linear(size, size)
        self.context = nn.Linear(memory_size, size)

    def forward(
        self, x: Float[Tensor, "B T H"], first: Float[Tensor, "B T H"], known: Known
    ) -> tuple[Float[Tensor, "B T H"], Known, Read]:
        """Convolve, look, and remember the last inputs."""
        inputs = torch.cat([known.inputs, x], 1)
        hidden = self.convolution(inputs)
        read, attention = self.attention((self.query(hidden) + first) * HALF, known.attention)
        hidden = (hidden + self.context(read.context)) * HALF
        return (hidden + x) * HALF, Known(attention, inputs[:, x.shape[1] :]), read
