"""A recurrent encoder that reads both ways (Schuster and Paliwal, 1997)."""

from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from regard.build import Share, Size
from regard.cells import recurrent_layer
from regard.embedding import Embedding
from regard.encoders import Encoder
from regard.kernels.dropout import Dropout
from regard.tensors import Memory
from regard.types import PAD


class Recurrent(Encoder):
    """h_s = [forward RNN(x_1..x_s); backward RNN(x_S..x_s)] for every place s.

    The summary is the last state of each direction, that is, what the
    encoder-decoder without attention hands over (Sutskever et al., 2014).

    Options:
        cell: the recurrent unit
        size: hidden units in each direction
        layers: stacked layers; each reads both directions of the one below
        bidirectional: also read from the end to the start
        residual: each further layer adds its input to its output
        norm: layer-normalise what each layer reads
        dropout: share of inputs of each further layer, and of the memory, that is dropped in training
    """

    def __init__(
        self,
        source: Embedding,
        *,
        cell: Literal["lstm", "gru"] = "lstm",
        size: Size = 256,
        layers: Size = 1,
        bidirectional: bool = True,
        residual: bool = False,
        norm: bool = False,
        dropout: Share = 0.2,
    ) -> None:
        super().__init__()
        directions = 2 if bidirectional else 1
        self.memory_size = directions * size
        self.embedding = source
        widths = [source.size] + [self.memory_size] * (layers - 1)
        self.forwards = nn.ModuleList(recurrent_layer(cell, width, size) for width in widths)
        self.backwards = nn.ModuleList(recurrent_layer(cell, width, size) for width in widths if bidirectional)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for width in widths if norm)
        self.dropout = Dropout(dropout)
        self.residual = residual

    def forward(self, source: Int[Tensor, "B S"]) -> Memory:
        """Encode a padded batch."""
        mask = source != PAD
        lengths = mask.sum(1)
        states = self.embedding(source)
        for i, forwards in enumerate(self.forwards):
            below = self.dropout(states) if i else states
            below = self.norms[i](below) if self.norms else below
            above = both_ways(below, lengths, forwards, self.backwards[i] if self.backwards else None)
            states = states + above if self.residual and i else above
        return Memory(self.dropout(states), mask, self.dropout(ends(states, lengths, both=bool(self.backwards))))


def both_ways(
    x: Float[Tensor, "B S D"], lengths: Int[Tensor, " B"], forwards: nn.Module, backwards: nn.Module | None
) -> Float[Tensor, "B S M"]:
    """What a layer makes of each place reading forwards, and beside it, if there is one, another reading backwards."""
    zero = x.new_zeros(x.shape[0], forwards.state_size)  # type: ignore[call-overload]
    halves = [forwards.run(x, zero)[0]]  # type: ignore[operator]
    if backwards is not None:
        halves.append(reverse(backwards.run(reverse(x, lengths), zero)[0], lengths))  # type: ignore[operator]
    return torch.cat(halves, -1)


def ends(states: Float[Tensor, "B S M"], lengths: Int[Tensor, " B"], *, both: bool = True) -> Float[Tensor, "B M"]:
    """Where each direction ends: at the last real place, and at the first."""
    size = states.shape[-1]
    last = states.gather(1, (lengths - 1)[:, None, None].expand(-1, 1, size))[:, 0]
    return torch.cat([last[:, : size // 2], states[:, 0, size // 2 :]], 1) if both else last


def reverse(states: Float[Tensor, "B S D"], lengths: Int[Tensor, " B"]) -> Float[Tensor, "B S D"]:
    """Turn the real places of each row around and leave its padding at the end.

    So a layer that only knows forwards reads backwards, and never sees padding
    before a real place; no packing, hence one static graph to export. Whole rows
    are taken: element by element it is ten times slower.
    """
    batch, count = states.shape[:2]
    places = torch.arange(count, device=states.device)
    turned = lengths[:, None] - 1 - places
    rows = torch.where(turned >= 0, turned, places) + count * torch.arange(batch, device=states.device)[:, None]
    return states.flatten(0, 1).index_select(0, rows.flatten()).view(states.shape)
