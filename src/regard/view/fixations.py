"""The path of a gaze over a picture, look by look, and what was seen at each: frames for GIF, PNG and HTML.

Each frame has the picture with the windows of one look, the path that led there, and beside it
what came in through each window: the sharpest one first. The picture is shown in the pixels that the model had.
Needs Pillow.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from regard.errors import UsageError
from regard.looks import Retina
from regard.types import Record
from regard.view import reel
from regard.view.gaze import Pixels
from regard.view.photo import photo
from regard.view.reel import BEFORE, GAP, GROUND, LINE, MOST, NOW, SIDE, Frame
from regard.view.words import looks

if TYPE_CHECKING:
    from PIL.Image import Image

DOT = 4
TITLE = "The path of a gaze"
LEAD = (
    "Orange is what was looked at, blue are the windows around it and the way there; at the right is all that came in."
)


def is_film(records: Sequence[Record]) -> bool:
    """Whether there is a path to show: all records that are not empty have looks."""
    known = [record for record in records if record.tokens]
    return bool(known) and all(record.boxes is not None and record.retina is not None for record in known)


def to_gif(records: Sequence[Record]) -> bytes:
    """All looks of all records, one after the other. UsageError for records without looks."""
    return reel.gif(_frames(records))


def to_png(records: Sequence[Record]) -> bytes:
    """The same beside and below each other."""
    return reel.png(_frames(records))


def to_html(records: Sequence[Record]) -> bytes:
    """A page that plays them, or goes step by step; it needs nothing but itself."""
    return reel.html(_frames(records), TITLE, LEAD, "look")


def _frames(records: Sequence[Record]) -> list[Frame]:
    if not is_film(records):
        raise UsageError("There is no film to make: this model does not look at parts of a picture.")
    made = [frame for record in records if record.tokens for frame in _of(record)]
    if len(made) > MOST:
        raise UsageError(f"{len(made):,} looks are too many for one film (at most {MOST}): give fewer pictures.")
    return made


def _of(record: Record) -> list[Frame]:
    """The frames of one picture."""
    assert record.boxes is not None and record.retina is not None
    pixels = _pixels(record, record.retina)
    path: list[tuple[float, float]] = []
    frames: list[Frame] = []
    for label, confidence, boxes in looks(record):
        for number, box in enumerate(boxes, 1):
            path.append(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))
            said = f"look {number} of {len(boxes)} for {label} ({confidence:.0%})   answer: {record.text}"
            frames.append(Frame(_paint(pixels, box, path, record.retina, said), said, last=False))
    return [*frames[:-1], Frame(frames[-1].image, frames[-1].told, last=True)] if frames else []


def _pixels(record: Record, retina: Retina) -> Pixels:
    """The picture, square, as large as the model had it."""
    return photo(record.source, record.grid or (1, 1), 4 * retina.side).resized(retina.side, retina.side)


def _paint(
    pixels: Pixels, box: np.ndarray[Any, Any], path: list[tuple[float, float]], retina: Retina, said: str
) -> "Image":
    from PIL import Image, ImageDraw

    patch = (SIDE - (retina.scales - 1) * GAP) // max(2, retina.scales)
    image = Image.new("RGB", (SIDE + patch + 3 * GAP, SIDE + LINE + 3 * GAP), GROUND)
    shown = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(shown)
    for scale in reversed(range(retina.scales)):
        reel.outline(draw, _wider(box, scale).tolist(), NOW if not scale else BEFORE)
    points = [(x * SIDE, y * SIDE) for x, y in path]
    if len(points) > 1:
        draw.line(points, fill=BEFORE, width=2)
    for x, y in points:
        draw.ellipse((x - DOT, y - DOT, x + DOT, y + DOT), fill=NOW if (x, y) == points[-1] else BEFORE)
    image.paste(shown, (GAP, GAP))
    for scale in range(retina.scales):
        seen = Image.fromarray(_seen(pixels, _wider(box, scale), retina.patch))
        top = GAP + scale * (patch + GAP)
        image.paste(seen.resize((patch, patch), Image.Resampling.NEAREST), (SIDE + 2 * GAP, top))
        edge = (SIDE + 2 * GAP - 1, top - 1, SIDE + 2 * GAP + patch, top + patch)
        ImageDraw.Draw(image).rectangle(edge, outline=NOW if not scale else BEFORE)
    reel.write(ImageDraw.Draw(image), (GAP, SIDE + 2 * GAP), said)
    return image


def _wider(box: np.ndarray[Any, Any], scale: int) -> np.ndarray[Any, Any]:
    """The window around a window, twice as wide for each step."""
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * 2**scale
    return np.concatenate([middle - half, middle + half])


def _seen(pixels: Pixels, box: np.ndarray[Any, Any], patch: int) -> Pixels:
    """What comes in through a window, in patch x patch pixels; black outside of the picture."""
    from PIL import Image

    side = pixels.shape[0]
    reach = max(1, int(np.ceil(side * max(-box[:2].min(), box[2:].max() - 1, 0)))) + 1
    wide = np.pad(pixels, ((reach, reach), (reach, reach), (0, 0)))
    edges = tuple(float(edge) * side + reach for edge in box)
    return np.asarray(Image.fromarray(wide).resize((patch, patch), Image.Resampling.BOX, box=edges))
