"""Windows on a picture: pixels around a place, sharp within and coarse around it; Gaussian filters; what they cover.

A place is (x, y), each from -1 to 1 across the picture. A box is (left, top, right, bottom), each
a share of the picture's side, from 0 at its left and top; it may reach beyond.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn

from regard.kernels.gaussian import filters

Join = Literal["sum", "product"]


def crop(picture: UInt8[Tensor, "B H W C"], place: Float[Tensor, "B T 2"], side: int) -> UInt8[Tensor, "B T N N C"]:
    """The side x side pixels around each place; no others are touched. Outside of the picture all is black."""
    first = _first(picture, place, side)
    if picture.device.type == "cpu" and not torch.compiler.is_exporting():
        return _copied(picture, first, side)
    return _gathered(picture, first, side)


def _copied(picture: UInt8[Tensor, "B H W C"], first: Int[Tensor, "B T 2"], side: int) -> UInt8[Tensor, "B T N N C"]:
    """Row by row, each as one copy: on a processor some ten times faster than pixel by pixel."""
    count, height, width, channels = picture.shape
    found = np.zeros((count, first.shape[1], side, side, channels), np.uint8)
    for there, whole, corners in zip(found, picture.numpy(), first.tolist(), strict=True):
        for window, (x, y) in zip(there, corners, strict=True):
            left, top, right, bottom = max(x, 0), max(y, 0), min(x + side, width), min(y + side, height)
            if left < right and top < bottom:
                window[top - y : bottom - y, left - x : right - x] = whole[top:bottom, left:right]
    return torch.from_numpy(found)


def _gathered(picture: UInt8[Tensor, "B H W C"], first: Int[Tensor, "B T 2"], side: int) -> UInt8[Tensor, "B T N N C"]:
    """The same as operators, for a graph or a GPU."""
    height, width, channels = picture.shape[1:]
    steps = torch.arange(side, device=picture.device)
    columns, rows = first[..., :1] + steps, first[..., 1:] + steps
    inside = ((rows >= 0) & (rows < height))[..., None] & ((columns >= 0) & (columns < width))[..., None, :]
    at = rows.clamp(0, height - 1)[..., None] * width + columns.clamp(0, width - 1)[..., None, :]
    flat = at.flatten(1)[..., None].expand(-1, -1, channels)
    found = picture.flatten(1, 2).gather(1, flat).view(*at.shape, channels)
    return found * inside[..., None]


def retina(
    picture: UInt8[Tensor, "B H W C"], place: Float[Tensor, "B T 2"], patch: int, scales: int
) -> Float[Tensor, "B T D"]:
    """`scales` windows around each place, each twice as wide as the one before and seen in patch x patch pixels.

    Pixels are from 0 to 1; of the wider windows they are means. All that is touched is the widest one.
    """
    widest = crop(picture, place, patch << (scales - 1)).float() / 255
    seen = []
    for scale in range(scales):
        side, step = patch << scale, 1 << scale
        edge = (widest.shape[2] - side) // 2
        window = widest[:, :, edge : edge + side, edge : edge + side]
        seen.append(_means(window, patch, step) if scale else window)
    return torch.stack(seen, 2).flatten(2)


def _means(window: Float[Tensor, "B T N N C"], patch: int, step: int) -> Float[Tensor, "B T P P C"]:
    """Of blocks of step x step pixels, first down and then across: far faster than both at once."""
    down = window.reshape(*window.shape[:2], patch, step, patch * step, window.shape[-1]).mean(3)
    return down.reshape(*down.shape[:3], patch, step, down.shape[-1]).mean(4)


def box(picture: UInt8[Tensor, "B H W C"], place: Float[Tensor, "B T 2"], side: int) -> Float[Tensor, "B T 4"]:
    """What `crop` takes, as a box."""
    first, size = _first(picture, place, side), _size(picture)
    return torch.cat([first / size, (first + side) / size], -1)


class Lens(nn.Linear):
    """A grid of number x number Gaussian filters that a query lays over a picture (Gregor et al., 2015, section 3.2).

    (g_x, g_y, log s^2, log d, log i) = W query: the centre, the spread, the distance of two filters, and how strong
    what comes through is. The centre stays in the picture: tanh(g). A `window` of 1 begins with a grid as wide as it.
    """

    def __init__(self, query_size: int, number: int, window: float) -> None:
        super().__init__(query_size, 5)
        self.number, self.window = number, window
        nn.init.normal_(self.weight, std=0.1 * query_size**-0.5)
        nn.init.zeros_(self.bias)

    def asked(self, query: Float[Tensor, "B T Q"]) -> Float[Tensor, "B T 5"]:
        """What each query asks for, in single precision at least."""
        asked: Tensor = self(query)
        return asked.to(torch.promote_types(query.dtype, torch.float32))

    def lay(self, query: Float[Tensor, "B T Q"], height: int, width: int) -> "Laid":
        """Lay a grid for each query."""
        return self.laid(self.asked(query), height, width)

    def laid(self, asked: Float[Tensor, "B T 5"], height: int, width: int) -> "Laid":
        """Lay the grids that are asked for."""
        x, y = ((asked[..., i].tanh() + 1) / 2 * (side - 1) for i, side in enumerate((width, height)))
        step = self.window * (max(height, width) - 1) / max(1, self.number - 1) * asked[..., 3].exp()
        spread = step / 2 * (asked[..., 2] / 2).exp()  # at first the filters touch each other
        across, down = (filters(centre, step, spread, self.number, side) for centre, side in ((x, width), (y, height)))
        half = (self.number - 1) / 2 * step + spread
        edges = [(x - half) / width, (y - half) / height, (x + half) / width, (y + half) / height]
        return Laid(asked, across, down, asked[..., 4].exp(), torch.stack([edge.detach() for edge in edges], -1))


@dataclass(frozen=True, slots=True)
class Laid:
    """Grids that lie on a picture: what was asked for, filters along its sides, their strength, what they cover."""

    asked: Float[Tensor, "B T 5"]
    across: Float[Tensor, "B T N W"]
    down: Float[Tensor, "B T N H"]
    strength: Float[Tensor, "B T"]
    boxes: Float[Tensor, "B T 4"]

    def read(self, picture: Float[Tensor, "B H W C"]) -> Float[Tensor, "B T N N C"]:
        """S F_y picture F_x' with the strength S: what is seen through each filter."""
        rows = torch.einsum("btnh,bhwc->btnwc", self.down, picture)
        return torch.einsum("btmw,btnwc->btnmc", self.across, rows) * self.strength[..., None, None, None]

    def write(self, patch: Float[Tensor, "B T N N C"]) -> Float[Tensor, "B T H W C"]:
        """F_y' (patch / strength) F_x: a patch laid on an empty picture."""
        rows = torch.einsum("btnh,btnmc->bthmc", self.down, patch / self.strength[..., None, None, None])
        return torch.einsum("btmw,bthmc->bthwc", self.across, rows)


