"""A hypothesis once more, token by token, with all that its model computes on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from regard.decode.backend import NEVER, NEVER_COPIED, Ask
from regard.lesson import numbers
from regard.lesson.backend import Steering
from regard.lesson.observed import Attended, Embedded, Encoded, Event, Stepped, Told, observed
from regard.model import EncoderDecoder
from regard.tasks import Task
from regard.tensors import Copies
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
    model = backend.model
    with observed(model) as seen:
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
                    **_looked(events, model, state.inner.model.copies, lambda ids: task.spelled(ids, text)),
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


def _looked(
    events: Sequence[Event], model: EncoderDecoder, copies: Copies | None, spelled: Callable[[list[int]], list[str]]
) -> dict[str, Any]:
    """Each look that was made for a word, where there may be several or they are at parts of a picture.

    box: of a look at a part; seen: what came in there; top: what the answer would be, were this look the last;
    sure: how likely the model holds it to be right by then, if it asks itself.
    """
    reads = [event for event in events if isinstance(event, Attended)]
    told = next((event for event in events if isinstance(event, Told)), None)
    if told is None and not any(look.read.boxes is not None for look in reads):
        return {}
    looks = []
    for i, look in enumerate(reads):
        found: dict[str, Any] = {}
        if look.read.boxes is not None:
            found["box"] = [round(edge, 5) for edge in look.read.boxes[0, -1].flatten().tolist()]
        if look.seen is not None:
            found["seen"] = numbers.pixels(look.seen)
        if told is not None:
            log_probs, _ = model.output.predict(told.features[i : i + 1], look.read, copies)
            log_probs[:, list(NEVER_COPIED if copies else NEVER)] = -torch.inf
            best = log_probs[0].topk(min(TOP, log_probs.shape[1]))
            shown = zip(spelled(best.indices.tolist()), best.values.exp().tolist(), strict=True)
            found["top"] = [[word, round(share, 6)] for word, share in shown]
            found |= {} if told.sure is None else {"sure": round(float(told.sure[i].sigmoid()), 6)}
        looks.append(found)
    return {"looks": looks}


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
