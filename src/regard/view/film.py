"""The film of a run: where a few fixed examples were looked at, at each validation, as it lies in the run's folder."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from regard.looks import looks as boxes
from regard.types import Record
from regard.view import stage
from regard.view.words import Grid

FILE = "film.jsonl"  # the examples, then a line for each validation
EMPTY = np.zeros((0, 0), np.float32)


def frames(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a film, the examples first; a last one that was cut off by a kill is left out."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def film(folder: Path) -> dict[str, Any] | None:
    """What a page needs to play the film in a folder; nothing where there is none.

    examples: source, target, words of both, of a picture its grid and itself; frames: step, facts, and a
    shot of each example: what was said of it then, and where its target was looked for; gaze: how weights
    become light on pictures.
    """
    lines = frames(folder / FILE)
    if len(lines) < 2:
        return None
    head, *shots = lines
    grids = {tuple(one["grid"]) for one in head["examples"] if "grid" in one}
    examples = [one | _picture(one) for one in head["examples"]]
    return {"examples": examples, "frames": shots, **({"gaze": stage.light(grids)} if grids else {})}


def shot(grid: Grid, said: str, fine: int) -> dict[str, Any]:
    """One example in one frame; weights are thousandths, to `fine` digits."""
    weights = (grid.weights * 1000).round(fine)
    return {
        "said": said,
        "weights": weights.tolist() if fine else weights.astype(int).tolist(),
        "confidence": (grid.confidence * 1000).round().astype(int).tolist(),
    }


def looks(record: Record) -> dict[str, Any]:
    """What a shot has besides of a model that looks at parts of a picture: the box of each look, in their order."""
    if record.boxes is None:
        return {}
    return {"looks": [box for row in boxes(record.boxes) for box in row]}


def _picture(example: dict[str, Any]) -> dict[str, Any]:
    if "grid" not in example:
        return {}
    rows, columns = example["grid"]
    record = Record(example["source"], "", (), (), np.zeros(0, np.float32), EMPTY, (rows, columns))
    return stage.picture(record, stage.MANY + 1)
