"""The pictures of docs/page.md: the live page with a trained model, as Chromium draws it.

    python benchmarks/filmstrip.py MODEL [NONE] [--source TEXT] [--out docs/pictures]

MODEL is a folder of a run, NONE that of the same without attention. It wants Chromium and Playwright.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

SIZE = {"width": 1120, "height": 760}
LARGEST = 150_000  # bytes of a picture


def strip(page: Page, address: str, source: str, out: Path) -> None:
    """One picture of each view."""

    def shoot(name: str) -> None:
        path = out / f"page-{name}.png"
        page.screenshot(path=str(path))
        print(f"{path}  {path.stat().st_size:,} bytes")
        if path.stat().st_size > LARGEST:
            sys.exit(f"{path} is larger than {LARGEST:,} bytes.")

    page.goto(address)
    page.wait_for_selector("#model option", state="attached")
    page.fill("#source", source)
    page.keyboard.press("Enter")
    page.wait_for_selector(".sentence")
    page.locator(".words.target .word").nth(1).click()
    page.wait_for_timeout(400)
    shoot("read")
    page.evaluate("location.hash = 'step'")
    page.wait_for_selector(".columns")
    if page.locator("#beside").is_visible():
        page.select_option("#beside", "")
    page.wait_for_selector(".drawings:not(.two)")
    for key in ("ArrowDown", *["ArrowRight"] * 5):
        page.keyboard.press(key)
    page.set_viewport_size({**SIZE, "height": 920})
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    shoot("step")
    page.set_viewport_size(SIZE)
    page.evaluate("location.hash = 'what-if'")
    page.locator(".live-one .word").first.click()
    page.locator(".bar .room").nth(2).press("End")
    page.wait_for_selector(".changes ul")
    page.wait_for_timeout(400)
    shoot("what-if")
    page.evaluate("location.hash = 'learning'")
    page.wait_for_selector(".film-said")
    page.locator(".controls input").press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    shoot("learning")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("none", nargs="?")
    parser.add_argument("--source", default="twenty-three dollars")
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"))
    args = parser.parse_args()
    chromium = os.environ.get("REGARD_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    models = [f"attention={args.model}", *([f"none={args.none}"] if args.none else [])]
    command = [sys.executable, "-m", "regard", "serve", *models, "--port", "0", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        assert server.stdout
        address = server.stdout.readline().partition(" on ")[2].partition(" ")[0]
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        try:
            strip(browser.new_page(viewport=SIZE), address, args.source, args.out)
        finally:
            browser.close()
            server.terminate()


if __name__ == "__main__":
    main()
