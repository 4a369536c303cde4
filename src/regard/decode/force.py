"""Given targets through the steps of any back end: what teacher forcing is to training."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import Ask, Backend, Choices, S
from regard.errors import UsageError
from regard.types import BOS, EOS, Hypothesis, Image, Source

Floats = NDArray[np.float32]
LEAST = np.float32(-69.0)  # nats: e^-69 is 1e-30


class Looked(NamedTuple):
    """Of given targets: attention (B, T, S), and what some models tell besides, p_gen (B, T) and boxes (B, T, N, 4)."""

    attention: Floats
    p_gen: Floats | None = None
    boxes: Floats | None = None


def force(backend: Backend[S], sources: Sequence[Source], targets: Sequence[Source]) -> list[Hypothesis]:
    """Each given target as if a search had found it; a row goes on with end signs while others are longer.

    UsageError for pictures.
    """
    must_be_told(targets)
    longest = max(map(len, targets))
    wanted = np.full((len(targets), longest), EOS)
    for row, target in zip(wanted, targets, strict=True):
        row[: len(target)] = np.asarray(target)
    tokens = np.concatenate([np.full((len(targets), 1), BOS), wanted], 1)
    rows, state = np.arange(len(sources)), backend.start(sources)
    told: list[Choices] = []
    for t in range(longest):
        choices, state = backend.step(tokens[:, t], rows, state, Ask(1, wanted[:, t : t + 1]))
        told.append(choices)
    scores, attention = (
        np.stack([each.wanted[:, 0] for each in told], 1),
        np.stack([each.attention for each in told], 1),
    )
    looked = Looked(attention, _all([each.p_gen for each in told]), _all([each.boxes for each in told]))
    return hypotheses(sources, targets, scores, looked)


def must_be_told(targets: Sequence[Source]) -> None:
    """UsageError for pictures: only a model that has them in sight while it draws tells how likely they are."""
    if any(isinstance(target, Image) for target in targets):
        raise UsageError("pictures are judged by one model at a time, from its weights: not exported, nor as several.")


def hypotheses(
    sources: Sequence[Source], targets: Sequence[Source], scores: Floats, looked: Looked
) -> list[Hypothesis]:
    """Given targets with their rows of scores (B, T) and of what was looked at, without padding.

    What cannot be copied because attention is nowhere near it, and cannot be generated, still has a finite score.
    """
    found, scores = [], np.maximum(scores, LEAST)
    for i, (source, target) in enumerate(zip(sources, targets, strict=True)):
        n = len(target)
        share, boxes = (None if each is None else each[i, :n] for each in (looked.p_gen, looked.boxes))
        weights = looked.attention[i, :n, : len(source)]
        found.append(Hypothesis(np.asarray(target, np.int64), scores[i, :n], weights, share, boxes))
    return found


def _all(steps: Sequence[Floats | None]) -> Floats | None:
    known = [each for each in steps if each is not None]
    return np.stack(known, 1) if known else None
