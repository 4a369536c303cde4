"""How a picture came to be drawn: the canvas after each step, where that step wrote, and which words were read."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from regard.decode.constraint import FREE
from regard.decode.pytorch import PyTorch
from regard.decode.sketch import Subject, sketch
from regard.errors import UsageError
from regard.lesson.asked import WhatIf
from regard.lesson.backend import Steering
from regard.lesson.parts import parts
from regard.predictor import Predictor
from regard.sections import Decode
from regard.types import Record
from regard.view.record import Output

NO_CHANGE = WhatIf()


class Sketcher:
    """Takes one model that draws by chance apart, as a Teacher does one that writes. Nothing changes the model."""

    def __init__(self, predictor: Predictor) -> None:
        """UsageError for an ensemble, which cannot be looked into."""
        if not isinstance(predictor.backend, PyTorch):
            raise UsageError("only one model's own weights can be taken apart, not an ensemble.")
        self.task, self.model = predictor.task, predictor.backend.model
        self.decode, self.facts = predictor.config.decode, parts(predictor.config)

    def teach(self, source: str, what_if: WhatIf = NO_CHANGE, options: Decode | None = None, nbest: int = 0) -> Any:
        """`nbest` drawings as plain data, one if none is told; their luck is that of `regard run`, whatever is changed.

        record: as `regard run --json` writes it; drawings: the steps of each; parts: what the model is made of.
        DataError for words that cannot be read, UsageError for a change that cannot be made.
        """
        if what_if.keep or what_if.say:
            raise UsageError("a drawing says no words: it cannot begin with some.")
        subject = self.task.source(source)
        if not isinstance(subject, Subject):
            raise UsageError("the source is empty: type what is to be drawn.")
        what_if.intervention.check(len(subject))
        options = options or self.decode
        options = replace(options, beam=max(1, nbest))
        steering = Steering(self.model, what_if.intervention)
        found = sketch(steering, [subject], options, max(1, nbest), [FREE])[0]
        output = Output.best_of(self.task.records(source, found))
        records = [output, *output.alternatives]
        return {
            "record": output.to_json(),
            "drawings": [drawing(record) for record in records],
            "parts": {name: part for name, part in self.facts.items() if name != "normaliser"},
        }


def drawing(record: Record) -> Mapping[str, Any]:
    """The steps of a drawing as plain data.

    source_tokens (S) and attention (T, S): what was read at each step, all zero where nothing was; boxes (T, 4): left,
    top, right, bottom as shares of the picture; shape (T, H, W, C), and canvases: as many bytes, in base64.
    """
    assert record.canvases is not None
    boxes = [] if record.boxes is None else record.boxes[:, 0].round(4).tolist()
    return {
        "source_tokens": list(record.source_tokens),
        "attention": record.attention.round(4).tolist(),
        "boxes": boxes,
        "shape": list(record.canvases.shape),
        "canvases": base64.b64encode(record.canvases.tobytes()).decode("ascii"),
    }
