"""The picture as PNG, painted by matplotlib (the extra "plot")."""

import io
import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from regard.errors import UsageError
from regard.types import Record
from regard.view.colours import LIGHT
from regard.view.gaze import lit, upsample
from regard.view.picture import arrange
from regard.view.shapes import Label, Pane, Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_RECORDS = 40
LONGEST_SIDE = 30_000  # pixels; the painter can do 65,535
MOST_PIXELS = 6e7  # a quarter of a gigabyte while it is painted
UNITS = 100  # picture pixels to matplotlib's inch
INK, MUTED = "#1c2733", "#5d6b79"

# Matplotlib's own font has no East Asian and few Indic letters; of these, those installed help out.
FALLBACKS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Source Han Sans", "WenQuanYi Zen Hei"),
    *("PingFang SC", "Hiragino Sans", "Apple SD Gothic Neo", "Microsoft YaHei", "Yu Gothic", "Malgun Gothic"),
    *("Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Thai", "Nirmala UI"),
    *("Arial Unicode MS", "Segoe UI"),
)


def to_png(records: Sequence[Record]) -> bytes:
    """Paint all records below each other, at twice the size of the SVG as long as that is sane."""
    if len(records) > MOST_RECORDS:
        raise UsageError(
            f"{len(records)} records are too many for one .png (at most {MOST_RECORDS}): "
            "write .html, which shows one at a time, or .svg."
        )
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise UsageError('A .png needs matplotlib: pip install "regard[plot]" (.svg and .html need nothing).') from None
    return _paint(arrange(records))


def _paint(picture: Picture) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure as NewFigure

    zoom = _zoom(picture)
    figure = NewFigure(figsize=(picture.width / UNITS, picture.height / UNITS), dpi=UNITS * zoom)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, picture.width), ylim=(picture.height, 0))
    axes.set_axis_off()
    corners = [
        [(b.x, b.y), (b.x + b.width, b.y), (b.x + b.width, b.y + b.height), (b.x, b.y + b.height)]
        for b in picture.boxes
    ]
    axes.add_collection(PolyCollection(corners, facecolors=[LIGHT[box.level] for box in picture.boxes], linewidths=0))
    for pane in picture.panes:
        _show(axes, pane, zoom)
    axes.set(xlim=(0, picture.width), ylim=(picture.height, 0))  # images set limits of their own
    families = _families()
    for label in picture.labels:
        _write(axes, label, families)
    return _encode(figure)


def _write(axes: "Axes", label: Label, families: list[str]) -> None:
    axes.text(
        label.x,
        label.y,
        label.text,
        family=families,
        fontsize=label.size * 72 / UNITS,  # in points, 72 to the inch
        color=MUTED if label.muted else INK,
        ha="right" if label.anchor == "end" else "left",
        va="baseline",
        rotation=label.slant,
        rotation_mode="anchor",
        parse_math=False,  # a "$" is a dollar
    )


def _show(axes: "Axes", pane: Pane, zoom: float) -> None:
    height, width = max(1, round(zoom * pane.height)), max(1, round(zoom * pane.width))
    pixels = pane.photo.resized(height, width)
    if pane.shares is not None:
        pixels = lit(pixels, upsample(pane.shares, height, width))
    corners = (pane.x, pane.x + pane.width, pane.y + pane.height, pane.y)
    axes.imshow(pixels, extent=corners, aspect="auto", interpolation="antialiased")


def _encode(figure: "Figure") -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # A letter that no installed font has is drawn as a box: no reason to alarm anyone.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        figure.savefig(buffer, format="png", facecolor="white")
    return buffer.getvalue()


def _zoom(picture: Picture) -> float:
    """Twice the picture's size for sharp letters, less where the file would grow out of hand."""
    side, area = max(picture.width, picture.height), picture.width * picture.height
    return min(2.0, LONGEST_SIDE / side, math.sqrt(MOST_PIXELS / area))


def _families() -> list[str]:
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in FALLBACKS if name in installed)]
