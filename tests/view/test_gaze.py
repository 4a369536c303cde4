"""The gaze on a picture: the light, the photo, and every view of a record that has a grid."""

import base64
import io
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console

from regard import pictures
from regard.comparison.report import _record
from regard.errors import UsageError
from regard.types import Record
from regard.view import gaze, panels, png, svg, terminal
from regard.view.mosaic import panels as mosaic
from regard.view.nbest import NBest
from regard.view.page import page
from regard.view.panes import veil_png
from regard.view.photo import photo, read
from regard.view.picture import arrange
from regard.view.record import save
from regard.view.screen import Screen
from regard.view.words import alignment, grid
from regard.wording.unknown import replace_unknown
from view.scene import HOUSE, caption, paint

Image = pytest.importorskip("PIL.Image")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def house(tmp_path: Path) -> Record:
    return caption(paint(tmp_path / "scene.png"))


@pytest.fixture
def gone() -> Record:
    return caption("nowhere/gone.png", (3, 5))


def awkward(house: Record) -> list[Record]:
    """No words, one region, no attention, many words."""
    words = ["\u2581word"] * 40
    row = house.attention[:1]
    return [
        replace(house, text="", tokens=("</s>",), token_scores=house.token_scores[:1], attention=row),
        replace(house, text="", tokens=(), token_scores=house.token_scores[:0], attention=row[:0]),
        caption(house.source, (1, 1)),
        caption(house.source, (14, 14)),
        replace(house, attention=np.zeros_like(house.attention)),
        replace(
            house,
            text="word " * 40,
            tokens=tuple(words),
            token_scores=np.full(40, -1, np.float32),
            attention=row.repeat(40, 0),
        ),
    ]


# ---- the light ----


@pytest.mark.parametrize("pixels", [2, 7, 13, 64])
@pytest.mark.parametrize("regions", [1, 2, 7, 14])
def test_a_constant_stays_constant(regions: int, pixels: int) -> None:
    np.testing.assert_allclose(gaze.spread(regions, pixels).sum(1), 1)
    np.testing.assert_allclose(gaze.upsample(np.full((regions, 3), 0.25), pixels, 11), 0.25)


def test_the_mean_and_the_largest_stay_where_pixels_divide_regions_evenly() -> None:
    weights = np.random.default_rng(0).random((5, 3))
    smooth = gaze.upsample(weights, 5 * 11, 3 * 13)  # an odd number a region: one pixel is its middle
    assert smooth.mean() == pytest.approx(weights.mean())
    assert smooth.max() == pytest.approx(weights.max())
    np.testing.assert_allclose(smooth[5::11, 6::13], weights)


