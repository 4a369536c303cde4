"""The Transformer decoder (Vaswani et al., 2017), normalised before each part (Xiong et al., 2020)."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from regard.attention import Attention, Keyed, MakeAttention
from regard.blocks import FeedForward, SelfAttention, projection, sinusoids
from regard.build import Share, Size
from regard.decoders import Decoder
from regard.embedding import Embedding
from regard.kernels.dropout import Dropout
from regard.tensors import Memory, Read, Tree


@dataclass(frozen=True, slots=True)
class Cache(Tree):
    """What a layer knows: the source as its attention sees it, and keys and values of the tokens so far."""

    attention: Keyed
    tokens: Float[Tensor, "B T D2"]


@dataclass(frozen=True, slots=True)
class State(Tree):
    """The caches of all layers."""

    layers: tuple[Cache, ...]


class Transformer(Decoder[State]):
    """x += self-attention(norm(x)); x += attention(norm(x), memory); x += feed-forward(norm(x)), `layers` times.

    Section 3.1 of Vaswani et al., with the order of figure 1b of Xiong et al. Each
    layer has an attention of its own, of the kind that is configured. What is
    shown is the mean of their weights, and so is what they ask of training.

    Options:
        size: of each state
        heads: of each self-attention
        layers: stacked layers
        feed: hidden units of the feed-forward parts
        dropout: share of each part's output, and of the self-attention's weights, that is dropped in training
    """

    def __init__(
        self,
        target: Embedding,
        memory_size: int,
        attention: MakeAttention,
        *,
        size: Size = 256,
        heads: Size = 4,
        layers: Size = 3,
        feed: Size = 1024,
        dropout: Share = 0.1,
    ) -> None:
        super().__init__()
        self.feature_size = size
        self.embedding = target
        self.project = projection(target.size, size)
        self.layers = nn.ModuleList(
            Layer(size, heads, feed, dropout, attention(size), nn.Linear(memory_size, size)) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(size)
        self.dropout = Dropout(dropout)

    def start(self, memory: Memory) -> State:
        """No token is known."""
        nothing = memory.states.new_zeros(memory.states.shape[0], 0, 2 * self.feature_size)
        return State(tuple(Cache(attention.start(memory), nothing) for attention in self.attentions()))

    def attentions(self) -> list[Attention]:
        """The attention of each layer."""
        return [layer.attention for layer in self.layers]  # type: ignore[misc]

    def forward(self, tokens: Int[Tensor, "B T"], state: State) -> tuple[Float[Tensor, "B T F"], State, Read]:
        """All tokens at once, each of which sees itself and those before it."""
        before, steps = state.layers[0].tokens.shape[1], tokens.shape[1]
        known = torch.arange(before + steps, device=tokens.device)
        places = known[before:]
        x = self.project(self.embedding(tokens))
        x = self.dropout(x + sinusoids(places, x))
        caches, reads = [], []
        for layer, cache in zip(self.layers, state.layers, strict=True):
            x, cache, read = layer(x, cache, known <= places[:, None])
            caches.append(cache)
            reads.append(read)
        return self.norm(x), State(tuple(caches)), Read.mean(reads)


class Layer(nn.Module):
    """Self-attention, attention to the source, feed-forward, each beside a way around it."""

    def __init__(
        self, size: int, heads: int, feed: int, dropout: float, attention: Attention, context: nn.Linear
    ) -> None:
        super().__init__()
        self.tokens = SelfAttention(size, heads, dropout)
        self.attention, self.context = attention, context
        self.feed = FeedForward(size, feed, dropout)
        self.norms = nn.ModuleList(nn.LayerNorm(size) for _ in range(3))
        self.dropout = Dropout(dropout)

    def forward(
        self, x: Float[Tensor, "B T D"], cache: Cache, mask: Bool[Tensor, "T S"]
    ) -> tuple[Float[Tensor, "B T D"], Cache, Read]:
        """Remember the tokens, and read."""
        query = self.norms[0](x)
        tokens = torch.cat([cache.tokens, self.tokens.memory(query)], 1)
        x = x + self.dropout(self.tokens(query, tokens, mask))
        read, attention = self.attention(self.norms[1](x), cache.attention)
        x = x + self.dropout(self.context(read.context))
        return x + self.dropout(self.feed(self.norms[2](x))), Cache(attention, tokens), read
