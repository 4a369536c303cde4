"""Photos and veils as SVG elements: each photo once in a file, over it light and dark as a small PNG."""

import base64
import hashlib
import struct
import zlib
from collections.abc import Callable, Sequence

import numpy as np

from regard.view import gaze
from regard.view.gaze import Floats
from regard.view.photo import GROUND
from regard.view.shapes import Pane

Escape = Callable[[str], str]


def elements(panes: Sequence[Pane], escape: Escape) -> list[str]:
    """The panes in order; those of one photo have one size."""
    names: dict[int, str] = {}
    drawn = []
    for pane in panes:
        if id(pane.photo) not in names and not pane.photo.missing:
            content = pane.photo.jpeg()
            # The name follows from the photo: several drawings on one page must not take each other's.
            names[id(pane.photo)] = name = f"photo-{hashlib.sha256(content).hexdigest()[:12]}"
            drawn.append(f"<defs>{_image(pane, _data('jpeg', content), origin=True, name=name)}</defs>")
        drawn.append(_pane(pane, names.get(id(pane.photo)), escape))
    return drawn


def veil_png(shares: Floats) -> bytes:
    """A PNG of the veil over these shares, a palette and one byte a pixel; the format asks for no library."""
    height, width = shares.shape
    shades = gaze.shade(shares).astype(np.uint8)
    lines = np.concatenate([np.zeros((height, 1), np.uint8), shades], axis=1)  # each line's filter: none
    palette = gaze.veil()
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette[:, :3].tobytes()),
            _chunk(b"tRNS", palette[:, 3].tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _pane(pane: Pane, name: str | None, escape: Escape) -> str:
    hover = f"<title>{escape(pane.hover)}</title>" if pane.hover else ""
    if name:
        ground = f'<use href="#{name}" x="{pane.x:.1f}" y="{pane.y:.1f}"/>'
    else:
        ground = f'<rect {_place(pane)} style="fill:rgb{GROUND}"/>'
    over = "" if pane.shares is None else _image(pane, _data("png", veil_png(pane.shares)))
    return f"<g>{hover}{ground}{over}</g>"


def _image(pane: Pane, data: str, *, origin: bool = False, name: str = "") -> str:
    given = f' id="{name}"' if name else ""
    return f'<image{given} {_place(pane, origin=origin)} preserveAspectRatio="none" href="{data}"/>'


def _place(pane: Pane, *, origin: bool = False) -> str:
    x, y = (0.0, 0.0) if origin else (pane.x, pane.y)
    return f'x="{x:.1f}" y="{y:.1f}" width="{pane.width:.1f}" height="{pane.height:.1f}"'


def _data(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
