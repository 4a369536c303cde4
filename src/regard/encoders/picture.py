"""A small residual network that learns to see from nothing (He et al., 2016)."""

import math

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from regard.build import Count, Share, Size
from regard.encoders import Seeing, regions, whole
from regard.kernels.dropout import Dropout
from regard.sections import Picture as Sight
from regard.tensors import Memory, Pixels

GROUPS = 8  # of channels that are normalised together


class Picture(Seeing):
    """x = relu(x' + N(conv(relu(N(conv(x)))))), `depth` times at each size, from the picture's side down to the grid's.

    Each halving of the side doubles the channels, up to `size`. N is group
    normalisation (Wu and He, 2018), which knows no neighbours in a batch: so a
    picture's states are its own, and parts of a batch can be worked off apart.

    Options:
        size: of each state
        channels: of the first layer
        depth: residual blocks at each size of the picture
        dropout: share of the states' entries that is dropped in training
    """

    def __init__(
        self, sight: Sight, *, size: Size = 256, channels: Size = 32, depth: Count = 1, dropout: Share = 0.1
    ) -> None:
        super().__init__(sight)
        self.memory_size = self.feature_size = size
        halvings = max(1, round(math.log2(sight.side / sight.grid)))
        widths = [min(size, _grouped(channels) * 2**i) for i in range(halvings - 1)] + [size]
        self.stem = nn.Conv2d(sight.channels, widths[0], 3, 2, 1, bias=False)
        self.norm = _norm(widths[0])
        blocks: list[nn.Module] = []
        for before, after in zip([widths[0], *widths], widths, strict=False):
            blocks += [Block(before, after, 2)] if blocks or before != after else []
            blocks += [Block(after, after, 1) for _ in range(depth)]
        self.blocks = nn.Sequential(*blocks)
        self.dropout = Dropout(dropout)

    def features(self, pixels: Pixels) -> Float[Tensor, "B S D"]:
        """Look at all of it, from fine to coarse."""
        seen = self.norm(self.stem(centred(pixels))).relu()
        return regions(self.blocks(seen), self.grid)

    def memory(self, features: Float[Tensor, "B S D"]) -> Memory:
        """The features are the states."""
        return whole(self.dropout(features))


class Block(nn.Module):
    """Two convolutions and a way around them; a step of two halves the picture."""

    def __init__(self, before: int, after: int, step: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, step, 1, bias=False)
        self.second = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        norms = [_norm(after) for _ in range(2)]
        self.norms = nn.ModuleList(norms)
        self.around = nn.Conv2d(before, after, 1, bias=False) if before != after else None
        self.step = step
        nn.init.zeros_(norms[1].weight)  # at first each block is the way around it

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B D X Y"]:
        """What is learnt is what to add."""
        first, second = self.norms
        new = second(self.second(first(self.first(x)).relu()))
        around = F.avg_pool2d(x, self.step, ceil_mode=True) if self.step > 1 else x
        return F.relu(new + (around if self.around is None else self.around(around)))


def centred(pixels: Pixels) -> Float[Tensor, "B C H W"]:
    """Bytes as numbers from -1 to 1, channels first for PyTorch; in memory they stay last, which is faster."""
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1


def _grouped(channels: int) -> int:
    return -(-channels // GROUPS) * GROUPS


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(math.gcd(GROUPS, channels), channels)
