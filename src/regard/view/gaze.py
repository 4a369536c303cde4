"""From one weight a region to a smooth light on a picture: plain arithmetic, for every view.

Where a word looked most, the picture keeps its contrast and warms; where it did not look, a
veil takes both light and dark from it, so that a look at something dark shows as well. (Xu et
al., 2015, Figure 2, lay white over what was looked at, which hides what is white.) Each word
has a scale of its own: with hundreds of regions even a strong look is a few percent.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

SHADES = 64  # steps from veiled to lit
VEIL, DENSEST = (40.0, 50.0, 66.0), 0.8
GLOW, WARMEST = (255.0, 186.0, 56.0), 0.34


def spread(regions: int, pixels: int) -> Floats:
    """How much of each region is in each pixel of a line: (pixels, regions), rows that sum to one.

    Between the middles of two regions one fades into the other, flat beyond the outermost. So a
    middle keeps its weight, nothing exceeds the largest, and with whole pixels a region the mean
    stays too. Linear fading shows crosses where few regions are large, and fading that is slow at
    both ends (3t^2 - 2t^3) shows squares: this is the mean of the two.
    """
    at = ((np.arange(pixels) + 0.5) * regions / pixels - 0.5).clip(0, regions - 1)
    linear = (1.0 - np.abs(at[:, None] - np.arange(regions))).clip(0)
    return 0.5 * linear * (1.0 + 3.0 * linear - 2.0 * linear**2)


def upsample(weights: Floats, height: int, width: int) -> Floats:
    """Weights of regions (rows, columns) as weights of pixels (height, width)."""
    rows, columns = weights.shape
    smooth: Floats = spread(rows, height) @ weights @ spread(columns, width).T
    return smooth


def relative(weights: Floats) -> Floats:
    """Weights as shares of the largest; all zero where nothing was looked at."""
    peak = weights.max(initial=0.0)
    shares: Floats = (weights / peak if peak > 0 else np.zeros_like(weights)).clip(0, 1)
    return shares


def veil() -> Pixels:
    """What is laid over a pixel at each of the `SHADES` shares: (SHADES, 4), red green blue opacity."""
    share = np.linspace(0, 1, SHADES)[:, None]
    dark, glow = DENSEST * (1 - share), WARMEST * share**2
    alpha = dark + glow - dark * glow
    colour = (np.array(VEIL) * dark * (1 - glow) + np.array(GLOW) * glow) / alpha
    return np.concatenate([colour, 255 * alpha], axis=1).round().astype(np.uint8)


def shade(shares: Floats) -> NDArray[np.int_]:
    """Which of the `SHADES` each share has."""
    return (shares * (SHADES - 1)).round().astype(int)


def lit(pixels: Pixels, shares: Floats) -> Pixels:
    """A picture (height, width, 3) under the veil of shares (height, width)."""
    over = veil()[shade(shares)].astype(np.float64)
    alpha = over[..., 3:] / 255
    return (pixels * (1 - alpha) + over[..., :3] * alpha).round().astype(np.uint8)
