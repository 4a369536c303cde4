"""The picture, as SVG and as PNG, and its colours."""

import io
import sys
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from regard.errors import UsageError
from regard.types import Record
from regard.view import colours, png, svg
from regard.view.picture import arrange

SVG = "{http://www.w3.org/2000/svg}"


def luminance(colour: str) -> float:
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return sum(a * float(b**2.2) for a, b in zip((0.2126, 0.7152, 0.0722), values, strict=True))


def test_scales_grow_steadily_in_one_direction() -> None:
    light = np.array([luminance(colour) for colour in colours.LIGHT]) ** (1 / 3)
    dark = np.array([luminance(colour) for colour in colours.DARK]) ** (1 / 3)
    for steps in (-np.diff(light), np.diff(dark)):
        assert steps.min() > 0
        assert steps.max() < 2 * steps.min()


def test_every_weight_has_a_level() -> None:
    assert [colours.level(w) for w in (-0.1, 0, 0.024, 0.5, 1, 1.001)] == [0, 0, 0, 10, 20, 20]


def test_svg_matches_the_golden_file(every: list[Record], golden: Callable[[str, str], None]) -> None:
    golden("records.svg", svg.to_svg(every).decode("utf-8"))


def test_svg_is_xml_that_says_what_it_shows(every: list[Record]) -> None:
    root = ElementTree.fromstring(svg.draw(every))
    assert root.get("role") == "img"
    assert "Attention" in (root.findtext(f"{SVG}title") or "")
    assert every[0].text in (root.findtext(f"{SVG}desc") or "")
    labels = [label.text for label in root.iter(f"{SVG}text")]
    assert {"chien", "你好", "مرحبا", "(an empty line)", "5"} <= set(labels)
    hovers = [title.text for title in root.iter(f"{SVG}title")]
    assert "chien ← dog: 87.5% (of 100% in the row)" in hovers


def test_svg_escapes_what_looks_like_markup(nasty: Record) -> None:
    drawn = svg.draw([nasty])
    assert "<script" not in drawn and "<b>" not in drawn
    root = ElementTree.fromstring(drawn)
    assert "<script>alert(1)</script>" in [label.text for label in root.iter(f"{SVG}text")]


def test_svg_survives_characters_that_xml_forbids(dog: Record) -> None:
    tokens = ("▁a\x00b", *dog.tokens[1:])
    record = Record(dog.source, "a\x00b", dog.source_tokens, tokens, dog.token_scores, dog.attention)
    ElementTree.fromstring(svg.draw([record]))


def test_svg_follows_the_colour_scheme(dog: Record) -> None:
    assert "prefers-color-scheme: dark" in svg.draw([dog])


def test_a_long_record_makes_smaller_cells(long: Record) -> None:
    picture = arrange([long])
    assert picture.width < 4000
    assert len(svg.to_svg([long])) < 500_000


def pixels(content: bytes) -> NDArray[np.float64]:
    image = pytest.importorskip("matplotlib.image")
    decoded: NDArray[np.float64] = image.imread(io.BytesIO(content))[..., :3]
    return decoded


def test_png_has_the_colours_of_the_weights(dog: Record) -> None:
    picture, drawn = arrange([dog]), pixels(png.to_png([dog]))
    assert drawn.shape[:2] == pytest.approx((2 * picture.height, 2 * picture.width), abs=2)
    for box in picture.boxes[1:]:
        sample = drawn[round(2 * (box.y + box.height / 2)), round(2 * (box.x + box.width / 2))]
        expected = [int(colours.LIGHT[box.level][i : i + 2], 16) / 255 for i in (1, 3, 5)]
        np.testing.assert_allclose(sample, expected, atol=0.02)


def test_png_of_awkward_records_stacks_without_warnings(every: list[Record]) -> None:
    assert pixels(png.to_png(every)).shape[0] > 2.5 * pixels(png.to_png(every[:1])).shape[0]


def test_a_huge_png_is_painted_smaller() -> None:
    from regard.view.picture import Picture

    assert png._zoom(Picture(width=100, height=100)) == 2
    assert png._zoom(Picture(width=1000, height=60_000)) == 0.5


def test_too_many_records_for_a_png_are_refused(dog: Record) -> None:
    with pytest.raises(UsageError, match=r"41 records are too many for one \.png .*write \.html"):
        png.to_png([dog] * 41)


def test_png_without_matplotlib_says_what_to_install(dog: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match=r'pip install "regard\[plot\]"'):
        png.to_png([dog])
