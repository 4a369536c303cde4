"""The picture as SVG: no dependency, text that can be selected, light and dark."""

import html
import re
from collections.abc import Sequence

from regard.types import Record
from regard.view import colours, panes
from regard.view.picture import arrange
from regard.view.shapes import Box, Label, Picture

STYLE = """
.regard { background: #fff; font-family: system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
.regard text { fill: #1c2733; white-space: pre; }
.regard text.muted { fill: #5d6b79; }
.regard rect:hover { stroke: #e2711d; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
.regard { background: #11171d; }
.regard text { fill: #e6edf3; }
.regard text.muted { fill: #93a1af; }
}
"""
ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0


def to_svg(records: Sequence[Record]) -> bytes:
    """Give a file of its own, with all records below each other."""
    return (draw(records) + "\n").encode("utf-8")


def draw(records: Sequence[Record]) -> str:
    """Draw all records in one `<svg>` element, which also fits into a page."""
    picture = arrange(records)
    outputs = " / ".join(record.text for record in records)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="regard" role="img" {_size(picture)}>',
        f"<title>Attention: {_what(picture)} each output word looked at</title>",
        f"<desc>{_how(picture)} {escape(outputs)}</desc>",
        f"<style>{STYLE}{colours.css('.regard')}\n</style>",
        *map(_box, picture.boxes),
        *panes.elements(picture.panes, escape),
        *map(_label, picture.labels),
        "</svg>",
    ]
    return "\n".join(lines)


def escape(text: str) -> str:
    """Make any text fit to stand in XML, between tags and in attributes."""
    return html.escape(ILLEGAL.sub("\ufffd", text))


def _what(picture: Picture) -> str:
    return "where on a picture" if picture.panes else "which source words"


def _how(picture: Picture) -> str:
    panels = "Each panel is the picture as a word saw it; bright is more attention." if picture.panes else ""
    table = "Rows are output words, columns source words; darker is more attention." if picture.boxes else ""
    return f"{panels} {table}".strip()


def _size(picture: Picture) -> str:
    width, height = f"{picture.width:.0f}", f"{picture.height:.0f}"
    return f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" style="max-width:100%;height:auto"'


def _box(box: Box) -> str:
    place = f'x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
    hover = f"<title>{escape(box.hover)}</title>" if box.hover else ""
    return f'<rect class="w{box.level}" {place}>{hover}</rect>' if hover else f'<rect class="w{box.level}" {place}/>'


def _label(label: Label) -> str:
    place = f'x="{label.x:.1f}" y="{label.y:.1f}" font-size="{label.size:.1f}"'
    muted = ' class="muted"' if label.muted else ""
    anchor = ' text-anchor="end"' if label.anchor == "end" else ""
    turn = f' transform="rotate({-label.slant} {label.x:.1f} {label.y:.1f})"' if label.slant else ""
    return f"<text {place}{muted}{anchor}{turn}>{escape(label.text)}</text>"
