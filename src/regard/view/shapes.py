"""What a picture is made of, before it is painted: boxes, labels, panes with photos.

All lengths are in pixels, y points down, and a label's y is its base line.
"""

from dataclasses import dataclass, field
from typing import Literal

from regard.view.gaze import Floats
from regard.view.photo import Photo

FONT = 13.0
MARGIN = 24.0
CHARACTER = 0.58  # of the font size: the usual width of a character, on the safe side


@dataclass(frozen=True, slots=True)
class Box:
    """A coloured rectangle; `level` is a step of the colour scale, `hover` what it says."""

    x: float
    y: float
    width: float
    height: float
    level: int
    hover: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text; `slant` in degrees turns it upwards around its anchor."""

    x: float
    y: float
    text: str
    size: float = FONT
    anchor: Literal["start", "end"] = "start"
    slant: int = 0
    muted: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Pane:
    """A photo at a place, under the veil of `shares` (height, width) if there are any."""

    x: float
    y: float
    width: float
    height: float
    photo: Photo
    shares: Floats | None = None
    hover: str = ""


@dataclass(slots=True)
class Picture:
    """A page of boxes, labels and panes that grows downwards."""

    width: float = 320.0
    height: float = MARGIN
    boxes: list[Box] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    panes: list[Pane] = field(default_factory=list)
