"""A drawing on the live page: stepped, played, drawn again with other luck and without a word."""

from typing import Any

import pytest

pytestmark = pytest.mark.browser

LARGE = "[...document.querySelectorAll('.canvases canvas')].map((one) => one.toDataURL())"
SMALL = "[...document.querySelectorAll('.sheet-of-drawings canvas')].map((one) => one.toDataURL())"
WORDS = "a small red square at the left"


def drawn(visit: Any, **context: Any) -> Any:
    return visit.read(WORDS, model="drawing", **context)


def counter(page: Any) -> str:
    return str(page.locator(".drawn .controls .quiet").inner_text())


def test_a_drawing_is_stepped_with_the_words_that_were_read(visit: Any) -> None:
    page = drawn(visit)
    assert counter(page) == "step 3 of 3"
    assert page.locator(".drawn .says").inner_text().startswith("Read at this step: ")
    (last,) = page.evaluate(LARGE)
    page.keyboard.press("ArrowLeft")
    assert counter(page) == "step 2 of 3"
    (before,) = page.evaluate(LARGE)
    assert before != last
    page.keyboard.press("Home")
    assert counter(page) == "step 0 of 3"
    assert page.locator(".drawn .gaze-strip .look[aria-current]").count() == 1
    page.locator(".drawn .gaze-strip .look").last.click()
    assert page.evaluate(LARGE) == [last]
    visit.shoot(page, "drawn")


def test_a_film_plays_to_its_end_and_stops(visit: Any) -> None:
    page = drawn(visit)
    page.get_by_role("button", name="Play").click()
    assert counter(page) == "step 0 of 3"
    visit.until(page, "document.querySelector('.drawn .controls .quiet').textContent === 'step 3 of 3'")
    page.get_by_role("button", name="Play").wait_for()


def test_a_word_that_is_switched_off_is_not_read_and_both_drawings_are_shown(visit: Any) -> None:
    page = drawn(visit)
    whole = page.evaluate(SMALL)
    page.locator(".drawn .word", has_text="red").click()
    visit.until(page, "document.querySelectorAll('.canvases figure').length === 2")
    assert page.locator(".canvases figcaption").all_inner_texts() == ["without “red”", "with all words"]
    assert page.locator(".drawn .word.off").inner_text() == "red"
    assert page.evaluate(SMALL) != whole
    one, other = page.evaluate(LARGE)
    assert one != other
    visit.shoot(page, "drawn-without")
    page.locator(".drawn .word.off").click()
    visit.until(page, "document.querySelectorAll('.canvases figure').length === 1")
    assert page.evaluate(SMALL) == whole


def test_all_words_cannot_be_switched_off(visit: Any) -> None:
    page = drawn(visit)
    words = page.locator(".drawn .word")
    for place in range(words.count() - 1):
        words.nth(place).click()
        visit.until(page, f"document.querySelectorAll('.drawn .word.off').length === {place + 1}")
    visit.complaints.clear()
    words.last.click()
    visit.until(page, "document.getElementById('status').textContent.includes('one at least must stay on')")
    assert page.locator(".drawn .word.off").count() == words.count() - 1
    visit.complaints.clear()  # the browser notes every answer that is an error


def test_other_luck_gives_other_drawings(visit: Any) -> None:
    page = drawn(visit)
    assert page.get_by_label("Drawings", exact=True).first.input_value() == "4"
    first = page.evaluate(SMALL)
    assert len(set(first)) == 4
    page.locator(".sheet-of-drawings .look").nth(1).click()
    assert page.locator(".sheet-of-drawings [aria-pressed=true]").get_attribute("aria-label") == "Drawing 2"
    page.get_by_role("button", name="Draw others").click()
    visit.until(page, f"({SMALL})[0] !== {first[0]!r}")


def test_a_model_that_draws_has_no_views_of_words(visit: Any) -> None:
    page = drawn(visit, view="step")
    assert page.locator(".views a:visible").all_inner_texts() == ["Read", "Learning"]
    assert page.locator(".drawn").is_visible()
    assert not page.get_by_label("Beside it").is_visible()


def test_a_model_without_words_draws_at_once(visit: Any) -> None:
    page = visit.open()
    page.wait_for_selector("#model option", state="attached")
    page.select_option("#model", "wordless")
    page.wait_for_selector(".drawn")
    assert not page.locator("#source").is_visible()
    assert not page.locator(".drawn .words").is_visible()
    assert page.locator(".drawn .says").inner_text() == "It draws without words."


def test_it_is_usable_with_a_keyboard_and_a_reader_of_screens_and_on_a_small_screen(visit: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for context in ({}, {"viewport": {"width": 390, "height": 800}}):
        page = drawn(visit, **context)
        found = axe.run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        visit.shoot(page, f"drawn-{page.viewport_size['width']}")
