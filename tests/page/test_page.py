"""The live page in a browser: typing, stepping, dragging, keys, pictures, dark mode, and nothing from outside."""

import json
from pathlib import Path
from typing import Any

import pytest

import shapes
from regard.watching import watched

pytestmark = pytest.mark.browser

DROP = """bytes => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
    const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.getElementById("drop").dispatchEvent(event);
}"""
VIEWS = ("read", "step", "what-if", "learning")


def texts(page: Any, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


def live(page: Any) -> list[str]:
    return texts(page, ".live-one .word")


def stage(page: Any) -> str:
    return str(page.locator(".stage-card h3").first.inner_text())


def test_a_sentence_is_typed_and_read(visit: Any) -> None:
    page = visit.read()
    assert texts(page, ".words.target .word") == ["d", "c", "b", "a", "</s>"]
    assert page.locator(".map tbody tr").count() == 5
    assert page.locator(".others label").count() > 1
    assert page.locator(".beam-tree .kept rect").count() == 6
    page.locator(".words.target .word").first.hover()
    visit.until(page, "document.querySelector('.says').textContent.includes('looked at d')")
    visit.shoot(page, "read")
    page.locator(".others input").nth(1).check()
    assert texts(page, ".words.target .word") != ["d", "c", "b", "a", "</s>"]


def test_words_are_walked_with_the_keyboard(visit: Any) -> None:
    page = visit.read()
    page.locator(".words.target .word").first.focus()
    page.keyboard.press("ArrowRight")
    visit.until(page, "document.querySelector('.says').textContent.startsWith('c looked at')")
    page.keyboard.press("ArrowUp")
    visit.until(page, "document.querySelector('.says').textContent.includes('was looked at by')")
    page.keyboard.press("Enter")  # keeps it
    page.locator("#source").focus()
    assert "was looked at by" in page.locator(".says").inner_text()


def test_what_was_seen_is_saved(visit: Any, tmp_path: Path) -> None:
    page = visit.read()
    for kind, head in (("SVG", b"<svg"), ("PNG", b"\x89PNG"), ("JSON", b"{")):
        with page.expect_download() as found:
            page.get_by_role("button", name=kind, exact=True).click()
        found.value.save_as(tmp_path / kind)
        assert (tmp_path / kind).read_bytes().startswith(head)
        assert found.value.suggested_filename == f"attention.{kind.lower()}"
    assert json.loads((tmp_path / "JSON").read_text(encoding="utf-8"))["text"] == "d c b a"


def test_a_lesson_is_stepped_through_by_arrow_keys(visit: Any) -> None:
    page = visit.read(view="step")
    assert stage(page) == "The word before"
    assert page.locator(".drawings.two .lesson").count() == 2  # beside it the model without attention
    seen = []
    for _ in range(5):
        page.keyboard.press("ArrowRight")
        seen.append(stage(page))
    assert seen == ["Scores", "Softmax", "Weighted sum", "RNN step", "Output distribution"]
    assert "softmax(W norm(P features) + b)" in page.locator(".formula").first.inner_text()
    assert page.locator(".chances .taken .name").first.inner_text() == "d"
    visit.shoot(page, "step")
    page.keyboard.press("ArrowDown")
    assert page.locator(".steps [aria-current]").inner_text() == "c"
    page.keyboard.press("Home")
    assert stage(page) == "Tokens"
    page.keyboard.press("End")
    assert stage(page) == "Output distribution"
    page.keyboard.press("ArrowLeft")
    assert stage(page) == "RNN step"


def test_the_model_without_attention_shows_its_one_vector(visit: Any) -> None:
    page = visit.read(view="step", model="blind")
    page.keyboard.press("ArrowRight")
    assert stage(page) == "One context vector"
    assert "It has no attention" in page.locator(".missing").inner_text()


def test_a_lesson_plays(visit: Any) -> None:
    page = visit.read(view="step")
    page.get_by_role("button", name="Play").click()
    visit.until(page, "document.querySelector('.stage-card h3').textContent !== 'The word before'")
    page.get_by_role("button", name="Stop").click()


def test_a_bar_is_dragged_and_the_rest_of_the_output_follows(visit: Any) -> None:
    page = visit.read(view="what-if")
    assert live(page) == ["d", "c", "b", "a", "</s>"]
    box = page.get_by_role("slider", name="Attention to a", exact=True).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 3)
    page.mouse.down()
    for part in (0.6, 0.3, 0.0):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * part)
    page.mouse.up()
    visit.until(page, "document.querySelector('.live-one .word').textContent === 'a'")
    assert page.locator(".live-one .word.given").inner_text() == "a"
    assert "At word 1 most attention is put on a" in page.locator(".changes").inner_text()
    visit.shoot(page, "what-if")
    page.get_by_role("button", name="Undo all").click()
    assert live(page) == ["d", "c", "b", "a", "</s>"]


def test_attention_is_moved_with_the_keyboard(visit: Any) -> None:
    page = visit.read(view="what-if")
    page.locator(".live-one .word").nth(1).press("Enter")
    page.get_by_role("slider", name="Attention to a", exact=True).press("End")
    visit.until(page, "document.querySelectorAll('.live-one .word')[1].textContent === 'a'")
    assert live(page)[0] == "d"  # what was said before stays


