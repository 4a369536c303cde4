"""The pictures of docs/page.md: the live page with a trained model, as Chromium draws it.

    python benchmarks/filmstrip.py MODEL [NONE] [--source TEXT] [--gaze MODEL --picture FILE] [--out docs/pictures]

MODEL is a folder of a run, NONE that of the same without attention: both are then stepped side by side. --gaze is a
model that looks at parts of a picture, --picture what it looks at. It wants Chromium and Playwright.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

SIZE, TALL = {"width": 1120, "height": 760}, {"width": 1120, "height": 920}
LARGEST = 150_000  # bytes of a picture


def shoot(page: Page, out: Path, name: str) -> None:
    """One picture, if it is small enough."""
    path = out / f"page-{name}.png"
    page.screenshot(path=str(path))
    print(f"{path}  {path.stat().st_size:,} bytes")
    if path.stat().st_size > LARGEST:
        sys.exit(f"{path} is larger than {LARGEST:,} bytes.")


def text(page: Page, source: str, out: Path) -> None:
    """One picture of each view, and one of two models side by side."""
    page.fill("#source", source)
    page.keyboard.press("Enter")
    page.wait_for_selector(".sentence")
    page.locator(".words.target .word").nth(1).click()
    page.wait_for_timeout(400)
    shoot(page, out, "read")
    page.evaluate("location.hash = 'step'")
    page.wait_for_selector(".columns")
    two = page.locator("#beside").is_visible()
    if two:
        page.wait_for_selector(".drawings.two")  # the model without attention is taken by itself
        page.locator(".steps .word").nth(1).click()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        page.set_viewport_size(TALL)
        page.evaluate("document.querySelector('.steps').scrollIntoView()")
        shoot(page, out, "beside")
        page.select_option("#beside", "")
    page.wait_for_selector(".drawings:not(.two)")
    for key in ("ArrowDown", *["ArrowRight"] * 5):
        page.keyboard.press(key)
    page.set_viewport_size(TALL)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    shoot(page, out, "step")
    page.set_viewport_size(SIZE)
    page.evaluate("location.hash = 'what-if'")
    page.locator(".live-one .word").first.click()
    page.locator(".bar .room").nth(2).press("End")
    page.wait_for_selector(".changes ul")
    page.wait_for_timeout(400)
    shoot(page, out, "what-if")
    page.evaluate("location.hash = 'learning'")
    page.wait_for_selector(".film-said")
    page.locator(".controls input").press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    shoot(page, out, "learning")


def gaze(page: Page, picture: Path, out: Path) -> None:
    """A gaze after its third look."""
    page.set_viewport_size(TALL)
    page.evaluate("location.hash = 'read'")
    page.select_option("#model", "gaze")
    page.set_input_files("#picture", picture)
    page.wait_for_selector(".gaze")
    page.locator(".gaze-strip .look").nth(3).click()
    page.evaluate("document.querySelector('.sentence').scrollIntoView()")
    page.wait_for_timeout(400)
    shoot(page, out, "gaze")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("none", nargs="?")
    parser.add_argument("--source", default="twenty-three dollars")
    parser.add_argument("--gaze", metavar="MODEL")
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"))
    args = parser.parse_args()
    if bool(args.gaze) != bool(args.picture):
        parser.error("--gaze and --picture go together.")
    chromium = os.environ.get("REGARD_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    models = [f"attention={args.model}", *([f"none={args.none}"] if args.none else [])]
    models += [f"gaze={args.gaze}"] if args.gaze else []
    command = [sys.executable, "-m", "regard", "serve", *models, "--port", "0", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        assert server.stdout
        address = server.stdout.readline().partition(" on ")[2].partition(" ")[0]
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        try:
            page = browser.new_page(viewport=SIZE)
            page.goto(address)
            page.wait_for_selector("#model option", state="attached")
            text(page, args.source, args.out)
            if args.gaze:
                gaze(page, args.picture, args.out)
        finally:
            browser.close()
            server.terminate()


if __name__ == "__main__":
    main()
