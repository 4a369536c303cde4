"""A gaze on the live page: stepped, played, put elsewhere by pointer and keys; pictures by number, and drawn ones."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import strokes
from regard import idx

pytestmark = pytest.mark.browser
VIEWS = {"read": ".gaze", "step": ".sight", "what-if": ".aim", "learning": "#main > *"}


INK = """() => {
    const paper = document.getElementById("paper");
    const pixels = paper.getContext("2d").getImageData(0, 0, paper.width, paper.height).data;
    return pixels.reduce((sum, value, i) => sum + (i % 4 === 0 && value > 128), 0);
}"""


@pytest.fixture
def stroke(tmp_path: Path) -> Path:
    (picture,), _ = strokes.drawn(1, 8)
    Image.fromarray(picture).save(tmp_path / "stroke.png")
    return tmp_path / "stroke.png"


def counter(page: Any) -> str:
    return str(page.locator(".gaze .controls .quiet").inner_text())


def chips(page: Any) -> list[str]:
    return [str(text) for text in page.locator(".gaze-strip .look b").all_inner_texts()]


def percents(told: list[str]) -> list[float]:
    return [int(text.split()[-2]) / 100 for text in told]


def answers(page: Any) -> list[str]:
    """The score of each output on the page."""
    return [str(text) for text in page.locator(".output > .quiet").all_inner_texts()]


def press(page: Any, x: float, y: float) -> None:
    box = page.locator(".aim").bounding_box()
    page.locator(".aim").click(position={"x": x * box["width"], "y": y * box["height"]})


def changed(visit: Any, page: Any, text: str) -> None:
    visit.until(page, f"document.querySelector('.changes').textContent.includes('{text}')")


def test_a_gaze_is_stepped_look_by_look_with_the_answer_after_each(visit: Any, stroke: Path) -> None:
    page = visit.look(stroke)
    assert counter(page) == "3 of 3 looks"
    said = page.locator(".words.target .word").first.inner_text()
    assert len(chips(page)) == 3 and chips(page)[-1].startswith(f"{said} ")
    page.keyboard.press("Home")
    assert page.locator(".gaze-side h2").inner_text() == "Before the first look"
    for made in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        assert counter(page) == f"{made} of 3 looks"
        assert page.locator(".gaze-side h2").inner_text() == f"Look {made} of 3"
        assert page.locator(".gaze-side .windows canvas").count() == 2
        name, chance = (
            page.locator(f".gaze-side .chances li:first-child .{part}").inner_text() for part in ("name", "chance")
        )
        assert f"{name} {chance}" == chips(page)[made - 1]
    page.keyboard.press("ArrowLeft")
    assert page.locator(".gaze-strip [aria-current]").get_attribute("aria-label").startswith("look 2 at ")
    page.get_by_role("button", name="Play").click()
    visit.until(page, "document.querySelector('.gaze .controls .quiet').textContent === '3 of 3 looks'")
    page.locator(".gaze-strip .look").nth(1).click()
    assert counter(page) == "1 of 3 looks"
    visit.shoot(page, "gaze-read")


def test_what_was_seen_of_a_gaze_is_saved(visit: Any, stroke: Path) -> None:
    page = visit.look(stroke)
    with page.expect_download() as found:
        page.get_by_role("button", name="SVG", exact=True).click()
    content = found.value.path().read_text(encoding="utf-8")
    assert content.count("<image") == 7 and "look 3: " in content  # the picture, and a panel for each look


def test_a_press_puts_the_next_look_there_and_the_answer_changes(visit: Any, stroke: Path) -> None:
    page = visit.look(stroke, "what-if")
    usual = chips(page)
    page.keyboard.press("Home")
    with page.expect_response("**/lesson/looking") as asked:
        press(page, 0.1, 0.9)
    record, steps = (asked.value.json()[name] for name in ("record", "lesson"))
    changed(visit, page, "Look 1 for word 1 is put at 10 % from the left, 90 % from the top.")
    visit.until(page, "document.querySelector('.gaze .controls .quiet').textContent === '1 of 3 looks'")
    assert chips(page)[0] != usual[0]
    assert [look["top"][0][1] for look in steps["steps"][0]["looks"]] == pytest.approx(percents(chips(page)), abs=0.006)
    assert answers(page)[1] == f"log-probability \u2212{-record['score']:.2f}"
    assert page.locator(".live-one .word.given").count() == 1
    press(page, 0.8, 0.2)
    changed(visit, page, "Look 2 for word 1 is put at 80 % from the left, 20 % from the top.")
    changed(visit, page, "Look 1 for word 1")  # what was put before stays
    visit.shoot(page, "gaze-what-if")
    page.get_by_role("button", name="Undo all").click()
    assert chips(page) == usual
    assert page.locator(".changes li").count() == 0


def test_a_look_is_put_elsewhere_with_the_keyboard_alone(visit: Any, stroke: Path) -> None:
    page = visit.look(stroke, "what-if")
    page.locator(".aim").focus()
    for key in (*["ArrowRight"] * 4, *["ArrowUp"] * 2, "Shift+ArrowUp"):
        page.keyboard.press(key)
    told = "Put look 3 here: 70 % from the left, 39 % from the top"
    assert page.locator(".aim").get_attribute("aria-label") == told
    page.keyboard.press("Enter")
    changed(visit, page, "Look 3 for word 1 is put at 70 % from the left, 39 % from the top.")
    assert page.evaluate("document.activeElement.className") == "aim"  # so that one can go on


def test_every_stage_of_a_look_can_be_stepped_to(visit: Any, stroke: Path) -> None:
    page = visit.look(stroke, "step")
    page.keyboard.press("Home")
    seen = []
    for _ in range(9):
        seen.append(page.locator(".stage-card h3").inner_text())
        page.keyboard.press("ArrowRight")
    before = ["The picture", "Before the first look", "The word before"]
    assert seen == [
        *before,
        "Look 1: where",
        "Look 1: what",
        "RNN step",
        "What it would say",
        "Look 2: where",
        "Look 2: what",
    ]
    page.keyboard.press("ArrowLeft")
    assert page.locator(".seen canvas").count() == 2
    assert "tanh(pace W query)" in page.locator(".formula").inner_text()
    assert page.locator(".missing li").count() == 0
    visit.shoot(page, "gaze-step")


def test_the_path_at_each_validation_is_played_and_its_pictures_can_be_tried(visit: Any) -> None:
    page = visit.open("learning")
    page.wait_for_selector("#model option", state="attached")
    page.select_option("#model", "looking")
    over = page.locator(".film-stage .veil")
    assert over.get_attribute("aria-label").count("look ") == 3
    late = over.get_attribute("aria-label")
    page.locator(".controls input").press("Home")
    assert over.get_attribute("aria-label") != late
    page.goto(f"{visit.address}/#read")
    page.get_by_role("button", name="Example 2", exact=True).click()
    page.wait_for_selector(".gaze")
    assert page.locator("#drop-text").inner_text() == "example 2"


@pytest.mark.parametrize("packed", [False, True])
def test_a_picture_of_a_set_is_chosen_by_its_number(visit: Any, tmp_path: Path, packed: bool) -> None:
    file = strokes.write(tmp_path, 9, 4)
    if packed:
        file = file.with_name(f"{file.name}.gz")
        file.write_bytes(gzip.compress(file.with_suffix("").read_bytes()))
    page = visit.look(file)
    assert page.locator("#number-of").inner_text() == "of 0 to 8"
    page.evaluate("document.querySelector('.gaze').id = 'before'")
    page.fill("#number", "5")
    page.locator("#number").press("Enter")
    visit.until(page, f"document.getElementById('drop-text').textContent === '{file.name} 5.png'")
    page.wait_for_selector(".gaze:not(#before)")
    shown = page.evaluate("""() => {
        const canvas = document.querySelector('.photo-canvas'), side = canvas.width / 28;
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        const at = (x, y) => data[4 * (Math.floor((y + 0.5) * side) * canvas.width + Math.floor((x + 0.5) * side))];
        return Array.from({ length: 784 }, (_, i) => at(i % 28, Math.floor(i / 28)));
    }""")
    expected = np.asarray(idx.picture(str(tmp_path / "train-images-idx3-ubyte"), 5))
    np.testing.assert_array_equal(np.array(shown).reshape(28, 28), expected)


def test_a_picture_is_drawn_with_the_pointer_and_with_keys(visit: Any) -> None:
    page = visit.open()
    page.wait_for_selector("#model option", state="attached")
    page.select_option("#model", "looking")
    page.get_by_role("button", name="Draw one").click()
    box = page.locator("#paper").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.7 * box["height"], steps=5)
    page.mouse.up()
    page.wait_for_selector(".gaze")
    drawn = page.evaluate(INK)
    assert drawn > 15
    visit.shoot(page, "gaze-drawn")
    page.get_by_role("button", name="Wipe").click()
    assert page.evaluate(INK) == 0
    page.locator("#paper").focus()
    for key in (" ", *["ArrowDown"] * 6):
        page.keyboard.press(key)
    assert page.evaluate(INK) > 8
    page.select_option("#model", "seeing")  # in colours: nothing to draw with
    assert page.locator("#draw").is_hidden() and page.locator("#pad").is_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_gaze_is_accessible_in_light_and_dark(visit: Any, stroke: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit.look(stroke, color_scheme=scheme)
    page.get_by_role("button", name="Draw one").click()
    for view, part in VIEWS.items():
        page.goto(f"{visit.address}/#{view}")
        page.wait_for_selector(f"body[data-view='{view}'] {part}")
        page.wait_for_timeout(300)
        found = axe.run(page).response["violations"]
        assert [f"{view}: {one['id']} {[node['target'] for node in one['nodes'][:4]]}" for one in found] == []
        visit.shoot(page, f"gaze-{view}-{scheme}")


def test_a_gaze_is_not_wider_than_a_phone(visit: Any, stroke: Path) -> None:
    page = visit.look(stroke, viewport={"width": 390, "height": 800})
    for view, part in VIEWS.items():
        page.goto(f"{visit.address}/#{view}")
        page.wait_for_selector(f"body[data-view='{view}'] {part}")
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 390, view
        visit.shoot(page, f"gaze-{view}-390")
