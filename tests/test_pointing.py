"""Where a caption looks: on pictures of two shapes, the words that name a shape must look at it (a pointing game)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import letters
import shapes
from regard.loading import load
from regard.types import Record

GRID = 8
LEARNT: dict[str, Any] = {
    "picture": {"side": shapes.SIDE, "grid": GRID},
    "embedding": {"size": 48, "dropout": 0.0},
    "encoder": {"name": "picture", "size": 64, "channels": 16, "depth": 1, "dropout": 0.0},
    "attention": {"name": "additive", "size": 48},
    "decoder": {"name": "attend_then_step", "size": 64, "dropout": 0.0},
    "train": {"steps": 800, "batch": 600, "rate": 0.005, "ema": 0.98, "validate": 400, "threads": 1},
}


def hits(record: Record, scene: shapes.Scene) -> list[bool]:
    """Whether each word for a kind or a colour looked most at the cell of its shape."""
    words = record.text.split()
    assert [word.text for word in record.words[:-1]] == words
    found = []
    for shape in (scene.first, scene.second):
        for word in (shape.colour, shape.kind):
            row, column = divmod(int(record.attention[words.index(word)].argmax()), GRID)
            found.append((row * shapes.CELLS // GRID, column * shapes.CELLS // GRID) == (shape.row, shape.column))
    return found


@pytest.mark.slow
def test_words_look_at_the_shapes_that_they_name(tmp_path: Path) -> None:
    train = shapes.write(tmp_path, shapes.scenes(1500, 1), "train")
    shapes.write(tmp_path, shapes.scenes(100, 2), "valid")
    shapes.tiny(train, **LEARNT, data={"valid": str(tmp_path / "valid.jsonl")}).save(tmp_path)
    done = letters.regard("train", tmp_path / "config.toml", "--out", tmp_path / "model")
    assert done.returncode == 0, done.stderr.decode()
    unseen = shapes.scenes(200, 3)
    file = shapes.write(tmp_path, unseen, "test")
    names = [str(tmp_path / json.loads(line)["image"]) for line in file.read_text(encoding="utf-8").splitlines()]
    outputs = load(tmp_path / "model")(names, beam=1)
    right = [(output, scene) for output, scene in zip(outputs, unseen, strict=True) if output.text == scene.caption]
    assert len(right) >= 0.9 * len(unseen)
    pointed = np.array([hits(output, scene) for output, scene in right])
    assert pointed.mean() >= 0.9, pointed.mean(0)
