"""The gaze on a picture in the terminal: a small panel for each word, in rows like text.

With colours a cell is two pixels, a half block in front of its ground; without, shades show
where on the picture a word looked, and the picture itself is left out.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from rich.text import Text

from regard.types import EOS, SPECIALS, Record
from regard.view.gaze import Floats, Pixels, lit, relative, upsample
from regard.view.labels import fitted, wrapped
from regard.view.photo import GROUND, Photo, photo
from regard.view.screen import Screen
from regard.view.words import grid, looks

Size = tuple[int, int]  # lines, cells

AREA = 18 * 18  # pixels of a panel, two to a cell
LONGEST = 32  # cells of a line of a panel
GAP = 2
FINE = 4  # weights to the side of a cell: the largest of them is shown, so that none falls between two cells
READ = 128  # pixels of a photo's longer side
SPECTRUM = 10  # cells of the legend


def panels(record: Record, screen: Screen, *, words: bool = True) -> list[Text]:
    """Draw the caption, the picture, and what each word looked at, in lines no wider than the screen."""
    shape = record.grid or (1, 1)
    shown = photo(record.source, shape, READ)
    size = _size(shown.shape, screen.width)
    drawn = grid(record, words)
    panes: list[list[Text]] = []
    if screen.two_pixels:
        panes.append([*_pixels(shown.resized(2 * size[0], size[1])), _under(_name(record.source), "", size[1], screen)])
    for label, weights, confidence in zip(drawn.target, drawn.weights, drawn.confidence, strict=True):
        if label != SPECIALS[EOS]:
            below = _under(label, f"{confidence:.0%}", size[1], screen)
            panes.append([*_pane(shown, weights.reshape(shape), size, screen), below])
    lines = [*map(Text, wrapped(record.text or "(no words)", screen.width, screen.cut)), Text()]
    lines += [*_rows(panes, size[1], screen.width), *_paths(record, screen), _legend(record, drawn.weights, screen)]
    note = shown.missing if screen.two_pixels else ""
    lines += [Text(line, style="dim") for line in wrapped(note, screen.width, screen.cut)]
    for line in lines:
        line.truncate(screen.width, overflow="ellipsis" if screen.unicode else "crop")
    return lines


def _paths(record: Record, screen: Screen) -> list[Text]:
    """Of a model that looks at parts of a picture: the middle of each look, in shares of the picture, word by word."""
    lines = []
    for label, _, boxes in looks(record):
        at = "  ".join(f"{x:.2f},{y:.2f}" for x, y in ((boxes[:, :2] + boxes[:, 2:]) / 2).tolist())
        retina = record.retina
        pixels = f"  ({len(boxes) * retina.pixels:,} pixels)" if retina else ""
        told = wrapped(f"{label}: looked at {at}{pixels}", screen.width, screen.cut)
        lines += [Text(line, style="dim") for line in told]
    return [*lines, Text()] if lines else []


def _size(shape: float, room: int) -> Size:
    """Lines and cells of a panel; a cell is half as wide as it is high."""
    width = min(LONGEST, room, round(math.sqrt(AREA * shape)))
    return max(1, min(LONGEST // 2, round(width / shape / 2))), max(1, width)


def _pane(shown: Photo, weights: Floats, size: Size, screen: Screen) -> list[Text]:
    height, width = size
    shares = relative(weights)
    if screen.two_pixels:
        pixels = (2 * height, width)
        return _pixels(lit(shown.resized(*pixels), _largest(shares, pixels)))
    return [Text(_shaded(row, screen)) for row in _largest(shares, size).tolist()]


def _largest(shares: Floats, size: Size) -> Floats:
    height, width = size
    fine = upsample(shares, FINE * height, FINE * width).reshape(height, FINE, width, FINE)
    largest: Floats = fine.max(axis=(1, 3))
    return largest


def _shaded(shares: Iterable[float], screen: Screen) -> str:
    shades = screen.shades[1:]  # nothing is a dot here, so that the picture has its extent
    return "".join(shades[round(share * (len(shades) - 1))] for share in shares)


def _pixels(pixels: Pixels) -> list[Text]:
    """Two lines of pixels in one of text."""
    return [_line(zip(upper, lower, strict=True)) for upper, lower in zip(*_halves(pixels), strict=True)]


def _halves(pixels: Pixels) -> tuple[list[list[Sequence[int]]], list[list[Sequence[int]]]]:
    return pixels[::2].tolist(), pixels[1::2].tolist()


def _line(pairs: Iterable[tuple[Sequence[int], Sequence[int]]]) -> Text:
    line = Text()
    for (upper, lower), equal in groupby(pairs):
        style = Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower))
        line.append("▀" * len(list(equal)), style=style)
    return line


def _under(label: str, confidence: str, width: int, screen: Screen) -> Text:
    """A word at the left and its confidence at the right."""
    room = max(1, width - (len(confidence) + 1 if confidence else 0))
    (word,) = fitted([label], room, screen.cut)
    line = Text(word, style="" if confidence else "dim")
    line.append(" " * max(1, width - cell_len(word) - len(confidence)))
    return line.append(confidence, style="dim")


def _rows(panes: Sequence[Sequence[Text]], width: int, room: int) -> list[Text]:
    """Panels beside each other, as many as there is room for."""
    across = max(1, (room + GAP) // (width + GAP))
    lines = []
    for first in range(0, len(panes), across):
        for parts in zip(*panes[first : first + across], strict=True):
            line = Text()
            for i, part in enumerate(parts):
                line.append(" " * (i * (width + GAP) - line.cell_len)).append_text(part)
            line.rstrip()
            lines.append(line)
        lines.append(Text())
    return lines


def _legend(record: Record, weights: Floats, screen: Screen) -> Text:
    if not weights.any():
        return Text("no attention: every weight is zero", style="dim")
    ramp = np.linspace(0, 1, SPECTRUM)
    if screen.two_pixels:
        ground = np.full((2, SPECTRUM, 3), GROUND, np.uint8)
        (scale,) = _pixels(lit(ground, np.stack([ramp, ramp])))
    else:
        scale = Text(_shaded(ramp.tolist(), screen))
    legend = Text("0 ", style="dim").append_text(scale)
    legend.append(" most looked at by each word  % confidence", style="dim")
    score = f"  score {record.score:.2f}"
    return legend.append(score, style="dim") if legend.cell_len + len(score) <= screen.width else legend


def _name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]
