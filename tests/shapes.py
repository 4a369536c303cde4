"""Pictures that tests draw: two coloured shapes in a grid of cells, and a sentence that names both and how they lie."""

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image, ImageDraw

from regard import config as configs
from regard.config import Config

COLOURS = {"red": (220, 40, 40), "green": (40, 170, 60), "blue": (50, 80, 220), "yellow": (235, 205, 40)}
KINDS = ("square", "circle", "triangle")
CELLS, CELL = 4, 16  # cells in each row and column, and pixels in each row and column of a cell
SIDE = CELLS * CELL


TINY: dict[str, Any] = {
    "task": "caption",
    "picture": {"side": 32, "grid": 4},
    "codec": {"name": "words"},
    "embedding": {"size": 8, "dropout": 0.1},
    "encoder": {"name": "picture", "size": 16, "channels": 8, "depth": 0},
    "attention": {"name": "general"},
    "decoder": {"name": "attend_then_step", "size": 16, "dropout": 0.1},
    "train": {"steps": 8, "batch": 100, "rate": 0.01, "validate": 4, "threads": 1},
    "decode": {"beam": 2, "extra": 12},
}


@dataclass(frozen=True)
class Shape:
    """A shape in its cell."""

    kind: str
    colour: str
    row: int
    column: int

    def draw(self, canvas: ImageDraw.ImageDraw) -> None:
        left, top, inside = self.column * CELL + 1, self.row * CELL + 1, CELL - 3
        box = (left, top, left + inside, top + inside)
        if self.kind == "square":
            canvas.rectangle(box, COLOURS[self.colour])
        elif self.kind == "circle":
            canvas.ellipse(box, COLOURS[self.colour])
        else:
            corners = [(left, top + inside), (left + inside / 2, top), (left + inside, top + inside)]
            canvas.polygon(corners, COLOURS[self.colour])


@dataclass(frozen=True)
class Scene:
    """Two shapes on a ground of some brightness."""

    first: Shape
    second: Shape
    ground: int

    @staticmethod
    def drawn(random: Random) -> "Scene":
        """Shapes that differ in colour and kind, one right above or beside the other, or further off in its line."""
        colours, kinds = random.sample(list(COLOURS), 2), random.sample(KINDS, 2)
        near, far = sorted(random.sample(range(CELLS), 2))
        across = random.randrange(CELLS)
        places = [(near, across), (far, across)] if random.random() < 0.5 else [(across, near), (across, far)]
        first, second = (Shape(k, c, *p) for k, c, p in zip(kinds, colours, places, strict=True))
        return Scene(first, second, random.randrange(225, 256))

    @property
    def caption(self) -> str:
        """As "a red square above a blue circle"."""
        relation = "above" if self.first.column == self.second.column else "left of"
        return f"a {self.first.colour} {self.first.kind} {relation} a {self.second.colour} {self.second.kind}"

    @property
    def labels(self) -> list[str]:
        """What is in it."""
        return [f"{shape.colour} {shape.kind}" for shape in (self.first, self.second)]

    def picture(self) -> Image.Image:
        """Draw it."""
        image = Image.new("RGB", (SIDE, SIDE), (self.ground,) * 3)
        for shape in (self.first, self.second):
            shape.draw(ImageDraw.Draw(image))
        return image


def scenes(count: int, seed: int) -> list[Scene]:
    """Always the same ones."""
    random = Random(seed)
    return [Scene.drawn(random) for _ in range(count)]


def write(folder: Path, drawn: list[Scene], name: str = "pictures") -> Path:
    """Draw scenes into a folder, with a data file beside them that has captions and labels; return the file."""
    (folder / name).mkdir(parents=True)
    lines = []
    for number, scene in enumerate(drawn):
        path = f"{name}/{number:04}.png"
        scene.picture().save(folder / path)
        lines.append(json.dumps({"image": path, "captions": [scene.caption], "labels": scene.labels}))
    file = folder / f"{name}.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def tiny(file: Path, **changes: Any) -> Config:
    """The configuration of a run of a second on drawn pictures, whose rows are kept beside them."""
    raw = {**TINY, "data": {"train": str(file), "holdout": 0.1}}
    raw["picture"] = {**TINY["picture"], "cache": str(file.parent / "cache")}
    for name, change in changes.items():
        old = raw.get(name, {})
        raw[name] = change if not isinstance(change, dict) or "name" in change else {**old, **change}
    return configs.check(raw)
