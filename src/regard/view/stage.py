"""What a page needs to show pictures: their parts of the template, empty where all records are text.

How far a region reaches and how a share becomes light is computed here and travels with the page,
so that its script, which only multiplies, draws what every other view draws.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from typing import Any

from regard.types import Record
from regard.view.gaze import spread, veil
from regard.view.nbest import NBest
from regard.view.photo import photo

SIDE, SMALL_SIDE = 800, 400  # pixels of a photo's longer side, in a page of few and of many
MANY = 24  # photos: 800 pixels are about 130 kB of page, 400 a third of it
FINE = 64  # pixels of the light, which browsers smooth

TOLD = " On a picture, what is bright was looked at; each word has a scale of its own."
REGIONS = '<label id="regions" class="check" hidden><input type="checkbox" id="numbers"> Regions</label>\n'


def pieces(records: Sequence[Record]) -> dict[str, str]:
    """The parts of the template that pictures fill; a page of text is what it was without them."""
    grids = {one.grid for record in records for one in every(record) if one.grid}
    if not grids:
        return dict.fromkeys(("images", "regions", "stage", "told", "light", "gaze_style", "gaze_script"), "")
    return {
        "images": "; img-src data:",
        "regions": REGIONS,
        "stage": part("gaze.html"),
        "told": TOLD,
        "light": f'<script type="application/json" id="gaze-data">{json.dumps(light(grids))}</script>\n',
        "gaze_style": part("gaze.css"),
        "gaze_script": part("gaze.js") + "\n",
    }


def light(grids: Iterable[tuple[int, int]]) -> dict[str, Any]:
    """How weights of regions become light, for pictures of these grids: two matrices that a script multiplies."""
    counts = sorted({count for grid in grids for count in grid})
    return {"veil": veil().tolist(), "spread": {n: spread(n, max(n, FINE)).round(4).tolist() for n in counts}}


def picture(record: Record, records: int) -> dict[str, Any]:
    """What an item of the page has besides if its source is a picture; `records` is how many share the page."""
    if record.grid is None:
        return {}
    shown = photo(record.source, record.grid, SIDE if records <= MANY else SMALL_SIDE)
    height, width, _ = shown.pixels.shape
    content = base64.b64encode(shown.jpeg()).decode("ascii")
    data = f"data:image/jpeg;base64,{content}" if content else ""
    return {"picture": {"data": data, "width": width, "height": height, "missing": shown.missing}}


def part(name: str) -> str:
    """A file beside this one."""
    return files("regard.view").joinpath(name).read_text(encoding="utf-8")


def every(record: Record) -> Iterator[Record]:
    """A record and its alternatives."""
    yield record
    if isinstance(record, NBest):
        yield from record.alternatives
