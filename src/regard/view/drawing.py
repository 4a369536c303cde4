"""How a picture was drawn, step by step, and which words were read at each: frames for GIF, PNG, HTML and the terminal.

Each frame has the canvas after a step, in orange the window that was written through, and beside it
the words, each with the weight that attention gave it. Needs Pillow, but for the terminal.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.style import Style
from rich.text import Text

from regard.errors import UsageError
from regard.files import replacing
from regard.types import SPACE, Record
from regard.view import reel
from regard.view.reel import FONT, GAP, GROUND, LINE, MOST, NOW, SIDE, Frame
from regard.view.screen import Screen

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

Pixels = NDArray[np.uint8]

WORDS = 220  # pixels that the words have beside the canvas
SHOWN = 112  # pixels that a picture on a sheet has at least
ACROSS = 8  # drawings of one source beside each other, before the next row
WIDEST = 64  # cells of a picture in the terminal
TITLE = "How a picture was drawn"
LEAD = "Orange is where a step wrote; at the right are the words, the more orange the more they were read."


def is_drawn(records: Sequence[Record]) -> bool:
    """Whether there are pictures: all records that are not empty have one."""
    known = [record for record in records if record.tokens]
    return bool(known) and all(record.canvases is not None for record in known)


def to_gif(records: Sequence[Record]) -> bytes:
    """All steps of all records, one after the other."""
    return reel.gif(_frames(records))


def to_png(records: Sequence[Record]) -> bytes:
    """The same beside and below each other."""
    return reel.png(_frames(records))


def to_html(records: Sequence[Record]) -> bytes:
    """A page that plays them, or goes step by step."""
    return reel.html(_frames(records), TITLE, LEAD, "step")


def save(rows: Sequence[Sequence[Record]], path: Path) -> None:
    """Write pictures as PNG: one as it is, several on a sheet, rows of eight of each source. UsageError without any."""
    found = [[pixels for record in row if (pixels := _last(record)) is not None] for row in rows]
    found = [row for row in found if row]
    if not found:
        raise UsageError(f"{path}: there is no picture to write.")
    from PIL import Image

    images = [[Image.fromarray(_rgb(pixels)) for pixels in row] for row in found]
    sheet = images[0][0]
    if len(images) > 1 or len(images[0]) > 1:
        grown = [[_grown(image, SHOWN) for image in row] for row in images]
        sheet = reel.tiled([reel.tiled(row, ACROSS, GAP // 2) for row in grown], 1, GAP // 2)
    with replacing(path) as temporary:
        temporary.write_bytes(reel.encoded(sheet))


def place(output: str, *, shown: bool, json: bool, resume: bool) -> Path | None:
    """The file that pictures are to be written to; none if they are shown otherwise. UsageError if it is no place."""
    path = None if output == "-" else Path(output)
    if json and (path is None or path.suffix.lower() != ".png"):
        return None
    if path is None and not shown:
        raise UsageError("this model draws: give --output picture.png, or --show, --attention or --json.")
    if path and (path.suffix.lower() != ".png" or resume or json):
        raise UsageError(f"--output {path}: pictures are written at the end, as .png, without --json and --resume.")
    return path


def lines(record: Record, screen: Screen) -> list[Text]:
    """The picture in half blocks, two pixels to a cell, where there are colours; else in shades."""
    pixels = _last(record)
    if pixels is None:
        return []
    pixels = _rgb(pixels)
    every = -(-pixels.shape[1] // max(1, min(WIDEST, screen.width)))
    pixels = pixels[::every, ::every]
    if not screen.two_pixels:
        shades, light = screen.shades, pixels[::2].max(-1) / 255
        return [Text("".join(shades[round(one * (len(shades) - 1))] for one in row)) for row in light.tolist()]
    if len(pixels) % 2:
        pixels = np.concatenate([pixels, np.zeros_like(pixels[:1])])
    return [
        _half_blocks(upper, lower) for upper, lower in zip(pixels[::2].tolist(), pixels[1::2].tolist(), strict=True)
    ]


def _half_blocks(upper: list[list[int]], lower: list[list[int]]) -> Text:
    line = Text()
    for (r, g, b), (red, green, blue) in zip(upper, lower, strict=True):
        style = Style(color=Color.from_rgb(r, g, b), bgcolor=Color.from_rgb(red, green, blue))
        line.append("\u2580", style=style)
    return line


def _frames(records: Sequence[Record]) -> list[Frame]:
    known = [record for record in records if record.tokens and record.canvases is not None]
    number = sum(len(record.tokens) for record in known)
    if number > MOST:
        raise UsageError(f"{number:,} steps are too many for one film (at most {MOST}): give fewer lines.")
    return [frame for record in known for frame in _of(record)]


def _of(record: Record) -> list[Frame]:
    assert record.canvases is not None
    number = len(record.canvases)
    found = []
    for step, canvas in enumerate(record.canvases):
        said = f"step {step + 1} of {number}"
        box = None if record.boxes is None else record.boxes[step, 0]
        image = _paint(canvas, box, record.source_tokens, record.attention[step])
        reel.write(_draw(image), (GAP, SIDE + 2 * GAP), said)
        found.append(Frame(image, f"{said}: {record.source}" if record.source else said, step == number - 1))
    return found


def _paint(
    canvas: Pixels, box: NDArray[np.float32] | None, words: Sequence[str], weights: NDArray[np.float32]
) -> "Image":
    from PIL import Image

    beside = WORDS + GAP if weights.any() else 0  # nothing was read, nothing is told of it
    image = Image.new("RGB", (SIDE + beside + 2 * GAP, SIDE + LINE + 3 * GAP), GROUND)
    shown = Image.fromarray(_rgb(canvas)).resize((SIDE, SIDE), Image.Resampling.NEAREST)
    if box is not None and box.any():
        reel.outline(_draw(shown), box.tolist(), NOW)
    image.paste(shown, (GAP, GAP))
    if not beside:
        return image
    height = min(LINE + 4, SIDE // len(words))
    strongest = float(weights.max())
    for place, (word, weight) in enumerate(zip(words, weights.tolist(), strict=True)):
        share, top = weight / strongest, GAP + place * height
        colour = tuple(round(ground + share * (now - ground)) for ground, now in zip(GROUND, NOW, strict=True))
        edges = (SIDE + 2 * GAP, top, SIDE + 2 * GAP + WORDS, top + height - 2)
        _draw(image).rectangle(edges, fill=colour)
        said = f"{word.replace(SPACE, ' ').strip()}  {weight:.0%}"
        reel.write(_draw(image), (edges[0] + 4, top), said, max(6, min(FONT, height - 4)))
    return image


def _draw(image: "Image") -> "ImageDraw":
    from PIL.ImageDraw import Draw

    return Draw(image)


def _last(record: Record) -> Pixels | None:
    return None if record.canvases is None or not len(record.canvases) else record.canvases[-1]


def _rgb(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(np.repeat(pixels, 3 // pixels.shape[-1], -1))


def _grown(image: "Image", least: int) -> "Image":
    """By a whole factor, so that every pixel stays a square."""
    from PIL import Image

    by = max(1, -(-least // image.size[0]))
    return image.resize((by * image.size[0], by * image.size[1]), Image.Resampling.NEAREST)
