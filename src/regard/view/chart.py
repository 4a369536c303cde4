"""A line chart as SVG to stand in a page, whose style sheet gives it colours and light and dark."""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 440.0, 240.0
COLOURS = 8
LEFT, RIGHT, TOP, BOTTOM = 48.0, 12.0, 12.0, 40.0  # around the plot
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """A chart: named lines of (x, y) points, such as {"valid": [(100, 2.3), (200, 1.7)]}."""

    title: str
    lines: Mapping[str, Sequence[Point]]
    x: str = "step"


def draw(curve: Curve) -> str:
    """Draw a curve in a `<figure>`; a chart without points says so."""
    title = html.escape(curve.title)
    points = [point for line in curve.lines.values() for point in line if math.isfinite(point[1])]
    if not points:
        return f"<figure><figcaption>{title}</figcaption><p>No measurements yet.</p></figure>"
    first, last = points[0][1], points[-1][1]
    drawn = [
        f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" class="chart">',
        f"<title>{title}</title><desc>From {_number(first)} to {_number(last)}.</desc>",
        *plot(curve),
        "</svg>",
    ]
    return f"<figure><figcaption>{title}{_key(curve)}</figcaption>\n{chr(10).join(drawn)}\n</figure>"


def plot(curve: Curve) -> list[str]:
    """The axes and lines, as SVG elements in a space of `WIDTH` by `HEIGHT`; there must be a point."""
    points = [point for line in curve.lines.values() for point in line if math.isfinite(point[1])]
    xs, ys = ticks([x for x, _ in points]), ticks([y for _, y in points])
    lines = (_line(number, name, line, (xs, ys)) for number, (name, line) in enumerate(curve.lines.items()))
    return [*_axes(xs, ys, curve.x), *lines]


def look(number: int) -> str:
    """A colour for each line, and when they are used up, dashes."""
    return f"line{number % COLOURS}" + (" dashed" if number // COLOURS % 2 else "")


def ticks(values: Sequence[float], most: int = 5) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) that enclose the values."""
    low, high = min(values), max(values)
    rough = (high - low or abs(high) or 1.0) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))
    start, end = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * i for i in range(start, max(end, start + 1) + 1)]


def _axes(xs: list[float], ys: list[float], name: str) -> list[str]:
    floor, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    lines = []
    for y in ys:
        at = _place_y(y, ys)
        lines.append(f'<line class="rule" x1="{LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{_number(y)}</text>')
    for x in xs:
        anchor = "end" if x == xs[-1] else "middle"
        lines.append(f'<text x="{_place_x(x, xs):.1f}" y="{floor + 18}" text-anchor="{anchor}">{_number(x)}</text>')
    middle = (LEFT + right) / 2
    return [*lines, f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{html.escape(name)}</text>']


def _line(number: int, name: str, points: Sequence[Point], axes: tuple[list[float], list[float]]) -> str:
    xs, ys = axes
    places = [(_place_x(x, xs), _place_y(y, ys), x, y) for x, y in points if math.isfinite(y)]
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b, _, _ in places)
    name = html.escape(name)
    dots = "".join(
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3"><title>{name}, {_number(x)}: {_number(y)}</title></circle>'
        for a, b, x, y in places
    )
    return f'<g class="{look(number)}"><polyline points="{path}"/>{dots}</g>'


def _key(curve: Curve) -> str:
    """Which line is which, if there are several."""
    if len(curve.lines) < 2:
        return ""
    names = (f'<span class="key {look(i)}">{html.escape(name)}</span>' for i, name in enumerate(curve.lines))
    return " " + " ".join(names)


def _place_x(x: float, xs: list[float]) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (x - xs[0]) / (xs[-1] - xs[0])


def _place_y(y: float, ys: list[float]) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (ys[-1] - y) / (ys[-1] - ys[0])


def _number(value: float) -> str:
    """Short: 1,500 and 0.35."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
