"""What convolutional and Transformer encoders and decoders are made of."""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from regard.errors import ConfigError
from regard.kernels.dropout import Dropout

HALF = math.sqrt(0.5)  # keeps the variance of a sum of two (Gehring et al., 2017, section 3.4)


def sinusoids(places: Int[Tensor, "*B T"], like: Float[Tensor, "... D"]) -> Float[Tensor, "*B T D"]:
    """sin(place / 10000^(2i / D)) beside its cosine, for every i (Vaswani et al., 2017, section 3.5).

    They need no table, so no source is too long. They have the size and the type
    of `like`; angles are in single precision at least, for half of it knows no
    place beyond a few hundred.
    """
    size, exact = like.shape[-1], torch.promote_types(like.dtype, torch.float32)
    rates = 10_000.0 ** (-torch.arange(0, size, 2, device=places.device, dtype=exact) / size)
    angles = places[..., None] * rates
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(-2)[..., :size].to(like.dtype)


class SelfAttention(nn.Module):
    """Every place reads those that `mask` lets it see: multi-head attention of a sequence to itself.

    Vaswani et al. (2017), section 3.2.3. Keys and values are made by `memory`, so that a decoder can keep them.
    """

    def __init__(self, size: int, heads: int, dropout: float) -> None:
        super().__init__()
        if size % heads:
            raise ConfigError(f"size is {size} with {heads} heads; it must be a multiple of them.")
        self.heads, self.dropout = heads, dropout
        self.query = nn.Linear(size, size)
        self.memory = nn.Linear(size, 2 * size)  # keys beside values
        self.context = nn.Linear(size, size)

    def forward(
        self, x: Float[Tensor, "B T D"], memory: Float[Tensor, "B S D2"], mask: Bool[Tensor, "... S"]
    ) -> Float[Tensor, "B T D"]:
        """Read `memory`, the keys and values of places, which `self.memory` made."""
        keys, values = memory.chunk(2, -1)
        query, keys, values = (self._split(part) for part in (self.query(x), keys, values))
        dropout = self.dropout if self.training else 0.0
        contexts = F.scaled_dot_product_attention(query, keys, values, attn_mask=mask, dropout_p=dropout)
        return self.context(contexts.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]

    def _split(self, x: Float[Tensor, "B N D"]) -> Float[Tensor, "B heads N d"]:
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)


class FeedForward(nn.Sequential):
    """W relu(U x + b) + c, for each place alone: equation 2 of Vaswani et al. (2017)."""

    def __init__(self, size: int, hidden: int, dropout: float) -> None:
        super().__init__(nn.Linear(size, hidden), nn.ReLU(), Dropout(dropout), nn.Linear(hidden, size))


class GatedConvolution(nn.Module):
    """A convolution over places whose one half gates the other (Dauphin et al., 2017): (W * x) sigmoid(V * x).

    Equation 1 of the paper; first weights as in section 3.5 of Gehring et al.
    (2017). It gives `width` - 1 places less than it reads; who calls it pads.
    """

    def __init__(self, size: int, width: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.dropout = Dropout(dropout)
        self.convolution = nn.Conv1d(size, 2 * size, width)
        nn.init.normal_(self.convolution.weight, std=math.sqrt(4 * (1 - dropout) / (width * size)))
        nn.init.zeros_(self.convolution.bias)  # type: ignore[arg-type]

    def forward(self, x: Float[Tensor, "B N D"]) -> Float[Tensor, "B T D"]:
        """Convolve and gate."""
        return F.glu(self.convolution(self.dropout(x).transpose(1, 2)), 1).transpose(1, 2)


def projection(width: int, size: int) -> nn.Linear | nn.Identity:
    """Make vectors of `width` ones of `size`, if they are not."""
    return nn.Identity() if width == size else nn.Linear(width, size)
