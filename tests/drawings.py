"""Scenes that tests draw, and tiny models of them."""

from pathlib import Path
from typing import Any

from regard import config as configs
from regard.build import complete
from regard.config import Config
from regard.data.scenes import Scenes, write

SIDE = 24
TINY: dict[str, Any] = {
    "task": "draw",
    "picture": {"side": SIDE, "colours": True},
    "codec": {"name": "words"},
    "embedding": {"size": 7, "dropout": 0.0},
    "encoder": {"name": "recurrent", "size": 5, "dropout": 0.0},
    "attention": {"name": "additive", "size": 6},
    "decoder": {"name": "canvas", "size": 16, "steps": 3, "latent": 4, "read": 3, "write": 5, "prior": "learnt"},
    "train": {"steps": 8, "batch": 60, "validate": 4, "threads": 1, "precision": "fp32"},
}
PATCHES: dict[str, Any] = {
    "patches": {"side": 6, "size": 20},
    "decoder": {"name": "attend_then_step", "size": 16, "dropout": 0.0},
    "output": {"name": "plain"},
    "objective": {"name": "cross_entropy"},
    "decode": {"extra": 30},
}


def scenes(folder: Path, lines: int, **chosen: Any) -> Path:
    """Coloured shapes with their words; the file of words."""
    given = {"kind": "shapes", "side": SIDE, "lines": lines, **chosen}
    return write(Scenes(**complete(Scenes, given, "scenes")), None, folder)


def tiny(file: Path, **sections: dict[str, Any]) -> Config:
    """A complete configuration of a tiny model; each section may be changed, or be of another part."""
    cache = {"picture": {"cache": str(file.parent / "cache")}, "data": {"train": str(file), "valid": str(file)}}
    made = {name: dict(given) if isinstance(given, dict) else given for name, given in TINY.items()}
    for some in (cache, sections):
        for name, given in some.items():
            before = made.get(name, {})
            other = given.get("name", before.get("name")) != before.get("name")
            made[name] = dict(given) if other else {**before, **given}
    return configs.check(made)
