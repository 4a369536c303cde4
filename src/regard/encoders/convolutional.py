"""The convolutional encoder (Gehring et al., 2017)."""

from dataclasses import replace

import torch
import torch.nn.functional as F
from jaxtyping import Int
from torch import Tensor, nn

from regard.blocks import HALF, GatedConvolution, projection, sinusoids
from regard.build import Share, Size
from regard.embedding import Embedding
from regard.encoders import Encoder
from regard.kernels.dropout import Dropout
from regard.tensors import Memory
from regard.types import PAD


class Convolutional(Encoder):
    """x = (gated convolution(x) + x) sqrt(1/2), `layers` times, section 3.2 of the paper.

    States are what is compared; what is read is (state + input) sqrt(1/2),
    section 3.3: it also holds the word itself. The summary is the mean of the
    states. Places are told by sinusoids, which know any length, where the
    paper learns a table.

    Options:
        size: of each state
        layers: stacked convolutions
        width: places that each of them sees
        dropout: share of each convolution's inputs that is dropped in training
    """

    def __init__(
        self, source: Embedding, *, size: Size = 256, layers: Size = 4, width: Size = 3, dropout: Share = 0.1
    ) -> None:
        super().__init__()
        self.memory_size = size
        self.embedding = source
        self.project = projection(source.size, size)
        self.layers = nn.ModuleList(GatedConvolution(size, width, dropout) for _ in range(layers))
        self.dropout = Dropout(dropout)
        self.around = (0, 0, (width - 1) // 2, width // 2)

    def forward(self, source: Int[Tensor, "B S"]) -> Memory:
        """Encode a padded batch."""
        mask = source != PAD
        places = torch.arange(source.shape[1], device=source.device)
        first = self.project(self.embedding(source))
        first = self.dropout(first + sinusoids(places, first))
        x = first
        for layer in self.layers:
            known = x * mask[..., None]  # a convolution must not see what stands in padding
            x = (layer(F.pad(known, self.around)) + x) * HALF
        memory = Memory(x, mask, x[:, 0], values=(x + first) * HALF)
        return replace(memory, summary=memory.mean())
