"""One hue from "looked at nothing" to "looked at nothing else", in steps that the eye finds even.

The steps are even in the lightness of OKLab (Ottosson 2020), whose hue stays put while
lightness moves. The light scale darkens with the weight, the dark scale brightens.
"""

import math

LEVELS = 21  # 0, 5, ... 100 %
HUE = 246.0  # degrees: a calm blue

# OKLab -> cube roots of cone responses -> linear sRGB
_TO_CONES = ((1.0, 0.3963377774, 0.2158037573), (1.0, -0.1055613458, -0.0638541728), (1.0, -0.0894841775, -1.291485548))
_TO_RGB = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.707614701),
)


def level(weight: float) -> int:
    """Which of the `LEVELS` colours a weight from 0 to 1 has."""
    return round(min(max(weight, 0.0), 1.0) * (LEVELS - 1))


def oklch(lightness: float, chroma: float, hue: float) -> str:
    """Give the sRGB colour "#rrggbb" of an OKLCH one; what a screen cannot show is clipped."""
    lab = (lightness, chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue)))
    cones = [sum(a * b for a, b in zip(row, lab, strict=True)) ** 3 for row in _TO_CONES]
    linear = [sum(a * b for a, b in zip(row, cones, strict=True)) for row in _TO_RGB]
    return "#" + "".join(f"{round(255 * _gamma(min(max(value, 0.0), 1.0))):02x}" for value in linear)


def _gamma(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _scale(start: float, end: float, chroma: tuple[float, float]) -> tuple[str, ...]:
    """Even lightness from start to end; most colourful past the middle, where a screen has most to give."""
    least, most = chroma
    steps = [i / (LEVELS - 1) for i in range(LEVELS)]
    waves = [math.sin(math.pi * 0.72 * t**0.8) for t in steps]
    return tuple(
        oklch(start + (end - start) * t, least + (most - least) * wave, HUE)
        for t, wave in zip(steps, waves, strict=True)
    )


LIGHT = _scale(0.972, 0.36, (0.014, 0.135))
DARK = _scale(0.275, 0.9, (0.035, 0.125))


def variables(scale: tuple[str, ...]) -> str:
    """Style sheet variables: --w0 ... --w20 to fill with, --i0 ... --i20 to write on them."""
    return " ".join(f"--w{i}: {colour}; --i{i}: {ink(colour)};" for i, colour in enumerate(scale))


def ink(ground: str) -> str:
    """Black or white, whichever has more contrast to the ground (WCAG 2: even at a luminance of 0.18)."""
    values = [int(ground[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    luminance = sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "#000000" if luminance > 0.179 else "#ffffff"


def css(scope: str) -> str:
    """Style sheet rules: under `scope`, the classes w0 ... w20 fill in light and in dark."""
    return f"{_rules(scope, LIGHT)}\n@media (prefers-color-scheme: dark) {{\n{_rules(scope, DARK)}\n}}"


def _rules(scope: str, scale: tuple[str, ...]) -> str:
    return "\n".join(f"{scope} .w{i} {{ fill: {colour}; }}" for i, colour in enumerate(scale))
