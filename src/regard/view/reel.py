"""Frames shown one after the other: as GIF, beside each other as PNG, or as a page that plays them. Needs Pillow."""

import base64
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

SIDE, GAP, LINE, FONT = 336, 16, 20, 15  # of the picture, between things, of a line of text, and its letters
INK, MUTED, GROUND = (28, 39, 51), (93, 107, 121), (255, 255, 255)
NOW, BEFORE = (255, 150, 20), (60, 160, 235)
SECONDS, LAST = 0.7, 1.8  # a frame is shown, and the last one of a picture
ACROSS = 3  # frames beside each other in a PNG
MOST = 200  # frames of one file


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture, what is told of it, and whether it is the last of its record."""

    image: "Image"
    told: str
    last: bool

    @property
    def time(self) -> int:
        """How long it is shown, in milliseconds."""
        return round(1000 * (LAST if self.last else SECONDS))


def outline(draw: "ImageDraw", box: Iterable[float], colour: tuple[int, int, int]) -> None:
    """A window (left, top, right, bottom), shares of a picture of SIDE pixels; what reaches beyond ends at its edge."""
    left, top, right, bottom = (round(min(max(edge, 0.0), 1.0) * (SIDE - 1)) for edge in box)
    draw.rectangle((left, top, right, bottom), outline=colour, width=2)


def gif(frames: Sequence[Frame]) -> bytes:
    """One after the other."""
    first, *others = frames
    buffer, more = io.BytesIO(), [frame.image for frame in others]
    times = [frame.time for frame in frames]
    first.image.save(buffer, "GIF", save_all=True, append_images=more, duration=times, loop=0, disposal=1)
    return buffer.getvalue()


def png(frames: Sequence[Frame]) -> bytes:
    """Beside and below each other."""
    return encoded(tiled([frame.image for frame in frames], ACROSS))


def html(frames: Sequence[Frame], title: str, lead: str, step: str) -> bytes:
    """A page that plays them, or goes step by step; it needs nothing but itself."""
    made = [
        {
            "data": "data:image/png;base64," + base64.b64encode(encoded(frame.image)).decode("ascii"),
            "told": frame.told,
            "time": frame.time,
        }
        for frame in frames
    ]
    template = Template(files("regard.view").joinpath("reel.html").read_text(encoding="utf-8"))
    content = json.dumps(made, ensure_ascii=False).replace("<", "\\u003c")
    return template.substitute(frames=content, title=title, lead=lead, step=step).encode()


def tiled(images: "Sequence[Image]", across: int, gap: int = 0) -> "Image":
    """Pictures on one sheet, row by row."""
    from PIL import Image

    width, height = (max(image.size[i] for image in images) for i in (0, 1))
    across = min(across, len(images))
    down = -(-len(images) // across)
    sheet = Image.new("RGB", (across * (width + gap) - gap, down * (height + gap) - gap), GROUND)
    for i, image in enumerate(images):
        sheet.paste(image, (i % across * (width + gap), i // across * (height + gap)))
    return sheet


def write(draw: "ImageDraw", at: tuple[int, int], text: str, size: int = FONT) -> None:
    """Letters on a picture."""
    from PIL import ImageFont

    draw.text(at, text, fill=INK, font=ImageFont.load_default(size))


def encoded(image: "Image") -> bytes:
    """As PNG."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
