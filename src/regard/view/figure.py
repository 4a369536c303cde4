"""A line chart as a picture of its own: an SVG file that brings its colours, light and dark, and its key."""

from regard.view.chart import HEIGHT, TOP, WIDTH, Curve, look, plot
from regard.view.svg import escape

KEY = 190.0  # the width of the column that says which line is which
HEAD = 30.0  # the height of the title
STEP = 17.0
STYLE = """
.chart { background: #fff; font: 12px system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
.chart text { fill: #5a6876; } .chart .title { fill: #1c2733; font-size: 15px; font-weight: 600; }
.chart .rule { stroke: #dfe5eb; }
.chart polyline, .chart path { fill: none; stroke: currentcolor; stroke-width: 2; stroke-linejoin: round; }
.chart circle { fill: currentcolor; }
.dashed polyline, .dashed path { stroke-dasharray: 6 4; }
.line0 { color: #0b6bae; } .line1 { color: #5a6876; } .line2 { color: #25734a; } .line3 { color: #b03a26; }
.line4 { color: #b7791f; } .line5 { color: #8250df; } .line6 { color: #0e8a94; } .line7 { color: #c2378a; }
@media (prefers-color-scheme: dark) {
.chart { background: #11171d; } .chart text { fill: #96a4b2; } .chart .title { fill: #e6edf3; }
.chart .rule { stroke: #29343f; }
.line0 { color: #62b6f7; } .line1 { color: #96a4b2; } .line2 { color: #6cc792; } .line3 { color: #f0907c; }
}
"""


def to_svg(curve: Curve) -> str:
    """Draw a curve that has points as a whole SVG file."""
    height = HEAD + max(HEIGHT, TOP + STEP * len(curve.lines))
    size = f'width="{WIDTH + KEY:.0f}" height="{height:.0f}" viewBox="0 0 {WIDTH + KEY:.0f} {height:.0f}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" {size}>',
            f"<title>{escape(curve.title)}</title>",
            f"<style>{STYLE}</style>",
            f'<text class="title" x="8" y="20">{escape(curve.title)}</text>',
            f'<g transform="translate(0 {HEAD:.0f})">',
            *plot(curve),
            *(_name(number, name) for number, name in enumerate(curve.lines)),
            "</g>",
            "</svg>\n",
        ]
    )


def _name(number: int, name: str) -> str:
    y = TOP + STEP * number
    line = f'<path d="M{WIDTH + 8:.0f},{y:.1f} h20"/>'
    return f'<g class="{look(number)}">{line}</g><text x="{WIDTH + 36:.0f}" y="{y + 4:.1f}">{escape(name)}</text>'
