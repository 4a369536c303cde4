"""The Transformer encoder (Vaswani et al., 2017), normalised before each part (Xiong et al., 2020)."""

from dataclasses import replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from regard.blocks import FeedForward, SelfAttention, projection, sinusoids
from regard.build import Share, Size
from regard.embedding import Embedding
from regard.encoders import Encoder
from regard.kernels.dropout import Dropout
from regard.tensors import Memory
from regard.types import PAD


class Transformer(Encoder):
    """x += self-attention(norm(x)); x += feed-forward(norm(x)), `layers` times; states = norm(x).

    Section 3.1 of Vaswani et al., with the order of figure 1b of Xiong et al. No
    place is the last to be read, so the summary is the mean of all.

    Options:
        size: of each state
        heads: of each self-attention
        layers: stacked layers
        feed: hidden units of the feed-forward parts
        dropout: share of each part's output, and of the attention's weights, that is dropped in training
    """

    def __init__(
        self,
        source: Embedding,
        *,
        size: Size = 256,
        heads: Size = 4,
        layers: Size = 3,
        feed: Size = 1024,
        dropout: Share = 0.1,
    ) -> None:
        super().__init__()
        self.memory_size = size
        self.embedding = source
        self.project = projection(source.size, size)
        self.layers = nn.ModuleList(Layer(size, heads, feed, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(size)
        self.dropout = Dropout(dropout)

    def forward(self, source: Int[Tensor, "B S"]) -> Memory:
        """Encode a padded batch."""
        mask = source != PAD
        places = torch.arange(source.shape[1], device=source.device)
        x = self.project(self.embedding(source))
        x = self.dropout(x + sinusoids(places, x))
        for layer in self.layers:
            x = layer(x, mask[:, None, None])
        memory = Memory(self.norm(x), mask, x[:, 0])
        return replace(memory, summary=memory.mean())


class Layer(nn.Module):
    """Self-attention, then feed-forward, each beside a way around it."""

    def __init__(self, size: int, heads: int, feed: int, dropout: float) -> None:
        super().__init__()
        self.attention = SelfAttention(size, heads, dropout)
        self.feed = FeedForward(size, feed, dropout)
        self.norms = nn.ModuleList(nn.LayerNorm(size) for _ in range(2))
        self.dropout = Dropout(dropout)

    def forward(self, x: Float[Tensor, "B S D"], mask: Bool[Tensor, "B 1 1 S"]) -> Float[Tensor, "B S D"]:
        """Every place reads every real one."""
        read = self.norms[0](x)
        x = x + self.dropout(self.attention(read, self.attention.memory(read), mask))
        return x + self.dropout(self.feed(self.norms[1](x)))  # type: ignore[no-any-return]
