"""A film of what a run learns to look at: a few fixed validation pairs, seen anew at each validation.

Targets are given, so that from frame to frame the same words stand at the same places, and nothing but
attention moves. It is made of the weights that are validated, and takes no random number: a run with a film has
the same weights to the last bit as one without.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from regard.data.long import Fitted
from regard.files import write_text
from regard.predictor import Predictor
from regard.tasks import Task
from regard.types import Example
from regard.view.film import FILE, frames, looks, shot
from regard.view.words import grid

MOST = 100  # frames, or up to as many more: a long run keeps every second, every third ...
CONSIDERED = 400  # validation pairs among which examples are chosen
SHORTEST, LONGEST = 3, 40  # tokens of a target, without its end sign; and of a source


class Film:
    """Writes a frame at each validation; what was filmed after the step that a run resumes from is dropped."""

    def __init__(self, folder: Path, task: Task, valid: Sequence[Example], most: int, validations: int) -> None:
        self.path = folder / FILE
        self.examples = chosen(task, valid, most)
        self.stride = max(1, -(-validations // MOST))

    def rewind(self, step: int) -> None:
        """Drop what comes after a step."""
        head, *shots = frames(self.path) or [{}]
        kept = [frame for frame in shots if frame["step"] <= step]
        if kept:
            write_text(self.path, "".join(_line(facts) for facts in (head, *kept)))
        else:
            self.path.unlink(missing_ok=True)

    def shoot(self, model: Predictor, step: int, number: int, facts: dict[str, float]) -> None:
        """One frame, of validation `number`, if it is one that is kept."""
        if not self.examples or number % self.stride:
            return
        sources = [example.source for example in self.examples]
        looked = list(model.force(sources, [example.target for example in self.examples]))
        said = model(sources)
        shots = [
            shot(grid(one), output.text, 1 if one.grid else 0) | looks(one)
            for one, output in zip(looked, said, strict=True)
        ]
        whole = frames(self.path) or [{"examples": [_example(one) for one in looked]}]
        whole.append({"step": step, "facts": {name: round(value, 4) for name, value in facts.items()}, "shots": shots})
        write_text(self.path, "".join(map(_line, whole)))


def chosen(task: Task, valid: Sequence[Example], most: int) -> list[Example]:
    """Pairs that can be taken in at a glance, each of another source, spread over the first of the validation set."""
    known: dict[str, Example] = {}
    for example in valid[:CONSIDERED]:
        if example.source not in known and most and _fits(task, example):
            known[example.source] = example
    pairs = list(known.values())
    return [pairs[i * len(pairs) // most] for i in range(most)] if len(pairs) > most else pairs


def _fits(task: Task, example: Example) -> bool:
    if task.fitted(example.source) != Fitted((example.source,)):
        return False  # cut, or read in several windows
    source, target = task.tokens(example.source, example.target)
    shortest = 1 if task.filmed else SHORTEST  # several looks are made for one label
    return shortest < len(target) <= LONGEST + 1 and (task.reads == "pictures" or len(source) <= LONGEST + 1)


def _example(record: Any) -> dict[str, Any]:
    drawn = grid(record)
    return {
        "source": record.source,
        "target": record.text,
        "words": {"source": list(drawn.source), "target": list(drawn.target)},
        **({"grid": list(record.grid)} if record.grid else {}),
    }


def _line(facts: dict[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")) + "\n"
