"""A server with small models, and a browser that may speak to nothing else."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import drawings
import letters
import shapes
import strokes
from regard.training.session import train

CHROMIUM = os.environ.get("REGARD_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
SHOTS = os.environ.get("REGARD_SCREENSHOTS")  # a folder for screenshots, outside of the repository
GAZE: dict[str, Any] = {
    "train": {"steps": 150, "batch": 80, "rate": 0.01, "validate": 75, "threads": 1},
    "decoder": {"each": True},
    "objective": {"early": 0.5},
}
WAIT = 60_000  # milliseconds: a busy machine takes its time


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Of letters with and without attention, of pictures and their parts, and two that draw, one without words."""
    folder = tmp_path_factory.mktemp("page")
    pairs = letters.write_pairs(folder / "pairs.tsv", letters.lines(90, 6))
    train(letters.tiny(pairs, attention={"name": "none"}), folder / "blind")
    file = shapes.write(folder / "scenes", shapes.scenes(12, 2))
    train(shapes.tiny(file, picture={"cache": str(folder / "cache")}), folder / "seeing")
    train(strokes.tiny(strokes.write(folder / "strokes", 400, 1), **GAZE), folder / "looking")
    words = drawings.scenes(folder / "drawings", 120)
    train(drawings.tiny(words), folder / "drawing")
    train(drawings.tiny(words, data={"source": ""}, attention={"name": "none"}), folder / "wordless")
    known = {name: folder / name for name in ("blind", "seeing", "looking", "drawing", "wordless")}
    return {"reverse": letters.learnt("reverse"), **known}


@contextmanager
def serving(models: dict[str, Path], *options: str) -> Iterator[str]:
    """The address of a server with these models, for as long as the block runs."""
    named = [f"{name}={path}" for name, path in models.items()]
    command = [sys.executable, "-m", "regard", "serve", *named, "--port", "0", "--quiet", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=letters.ENVIRONMENT) as process:
        assert process.stdout
        line = process.stdout.readline()
        threading.Thread(target=process.stdout.read, daemon=True).start()
        try:
            yield line.partition(" on ")[2].partition(" ")[0]
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="session")
def address(models: dict[str, Path]) -> Iterator[str]:
    with serving(models) as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="the page is driven by Playwright: pip install playwright")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"the page is looked at in Chromium, and there is none at {CHROMIUM}: apt-get install chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Visit:
    """Opens pages, and keeps account of what they ask for and complain of."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser, self.address = browser, address
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        self.contexts: list[Any] = []

    def open(self, view: str = "read", url: str = "", **context: Any) -> Any:
        """A page at a view, in a context of its own."""
        made = self.browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context})
        self.contexts.append(made)
        page = made.new_page()
        page.set_default_timeout(WAIT)
        page.route("**/*", self._route)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(url or f"{self.address}/#{view}")
        return page

    def read(self, source: str = "a b c d", view: str = "read", model: str = "reverse", **context: Any) -> Any:
        """A page that has read a source."""
        page = self.open(view, **context)
        page.wait_for_selector("#model option", state="attached")
        page.select_option("#model", model)
        page.fill("#source", source)
        page.keyboard.press("Enter")
        page.wait_for_selector("#main > *:not(.empty)")
        return page

    def look(self, picture: Path, view: str = "read", model: str = "looking", **context: Any) -> Any:
        """A page that has looked at a picture."""
        page = self.open(view, **context)
        page.wait_for_selector("#model option", state="attached")
        page.select_option("#model", model)
        page.set_input_files("#picture", picture)
        page.wait_for_selector("#main > *:not(.empty)")
        return page

    def until(self, page: Any, true: str) -> None:
        """Wait until a script's expression is true: asked from outside, because the page's rules let no text be run."""
        end = time.monotonic() + WAIT / 1000
        while not page.evaluate(true):
            assert time.monotonic() < end, f"never came: {true}"
            page.wait_for_timeout(50)

    def shoot(self, page: Any, name: str) -> None:
        """Keep a picture, if a folder for them is named."""
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)

    def _route(self, route: Any) -> None:
        url = route.request.url
        if url.startswith((self.address, "data:", "blob:", "file:")):
            route.continue_()
        else:
            self.strangers.append(url)
            route.abort()

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture
def visit(chromium: Any, address: str) -> Iterator[Visit]:
    """Visits whose pages ask nobody but the server, and complain of nothing."""
    found = Visit(chromium, address)
    yield found
    for context in found.contexts:
        context.close()
    assert found.strangers == []
    assert found.complaints == []
