"""The picture itself: nothing is seen of it before the first look, or only all of it coarsely (Ba et al., 2015)."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor, nn

from regard.build import Count, Share, Size
from regard.encoders import Seeing, regions
from regard.kernels.dropout import Dropout
from regard.sections import Picture as Sight
from regard.tensors import Memory
from regard.tensors import Pixels as Bytes


class Pixels(Seeing):
    """Hands the picture over as it is; all states are one: dropout(W c + b), where c is the coarse picture, or 1.

    What looks at it (`retina`, `gaussian`) takes its pixels from `Memory.picture`. Without the coarse
    first look no pixel is touched here, whatever the size of the picture.

    Options:
        size: of each state
        coarse: pixels of the side of the first look, in which the whole picture is seen; with 0 there is none
        dropout: share of the states' entries that is dropped in training
    """

    def __init__(self, sight: Sight, *, size: Size = 256, coarse: Count = 0, dropout: Share = 0.0) -> None:
        super().__init__(sight)
        self.memory_size, self.coarse = size, coarse
        self.feature_size = coarse * coarse * sight.channels or 1
        self.project = nn.Linear(self.feature_size, size)
        self.dropout = Dropout(dropout)

    def features(self, pixels: Bytes) -> Float[Tensor, "B S D"]:
        """The same for each region: all of the coarse picture."""
        batch, places = pixels.shape[0], self.grid * self.grid
        if not self.coarse:
            return torch.ones(batch, places, 1, device=pixels.device)
        small = regions(pixels.permute(0, 3, 1, 2).float() / 255, self.coarse)
        return small.flatten(1)[:, None].expand(-1, places, -1)

    def memory(self, features: Float[Tensor, "B S D"]) -> Memory:
        """What is known before the first look."""
        known = self.dropout(self.project(features[:, 0]))
        states = known[:, None].expand(-1, features.shape[1], -1)
        return Memory(states, torch.ones(states.shape[:2], dtype=torch.bool, device=states.device), known)

    def forward(self, source: Bytes | Float[Tensor, "B S D"]) -> Memory:
        """With the picture, if that is what was given."""
        memory = super().forward(source)
        return replace(memory, picture=source) if source.dim() == 4 else memory
