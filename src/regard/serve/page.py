"""The files of the page, read from the package once: an address either is one of these, or nothing."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from regard.view.page import house
from regard.view.stage import part

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
FOLDER, FIRST = "page", "index.html"


def read() -> dict[str, tuple[bytes, str]]:
    """The content and the media type of each file, by its address; the first page is `/` too."""
    root = files("regard") / FOLDER
    found = dict(_walk(root, "/")) if root.is_dir() else {}
    found["/house.css"] = (house() + part("gaze.css")).encode(), TYPES[".css"]  # the style of every page of ours
    if f"/{FIRST}" in found:
        found["/"] = found[f"/{FIRST}"]
    return found


def _walk(folder: Traversable, address: str) -> list[tuple[str, tuple[bytes, str]]]:
    found: list[tuple[str, tuple[bytes, str]]] = []
    for entry in folder.iterdir():
        suffix = entry.name[entry.name.rfind(".") :] if "." in entry.name else ""
        if entry.is_dir():
            found += _walk(entry, f"{address}{entry.name}/")
        elif suffix in TYPES:
            found.append((f"{address}{entry.name}", (entry.read_bytes(), TYPES[suffix])))
    return found