def test_every_peak_stays_in_its_region() -> None:
    for row, column in np.ndindex(3, 5):
        weights = np.zeros((3, 5))
        weights[row, column] = 1
        y, x = np.unravel_index(gaze.upsample(weights, 60, 80).argmax(), (60, 80))
        assert (y * 3 // 60, x * 5 // 80) == (row, column)


def test_between_two_regions_light_falls_steadily() -> None:
    line = gaze.upsample(np.array([[1.0, 0.0]]), 1, 40)[0]
    assert (np.diff(line) <= 0).all()
    assert line[19] + line[20] == pytest.approx(1)


def test_shares_are_of_the_largest_and_nothing_stays_nothing() -> None:
    np.testing.assert_array_equal(gaze.relative(np.array([[0.01, 0.04]])), [[0.25, 1]])
    np.testing.assert_array_equal(gaze.relative(np.zeros((2, 2))), np.zeros((2, 2)))


def test_the_veil_lifts_with_the_share() -> None:
    for colour in (0, 90, 255):
        shades = gaze.lit(np.full((1, 64, 3), colour, np.uint8), np.linspace(0, 1, 64)[None])[0].astype(float)
        warmth = shades[:, 0] - shades[:, 2]
        assert (np.diff(warmth) > -2).all() and warmth[-1] > warmth[0] + 50
    # what was looked at keeps more of the picture's contrast than what was not
    black, white = (
        gaze.lit(np.full((1, 2, 3), c, np.uint8), np.array([[0.0, 1.0]]))[0].astype(float) for c in (0, 255)
    )
    assert (white - black)[1].min() > 2.5 * (white - black)[0].max()


def test_a_veil_is_a_png_of_these_shades() -> None:
    shares = np.array([[0, 0.5, 1], [1, 0, 0.25]])
    decoded = np.asarray(Image.open(io.BytesIO(veil_png(shares))).convert("RGBA"))
    np.testing.assert_array_equal(decoded, gaze.veil()[gaze.shade(shares)])


# ---- the photo ----


def test_a_photo_is_small_and_keeps_its_shape(tmp_path: Path) -> None:
    shown = photo(str(paint(tmp_path / "wide.png", 900, 300)), (7, 7), 90)
    assert shown.pixels.shape == (30, 90, 3) and not shown.missing
    assert Image.open(io.BytesIO(shown.jpeg())).size == (90, 30)


def test_a_photo_stands_as_it_was_held(tmp_path: Path) -> None:
    turned = Image.new("RGB", (40, 20), "blue")
    turned.paste("red", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the top is at the right
    turned.save(tmp_path / "turned.png", exif=exif)
    pixels, _ = read(str(tmp_path / "turned.png"), 100)
    assert pixels is not None and pixels.shape == (40, 20, 3)
    assert pixels[0, 0].tolist() == [255, 0, 0] and pixels[-1, 0].tolist() == [0, 0, 255]


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1"])
def test_every_kind_of_picture_becomes_red_green_and_blue(mode: str, tmp_path: Path) -> None:
    Image.new(mode, (8, 6)).save(tmp_path / "a.tiff")
    pixels, missing = read(str(tmp_path / "a.tiff"), 100)
    assert pixels is not None and pixels.shape == (6, 8, 3) and not missing


def test_what_cannot_be_read_is_an_empty_ground_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, cut = tmp_path / "broken.jpg", tmp_path / "cut.png"
    broken.write_bytes(b"no picture")
    cut.write_bytes(paint(tmp_path / "whole.png").read_bytes()[:300])
    for path, why in ((broken, "is no picture that can be read, expected JPEG, PNG,"), (cut, "cut off or broken (")):
        shown = photo(str(path), (2, 4), 80)
        assert shown.missing.startswith(f"{path}: {why}")
        assert shown.missing.endswith(". The gaze is on an empty ground.") and "\n" not in shown.missing
        assert shown.pixels.shape == (40, 80, 3) and shown.jpeg() == b""
        assert shown.resized(3, 5).shape == (3, 5, 3)
    assert f"{tmp_path}: is a folder, expected a picture." in photo(str(tmp_path), (1, 1), 8).missing
    monkeypatch.setattr(pictures, "PIXELS", 1000)
    assert "expected at most 1,000 pixels" in photo(str(tmp_path / "whole.png"), (1, 1), 8).missing
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert 'pip install "regard[picture]"' in photo(str(tmp_path / "whole.png"), (1, 1), 8).missing


# ---- numbers ----


def test_regions_are_never_merged_into_words(house: Record) -> None:
    drawn = grid(house)
    assert drawn.target == ("a", "red", "house", "under", "a", "yellow", "sun", "</s>")
    assert drawn.source == house.source_tokens and drawn.weights.shape == (8, 49)
    np.testing.assert_allclose(drawn.weights.sum(1), 1, atol=1e-5)
    assert (7 * 1 + 5, 6) in alignment(house)  # the seventh word looked at row 2, column 6: the sun


def test_numbers_hold_the_grid(house: Record, dog: Record, tmp_path: Path) -> None:
    save([NBest.best_of([house, house]), dog], tmp_path / "a.json")
    caption, text = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert caption["grid"] == caption["nbest"][1]["grid"] == [7, 7]
    assert caption["words"]["source"][8] == "2:2" and "grid" not in text
    save([house, dog], tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert arrays["grid_0"].tolist() == [7, 7] and "grid_1" not in arrays


def test_pharaoh_links_words_only(house: Record, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"scene\.png: \.pharaoh links words to words.* write \.json"):
        save([house], tmp_path / "a.pharaoh")


def test_a_region_takes_no_unknown_words_place(house: Record) -> None:
    record = replace(house, tokens=("\u2581<unk>", *house.tokens[1:]))
    assert replace_unknown(record, "".join) is record


def test_a_comparison_reads_a_grid_back(house: Record) -> None:
    assert _record(house.to_json()).grid == (7, 7)


# ---- pictures ----


def test_there_is_the_picture_and_a_panel_for_each_word_but_the_end_sign(house: Record) -> None:
    picture = arrange([house])
    plain, *words, legend = picture.panes
    assert plain.shares is None and len(words) == 7 and legend.height < 20
    assert words[-1].hover == "sun looked most at 2:6 (row:column): 46.8%"
    labels = [label.text for label in picture.labels]
    assert labels[0] == house.text and {"scene.png", "yellow", "sun"} <= set(labels)


def test_panels_wrap_to_rows_and_do_not_overlap(house: Record) -> None:
    for record in awkward(house):
        picture = arrange([record])
        assert picture.width < 1100
        boxes = [(p.x, p.y, p.x + p.width, p.y + p.height) for p in picture.panes]
        for i, a in enumerate(boxes):
            assert a[2] <= picture.width and a[3] <= picture.height
            assert all(a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1] for b in boxes[:i])


def test_svg_holds_the_photo_once_and_a_veil_for_each_word(house: Record) -> None:
    root = ElementTree.fromstring(svg.draw([house, house]))
    data = [image.get("href", "") for image in root.iter(f"{SVG}image")]
    assert sum(href.startswith("data:image/jpeg") for href in data) == 2  # one for each record
    assert sum(href.startswith("data:image/png") for href in data) == 7 * 2 + 1
    decoded = Image.open(io.BytesIO(base64.b64decode(data[0].partition(",")[2])))
    assert np.abs(np.asarray(decoded)[200, 110].astype(int) - HOUSE).max() < 20
    assert "where on a picture" in (root.findtext(f"{SVG}title") or "")


def test_png_is_brightest_where_a_word_looked(house: Record) -> None:
    pytest.importorskip("matplotlib")
    drawn = np.asarray(Image.open(io.BytesIO(png.to_png([house]))).convert("RGB")).astype(float)
    picture = arrange([house])
    zoom = drawn.shape[1] / picture.width
    sun = picture.panes[7]

    def at(y: float, x: float) -> float:
        return float(drawn[int(zoom * (sun.y + y * sun.height)), int(zoom * (sun.x + x * sun.width))].sum())

    assert at(0.2, 0.8) > 1.8 * at(0.2, 0.2)


def test_awkward_captions_are_drawn_by_every_view(house: Record, gone: Record, dog: Record, tmp_path: Path) -> None:
    records = [*awkward(house), gone, dog]
    for suffix in (".svg", ".png", ".html", ".json", ".npz"):
        save(records, tmp_path / f"a{suffix}")
    ElementTree.fromstring((tmp_path / "a.svg").read_text(encoding="utf-8"))
    assert gone.source in (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "(no words)" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_a_panel_keeps_the_shape_of_its_picture() -> None:
    for shape in (0.05, 0.5, 1.0, 1.5, 4.0, 30.0):
        width, height = panels._size(shape)
        assert max(width, height) <= panels.LONGER and min(width, height) >= 8
        if 0.1 < shape < 10:
            assert width / height == pytest.approx(shape, rel=0.03)


# ---- the terminal ----


@pytest.mark.parametrize("width", [5, 40, 80, 200])
@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("unicode", [True, False])
def test_no_line_is_wider_than_the_screen(width: int, colour: bool, unicode: bool, house: Record, gone: Record) -> None:
    for record in (house, gone, *awkward(house)):
        for words in (True, False):
            lines = mosaic(record, Screen(width, colour, unicode), words=words)
            assert all(line.cell_len <= width for line in lines)
            assert unicode or not words or all(line.plain.isascii() for line in lines)


def test_colours_show_the_picture_with_two_pixels_to_a_cell(house: Record) -> None:
    file = io.StringIO()
    terminal.show(house, Console(file=file, force_terminal=True, color_system="truecolor", width=80))
    shown = file.getvalue()
    assert "\u2580" in shown and "\x1b[38;2;150;196;236;48;2;150;196;236m" in shown  # the sky, above and below
    assert "scene.png" in shown and "yellow" in shown


def test_without_colours_shades_are_darkest_where_a_word_looked(house: Record) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", no_color=True, width=80)
    terminal.show(house, console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "\u2588" in shown and "\x1b[48" not in shown and "\x1b[38" not in shown
    sun = slice(-2, None)
    parts = (house.tokens[sun], house.token_scores[sun], house.attention[sun])
    record = Record(house.source, "sun", house.source_tokens, *parts, house.grid)
    lines = [line.plain for line in mosaic(record, Screen(80, colour=False))]
    block = lines[2 : lines.index(next(line for line in lines if line.startswith("sun ")))]
    y, x = max(((y, x) for y, line in enumerate(block) for x, sign in enumerate(line) if sign == "\u2588"))
    assert y / len(block) < 0.35 and x / len(block[0]) > 0.65


def test_what_is_amiss_with_the_picture_is_said(gone: Record) -> None:
    said = " ".join(line.plain for line in mosaic(gone, Screen(80)))
    assert "nowhere/gone.png: no such picture. The gaze is on an empty ground." in said


# ---- the page ----


def data(text: str, name: str) -> object:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found.group(1))


def test_a_page_holds_the_picture_and_what_makes_light_of_weights(house: Record, dog: Record) -> None:
    other = caption(house.source, (3, 5))
    text = page([NBest.best_of([house, other]), dog])
    item, plain = data(text, "data")  # type: ignore[misc]
    assert item["picture"]["data"].startswith("data:image/jpeg;base64,") and item["picture"]["missing"] == ""
    assert (item["picture"]["width"], item["picture"]["height"]) == (480, 360)
    assert [hypothesis["grid"] for hypothesis in item["hypotheses"]] == [[7, 7], [3, 5]]
    assert item["hypotheses"][0]["words"]["weights"][6][12] == pytest.approx(468, abs=1)
    assert "picture" not in plain and "grid" not in plain["hypotheses"][0]
    light = data(text, "gaze-data")
    assert isinstance(light, dict) and set(light["spread"]) == {"3", "5", "7"} and len(light["veil"]) == gaze.SHADES
    np.testing.assert_allclose(light["spread"]["7"], gaze.spread(7, 64), atol=1e-4)
    assert "img-src data:" in text and text.count(item["picture"]["data"]) == 1


def test_a_page_of_text_knows_nothing_of_pictures(dog: Record) -> None:
    text = page([dog])
    assert "img-src" not in text and "gaze" not in text and "stage" not in text


def test_a_page_says_what_is_amiss_with_a_picture(gone: Record) -> None:
    (item,) = data(page([gone]), "data")  # type: ignore[misc]
    assert item["picture"]["data"] == "" and "no such picture" in item["picture"]["missing"]


def test_a_page_with_pictures_needs_no_network_and_writes_no_markup(house: Record) -> None:
    text = page([house])
    assert "innerHTML" not in text and "fetch(" not in text and "@import" not in text
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {"http://www.w3.org/2000/svg"}