def covered(boxes: Float[Tensor, "B T 4"], grid: int) -> Float[Tensor, "B T S"]:
    """How much of each box lies in each of grid x grid regions, row by row; shares that sum to one."""
    edges = torch.arange(grid + 1, device=boxes.device) / grid
    low, high = edges[:-1], edges[1:]
    across, down = (
        (torch.minimum(boxes[..., i + 2 : i + 3], high) - torch.maximum(boxes[..., i : i + 1], low)).clamp(min=0)
        for i in (0, 1)
    )
    area = (down[..., None] * across[..., None, :]).flatten(2)
    return area / area.sum(-1, keepdim=True).clamp(min=1e-9)


class Glimpse(nn.Module):
    """What was seen and where: relu(W_1 relu(W what) + W_2 relu(V where)), or, of the two, the product (Ba, 2015)."""

    def __init__(self, shape: Sequence[int], place: int, hidden: int, size: int, join: Join) -> None:
        super().__init__()
        self.shape = tuple(shape)  # of what is seen: scales, rows, columns, channels
        self.what = nn.Sequential(nn.Linear(math.prod(shape), hidden), nn.ReLU(), nn.Linear(hidden, size))
        self.where = nn.Sequential(nn.Linear(place, hidden), nn.ReLU(), nn.Linear(hidden, size))
        self.join = join

    def forward(self, seen: Float[Tensor, "B T D"], place: Float[Tensor, "B T P"]) -> Float[Tensor, "B T M"]:
        """Both as one vector."""
        what: Tensor = self.what(seen)
        where: Tensor = self.where(place)
        return what.relu() * where.relu() if self.join == "product" else (what + where).relu()


def regions(places: int) -> int:
    """How many regions a row of the grid has."""
    return math.isqrt(places)


def _size(picture: Tensor) -> Tensor:
    return torch.tensor([picture.shape[2], picture.shape[1]], device=picture.device, dtype=torch.float32)


def _first(picture: Tensor, place: Tensor, side: int) -> Tensor:
    """The first column and row of a window around each place."""
    return ((place.float() + 1) / 2 * _size(picture) - side / 2).round().long()
