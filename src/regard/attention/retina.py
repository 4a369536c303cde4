"""A retina that is moved over a picture: sharp in the middle, coarse around it (Mnih et al., 2014)."""

import math
from typing import Annotated

import torch
from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Keyed, Looking
from regard.build import Range, Size
from regard.errors import ConfigError
from regard.normalisers import Normaliser
from regard.tensors import Read, Sample
from regard.windows import Glimpse, Join, box, covered, regions, retina


class Retina(Looking):
    """place ~ N(tanh(pace W query), deviation^2); the context is what is seen there, and where that is.

    No gradient passes through a place: REINFORCE makes those likelier that led to a better answer
    than the baseline, V query, expected. Neither moves what is asked. In use the mean is taken.

    Options:
        patch: pixels of the side of what is seen, at each scale
        scales: windows around a place, each twice as wide as the one before
        deviation: of the places that training draws, where the picture reaches from -1 to 1
        pace: how fast places are learnt, beside all else; AdamW's steps are as large where a gradient is mostly luck
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
        patch: Size = 8,
        scales: Annotated[int, Range(1, 6)] = 1,
        deviation: Annotated[float, Range(0.001, 2)] = 0.1,
        pace: Annotated[float, Range(0.001, 1)] = 0.1,
        size: Size = 128,
        join: Join = "sum",
        channels: Annotated[int, Range(1, 3)] = 1,
    ) -> None:
        super().__init__("retina", normaliser, channels)
        if patch % 2 and scales > 1:
            raise ConfigError(f"[attention] retina: patch is {patch}; windows around a window want an even number.")
        self.patch, self.scales, self.deviation, self.pace = patch, scales, deviation, pace
        self.place = nn.Linear(query_size, 2)
        self.baseline = nn.Linear(query_size, 1)
        self.glimpse = Glimpse((scales, patch, patch, channels), 2, size, memory_size, join)

    def aim(self, query: Float[Tensor, "B T Q"]) -> tuple[Float[Tensor, "B T 2"], Sample | None]:
        """A place from -1 to 1 across the picture, which training draws."""
        asked = query.detach()
        mean = (self.pace * self.place(asked)).tanh().to(torch.promote_types(query.dtype, torch.float32))
        place, sample = mean.detach(), None
        if self.training:
            place = place + self.deviation * torch.randn_like(place)
            log_prob = -((place - mean) / self.deviation).square() / 2 - math.log(
                self.deviation * math.sqrt(2 * math.pi)
            )
            sample = Sample(log_prob.sum(-1), self.baseline(asked).squeeze(-1).to(mean.dtype))
        return place.clamp(-1, 1), sample

    def see(self, aim: Float[Tensor, "B T 2"], state: Keyed, kind: torch.dtype) -> Read:
        """The windows around each place."""
        picture = self.picture(state)
        seen = retina(picture, aim, self.patch, self.scales).to(kind)
        boxes = box(picture, aim, self.patch)
        weights = covered(boxes, regions(state.memory.mask.shape[1])).to(kind)
        return Read(self.glimpse(seen, aim.to(kind)), weights, boxes=boxes)

    def turned(self, aim: Float[Tensor, "B T 2"], x: float, y: float, state: Keyed) -> Float[Tensor, "B T 2"]:
        """That place itself."""
        return aim.new_tensor([2 * x - 1, 2 * y - 1]).expand_as(aim)
