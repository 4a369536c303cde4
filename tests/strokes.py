"""Arrays of pictures that tests draw: one of four strokes somewhere, or two beside each other; and runs on them."""

from pathlib import Path
from typing import Any

import numpy as np

from regard import config as configs
from regard import idx
from regard.config import Config
from regard.idx import Bytes

SIDE, STROKE = 28, 12
TINY: dict[str, Any] = {
    "task": "fixate",
    "picture": {"side": SIDE, "grid": 7},
    "embedding": {"size": 16},
    "encoder": {"name": "pixels", "size": 24},
    "attention": {"name": "retina", "patch": 8, "scales": 2, "size": 24},
    "decoder": {"name": "glimpses", "size": 32, "looks": 3, "labels": 1},
    "train": {"steps": 8, "batch": 40, "rate": 0.01, "validate": 4, "threads": 1},
}


def stroke(kind: int) -> Bytes:
    """Flat, upright, falling or rising."""
    flat = np.zeros((STROKE, STROKE), np.uint8)
    steps = np.arange(STROKE)
    for way in (0, 1):
        places = {
            0: (np.minimum(5 + way, 11), steps),
            1: (steps, np.minimum(5 + way, 11)),
            2: (steps, np.minimum(steps + way, 11)),
            3: (steps, np.maximum(11 - steps - way, 0)),
        }[kind]
        flat[places] = 255
    return flat


def drawn(count: int, seed: int, each: int = 1) -> tuple[Bytes, Bytes]:
    """Pictures (N, 28, 28) and labels (N), or of several strokes (N, each)."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, (count, each)).astype(np.uint8)
    pictures = np.zeros((count, SIDE, SIDE), np.uint8)
    for picture, kinds in zip(pictures, labels, strict=True):
        width = SIDE // each
        for place, kind in enumerate(kinds):
            top, left = int(random.integers(0, SIDE - STROKE + 1)), int(random.integers(0, width - STROKE + 1))
            picture[top : top + STROKE, place * width + left : place * width + left + STROKE] |= stroke(int(kind))
    return pictures, labels if each > 1 else labels[:, 0]


def write(folder: Path, count: int = 60, seed: int = 1, each: int = 1, name: str = "train") -> Path:
    """Both files; return that of the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures, labels = drawn(count, seed, each)
    idx.write(folder / f"{name}-labels-idx{labels.ndim}-ubyte", labels)
    idx.write(folder / f"{name}-images-idx3-ubyte", pictures)
    return folder / f"{name}-images-idx3-ubyte"


def tiny(file: Path, **changes: Any) -> Config:
    """The configuration of a run of a second on strokes, whose rows are kept beside them."""
    raw = {**TINY, "data": {"train": str(file), "holdout": 0.2}}
    raw["picture"] = {**TINY["picture"], "cache": str(file.parent / "cache")}
    for name, change in changes.items():
        old = raw.get(name, {})
        raw[name] = change if not isinstance(change, dict) or "name" in change else {**old, **change}
    return configs.check(raw)
