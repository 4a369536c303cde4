"""Looks at parts of a picture, as records have them.

Boxes are left, top, right, bottom of the sharpest window, as shares of the picture's sides, which it
may reach beyond; all zero where no look was made.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Retina(NamedTuple):
    """What one look takes in, of a picture of side x side pixels.

    patch x patch pixels (or filters), and `scales` windows in all, each twice as wide as the one before and seen in
    as many pixels.
    """

    side: int
    patch: int
    scales: int

    @property
    def pixels(self) -> int:
        """How many pixels it hands on, whatever the size of the picture."""
        return self.patch * self.patch * self.scales


def looks(boxes: NDArray[np.float32]) -> list[list[list[float]]]:
    """For each token the boxes of the looks that were made for it."""
    return [[[round(float(x), 4) for x in box] for box in row if box.any()] for row in boxes]