def test_words_are_forced_and_switched_off_and_attention_is_flattened(visit: Any) -> None:
    page = visit.read(view="what-if")
    page.fill("#prefix", "b b")
    page.get_by_role("button", name="Begin").click()
    visit.until(page, "document.querySelector('.live-one .word').textContent === 'b'")
    assert live(page)[:2] == ["b", "b"]
    page.get_by_role("button", name="Undo all").click()
    page.fill("#force", "g")
    page.get_by_role("button", name="Force").click()
    visit.until(page, "document.querySelector('.live-one .word').textContent === 'g'")
    page.get_by_role("button", name="Undo all").click()
    page.get_by_role("checkbox", name="Attention to d is on").uncheck()
    page.wait_for_selector(".bar.off")
    assert page.locator(".bar.off .value").inner_text() == "0 %"
    page.locator("#temperature").press("End")
    visit.until(page, "document.querySelector('.changes').textContent.includes('divided by 100')")
    values = [page.locator(".bar .value").nth(i).inner_text() for i in range(5)]
    assert values[3] == "0 %"
    assert all(22 <= int(value.removesuffix(" %")) <= 28 for i, value in enumerate(values) if i != 3)


def test_two_models_are_compared_on_one_input(visit: Any) -> None:
    page = visit.read(view="what-if")
    assert "blind, on the same input" in texts(page, ".output h2")
    assert page.locator(".output").count() == 3


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    shapes.write(tmp_path, shapes.scenes(1, 5))
    return next(tmp_path.rglob("*.png"))


def test_a_picture_is_sent_looked_at_and_a_region_clicked(visit: Any, scene: Path) -> None:
    page = visit.open()
    page.wait_for_selector("#model option", state="attached")
    page.select_option("#model", "seeing")
    page.set_input_files("#picture", scene)
    page.wait_for_selector(".panels .panel")
    page.locator(".words.target .word").first.hover()
    page.wait_for_selector(".photo-frame .veil:not([hidden])")
    assert "row" in page.locator(".says").inner_text()
    assert page.locator(".links path").count() == 0
    visit.shoot(page, "picture")
    with page.expect_download() as found:
        page.get_by_role("button", name="SVG", exact=True).click()
    assert "<image" in found.value.path().read_text(encoding="utf-8")
    page.goto(f"{visit.address}/#step")
    page.wait_for_selector(".columns")
    page.goto(f"{visit.address}/#what-if")
    page.get_by_role("button", name="Look at region 2:3").click()
    visit.until(page, "document.querySelector('.changes').textContent.includes('put on 2:3 (100 %)')")
    visit.shoot(page, "picture-what-if")


def test_a_picture_is_dropped(visit: Any, scene: Path) -> None:
    page = visit.open()
    page.wait_for_selector("#model option", state="attached")
    page.select_option("#model", "seeing")
    page.evaluate(DROP, list(scene.read_bytes()))
    page.wait_for_selector(".panels .panel")
    assert page.locator("#drop-text").inner_text() == "dropped.png"


def test_what_is_wrong_is_told(visit: Any) -> None:
    page = visit.open()
    page.wait_for_selector("#model option", state="attached")
    page.get_by_role("button", name="Run").click()
    assert page.locator("#status").inner_text() == "Type a sentence first."


def test_a_film_is_played(visit: Any) -> None:
    page = visit.read(view="learning", model="blind")
    assert page.locator(".film-examples button").count() > 1
    assert "step 8" in page.locator(".controls .quiet").inner_text()
    page.locator(".controls input").press("Home")
    assert "step 4" in page.locator(".controls .quiet").inner_text()
    page.get_by_role("button", name="Play").click()
    visit.until(page, "document.querySelector('.controls .quiet').textContent.includes('step 8')")
    visit.shoot(page, "learning")


def test_a_run_is_a_file_that_opens_anywhere(visit: Any, models: dict[str, Path], tmp_path: Path) -> None:
    for name in ("reverse", "seeing"):
        (tmp_path / f"{name}.html").write_text(watched(models[name], 4), encoding="utf-8")
        page = visit.open(url=(tmp_path / f"{name}.html").as_uri())
        page.wait_for_selector("#film .film-said")
        assert page.locator("#film .chip").count() >= 1
        assert page.locator("#list button").count() > 0
        visit.shoot(page, f"view-{name}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_accessible_in_light_and_dark(visit: Any, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit.read(color_scheme=scheme)
    page.locator(".words.target .word").first.click()  # some words are shaded then
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 23, 29)"}[scheme]
    for view in VIEWS:
        page.goto(f"{visit.address}/#{view}")
        page.wait_for_selector(f"body[data-view='{view}'] #main > *")
        if view == "what-if":  # so is what was changed
            page.get_by_role("slider", name="Attention to a", exact=True).press("End")
            page.wait_for_selector(".word.new")
        page.wait_for_timeout(400)
        found = axe.run(page).response["violations"]
        told = [f"{view}: {one['id']} {[node['target'] for node in one['nodes'][:4]]}" for one in found]
        assert told == []
        visit.shoot(page, f"{view}-{scheme}")


@pytest.mark.parametrize("width", [360, 800])
def test_no_view_is_wider_than_its_screen(visit: Any, width: int) -> None:
    page = visit.read("a b c d e f g h", viewport={"width": width, "height": 800})
    for view in VIEWS:
        page.goto(f"{visit.address}/#{view}")
        page.wait_for_selector(f"body[data-view='{view}'] #main > *")
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, view
        visit.shoot(page, f"{view}-{width}")
