"""A window of Gaussian filters, whose place, width and sharpness are learnt by gradient (Gregor et al., 2015, DRAW)."""

from typing import Annotated

import torch
from jaxtyping import Float
from torch import Tensor

from regard.attention import Keyed, Looking
from regard.build import Range, Size
from regard.normalisers import Normaliser
from regard.tensors import Read
from regard.windows import Glimpse, Join, Lens, covered, regions

NEAR = 0.999  # a tanh that can still be undone


class Gaussian(Looking):
    """(g_x, g_y, log s^2, log d, log i) = W query; seen = i F_y picture F_x', a grid of filters d apart around g.

    Section 3.2 of the paper. It needs no luck, and touches the whole picture at each look. `window` 1 begins with a
    grid as wide as the picture.

    Options:
        patch: filters in each row and column
        window: of the grid at first, as a share of the picture
        size: hidden units for what is seen, and as many for where
        join: how the two become one
        channels: bytes of a pixel: 3 with `picture.colours`, else 1
    """

    def __init__(
        self,
        query_size: int,
        memory_size: int,
        normaliser: Normaliser,
        *,
        patch: Annotated[int, Range(2)] = 8,
        window: Annotated[float, Range(0.01, 2)] = 0.7,
        size: Size = 128,
        join: Join = "sum",
        channels: Annotated[int, Range(1, 3)] = 1,
    ) -> None:
        super().__init__("gaussian", normaliser, channels)
        self.ask = Lens(query_size, patch, window)
        self.glimpse = Glimpse((1, patch, patch, channels), 5, size, memory_size, join)

    def aim(self, query: Float[Tensor, "B T Q"]) -> tuple[Float[Tensor, "B T 5"], None]:
        """All five of the formula; nothing is drawn."""
        return self.ask.asked(query), None

    def see(self, aim: Float[Tensor, "B T 5"], state: Keyed, kind: torch.dtype) -> Read:
        """Lay a window for each aim."""
        picture = self.picture(state)
        laid = self.ask.laid(aim, *picture.shape[1:3])
        seen = laid.read(picture.to(aim.dtype) / 255)
        weights = covered(laid.boxes, regions(state.memory.mask.shape[1])).to(kind)
        return Read(self.glimpse(seen.flatten(2).to(kind), aim.to(kind)), weights, boxes=laid.boxes)

    def turned(self, aim: Float[Tensor, "B T 5"], x: float, y: float, state: Keyed) -> Float[Tensor, "B T 5"]:
        """The grid's middle there, as far as its formula reaches; its width, sharpness and light as they were."""
        height, width = self.picture(state).shape[1:3]
        across, down = (2 * share * side / max(side - 1, 1) - 1 for share, side in ((x, width), (y, height)))
        middle = aim.new_tensor([across, down]).clamp(-NEAR, NEAR).atanh().expand_as(aim[..., :2])
        return torch.cat([middle, aim[..., 2:]], -1)
