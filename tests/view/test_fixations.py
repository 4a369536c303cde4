"""The path of a gaze: one frame a look, what came in, and only for records that have looks."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import strokes
from regard import idx
from regard.errors import UsageError
from regard.looks import Retina
from regard.types import SPACE, Record
from regard.view import fixations, record
from regard.view.mosaic import panels
from regard.view.screen import Screen
from regard.view.words import looks

GRID, SIDE, PATCH = 7, strokes.SIDE, 8


@pytest.fixture
def shown(tmp_path: Path) -> Record:
    """Two labels: two looks for the first, one for the second, and none for the end."""
    file = strokes.write(tmp_path, 3, 1)
    boxes = np.zeros((3, 2, 4), np.float32)
    for row, look, left, top in ((0, 0, 10, 12), (0, 1, -4, 3), (1, 0, 20, 24)):
        boxes[row, look] = np.array([left, top, left + PATCH, top + PATCH]) / SIDE
    regions = tuple(f"{row}:{column}" for row in range(1, 8) for column in range(1, 8))
    attention = np.full((3, GRID * GRID), 1 / 49, np.float32)
    scores = np.log([0.9, 0.5, 1.0]).astype(np.float32)
    tokens = (f"{SPACE}3", f"{SPACE}1", "</s>")
    known = Record(f"{file}#1", "3, 1", regions, tokens, scores, attention, (GRID, GRID))
    return replace(known, boxes=boxes, retina=Retina(SIDE, PATCH, 2))


def test_each_look_belongs_to_its_word(shown: Record) -> None:
    found = looks(shown)
    assert [(label, len(boxes)) for label, _, boxes in found] == [("3", 2), ("1", 1)]
    assert found[0][1] == pytest.approx(0.9)
    assert looks(replace(shown, boxes=None)) == []


def test_what_came_in_is_the_picture_there_and_black_outside(shown: Record) -> None:
    pixels = np.repeat(np.asarray(idx.picture(*(idx.named(shown.source) or ("", 0))))[..., None], 3, 2)
    assert shown.boxes is not None
    seen = fixations._seen(pixels, shown.boxes[0, 0], PATCH)
    np.testing.assert_array_equal(seen, pixels[12:20, 10:18])
    outside = fixations._seen(pixels, shown.boxes[0, 1], PATCH)
    np.testing.assert_array_equal(outside[:, 4:], pixels[3:11, 0:4])
    assert not outside[:, :4].any()
    wider = fixations._wider(shown.boxes[0, 0], 1)
    np.testing.assert_allclose(wider, np.array([6, 8, 22, 24]) / SIDE, atol=1e-6)
    means = pixels[8:24, 6:22].reshape(8, 2, 8, 2, 3).mean((1, 3))
    np.testing.assert_allclose(fixations._seen(pixels, wider, PATCH), means, atol=1)


def test_a_gif_has_a_frame_for_each_look(shown: Record, tmp_path: Path) -> None:
    record.save([shown, shown], tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as made:
        assert made.n_frames == 6  # type: ignore[attr-defined]
        times = []
        for frame in range(6):
            made.seek(frame)
            times.append(made.info["duration"])
    assert times == [700, 700, 1800] * 2


def test_a_png_shows_them_beside_each_other_with_outlines(shown: Record, tmp_path: Path) -> None:
    record.save([shown], tmp_path / "film.png")
    with Image.open(tmp_path / "film.png") as sheet:
        pixels = np.asarray(sheet.convert("RGB"))
    assert (pixels == fixations.NOW).all(-1).any() and (pixels == fixations.BEFORE).all(-1).any()
    single = Image.open(io.BytesIO(fixations.to_png([replace(shown, boxes=np.asarray(shown.boxes)[:, :1])])))
    assert pixels.shape[1] == single.size[0] // 2 * 3


def test_a_page_holds_all_frames_and_asks_for_nothing_else(shown: Record, tmp_path: Path) -> None:
    record.save([shown], tmp_path / "film.html")
    page = (tmp_path / "film.html").read_text(encoding="utf-8")
    frames = json.loads(page.partition('id="frames">')[2].partition("</script>")[0])
    assert [frame["told"] for frame in frames] == [
        "look 1 of 2 for 3 (90%)   answer: 3, 1",
        "look 2 of 2 for 3 (90%)   answer: 3, 1",
        "look 1 of 1 for 1 (50%)   answer: 3, 1",
    ]
    assert "http" not in page.replace("http-equiv", "") and "default-src 'none'" in page


def test_what_has_no_looks_makes_no_film_but_the_usual_page(shown: Record, tmp_path: Path) -> None:
    plain = replace(shown, boxes=None, retina=None)
    with pytest.raises(UsageError, match="There is no film to make"):
        record.save([plain], tmp_path / "film.gif")
    record.save([plain], tmp_path / "page.html")
    assert 'id="frames"' not in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_picture_that_is_gone_is_no_reason_to_withhold_the_path(shown: Record) -> None:
    assert fixations.to_gif([replace(shown, source="gone.png")])[:3] == b"GIF"


def test_too_many_looks_are_refused(shown: Record) -> None:
    with pytest.raises(UsageError, match=r"300 looks are too many for one film \(at most 200\)"):
        fixations.to_gif([shown] * 100)


def test_the_terminal_tells_the_path(shown: Record) -> None:
    lines = [line.plain for line in panels(shown, Screen(width=60, colour=False))]
    assert "3: looked at 0.50,0.57 0.00,0.25 (256 pixels)" in lines
    assert "1: looked at 0.86,1.00 (128 pixels)" in lines
