"""The live page's modules as one script, for a page that has no server to load them from."""

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
EXPORT = re.compile(r"^export ", re.MULTILINE)
FILM = ("dom.js", "light.js", "looks.js", "film.js")  # each behind those that it imports


def bundle(names: tuple[str, ...]) -> str:
    """Their text, without what only a browser that loads modules needs; their names must differ."""
    folder = files("regard") / "page"
    texts = (folder.joinpath(name).read_text(encoding="utf-8") for name in names)
    return "\n".join(EXPORT.sub("", IMPORT.sub("", text)) for text in texts)


def embedded(facts: Any) -> str:
    """Plain data as JSON that cannot end the script element it stands in, nor open a comment."""
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def film(given: Mapping[str, Any] | None) -> dict[str, str]:
    """The parts of a page's template that a film fills; empty without one."""
    if given is None:
        return dict.fromkeys(("film", "film_script", "film_style"), "")
    start = 'player(at("film"), JSON.parse(at("film-data").textContent));'
    data = f'<script type="application/json" id="film-data">{embedded(given)}</script>\n'
    style = (files("regard") / "page" / "live.css").read_text(encoding="utf-8")
    return {
        "film": '<section id="film" class="live" aria-label="How it learnt to look"></section>\n',
        "film_script": f'{data}<script type="module">\n{bundle(FILM)}\n{start}\n</script>\n',
        "film_style": f"\n{style}",
    }
