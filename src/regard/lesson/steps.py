"""A hypothesis once more, token by token, with all that its model computes on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from regard.decode.backend import Ask
from regard.lesson import numbers
from regard.lesson.backend import Steering
from regard.lesson.observed import Attended, Embedded, Encoded, Event, Stepped, observed
from regard.tasks import Task
from regard.types import BOS, Source

TOP = 8  # tokens of a distribution that are named


@dataclass(frozen=True, slots=True)
class Lesson:
    """A source as the model read it, and the steps of one output."""

    source: dict[str, Any]
    steps: list[dict[str, Any]]
    recurrent: bool


@torch.inference_mode()
def retrace(backend: Steering, task: Task, text: str, source: Source, tokens: Sequence[int]) -> Lesson:
    """Encode the source and take the steps of an output, whose last token is the end sign."""
    with observed(backend.model) as seen:
        state = backend.start([source])
        begun = _source(seen.take())
        steps: list[dict[str, Any]] = []
        recurrent = False
        for before, token in zip([BOS, *tokens[:-1]], tokens, strict=True):
            asked = Ask(TOP, np.array([[token]]))
            choices, state = backend.step(np.array([before]), np.array([0]), state, asked)
            events = seen.take()
            recurrent |= any(isinstance(event, Stepped) for event in events)
            shown = zip(task.spelled(choices.tokens[0].tolist(), text), choices.log_probs[0].tolist(), strict=True)
            said = "<s>" if before == BOS else task.spelled([before], text)[0]
            steps.append(
                {
                    "previous": said,
                    "token": task.spelled([token], text)[0],
                    "events": [event for event in map(_plain, events) if event],
                    "weights": numbers.weights(torch.from_numpy(choices.attention[0])),
                    "probability": round(float(np.exp(choices.wanted[0, 0])), 6),
                    "top": [[word, round(float(np.exp(value)), 6)] for word, value in shown],
                    **({} if choices.p_gen is None else {"p_gen": round(float(choices.p_gen[0]), 6)}),
                }
            )
    return Lesson(begun, steps, recurrent)


def _source(events: Sequence[Event]) -> dict[str, Any]:
    """Embeddings, where the source has tokens, the encoder's states, and the one vector for all."""
    embedded = [event.vectors for event in events if isinstance(event, Embedded)]
    (memory,) = (event.memory for event in events if isinstance(event, Encoded))
    return {
        "embeddings": numbers.matrix(embedded[0][0]) if embedded else None,
        "states": numbers.matrix(memory.states[0]),
        "summary": numbers.vector(memory.summary[0]),
    }


def _plain(event: Event) -> dict[str, Any] | None:
    if isinstance(event, Embedded):
        return {"kind": "embed", "vector": numbers.vector(event.vectors[0, -1])}
    if isinstance(event, Stepped):
        parts = {"input": event.given, "before": event.before, "after": event.after}
        return {"kind": "step", **{name: numbers.vector(x[0]) for name, x in parts.items()}}
    if isinstance(event, Attended):
        return {
            "kind": "attend",
            "query": numbers.vector(event.query[0]),
            "reads": [_read(read.scores, read.weights) for read in event.inside],
            "context": numbers.vector(event.read.context[0, -1]),
        }
    return None


def _read(scores: Tensor, weights: Tensor) -> dict[str, Any]:
    """The rows of one normalisation: one, or one for each head."""
    return {
        "scores": [numbers.scores(row) for row in scores.reshape(-1, scores.shape[-1])],
        "weights": [numbers.weights(row) for row in weights.reshape(-1, weights.shape[-1])],
    }
