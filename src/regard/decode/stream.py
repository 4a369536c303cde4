"""Greedy search of one source that tells each token as soon as it is chosen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import Ask, Backend, S
from regard.errors import ModelError
from regard.sections import Decode
from regard.types import BOS, EOS


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One token of an output; its attention is float32 (S)."""

    token: int
    log_prob: float
    attention: NDArray[np.float32]


def stream(backend: Backend[S], source: Sequence[int], options: Decode) -> Iterator[Step]:
    """The steps of the output that a beam of one finds, the end sign last; none for an empty source."""
    if not source:
        return
    limit = int(options.ratio * len(source) + options.extra)
    state, token, row = backend.start([source]), BOS, np.zeros(1, np.int64)
    for step in range(1, max(limit, 1) + 1):
        choices, state = backend.step(np.array([token]), row, state, Ask(1, np.array([[EOS]])))
        if np.isnan(choices.wanted).any():
            raise ModelError("The model's probabilities are not numbers: its weights are damaged.")
        token, log_prob = int(choices.tokens[0, 0]), float(choices.log_probs[0, 0])
        if step >= limit:  # what would go on has to end
            token, log_prob = EOS, float(choices.wanted[0, 0])
        yield Step(token, log_prob, choices.attention[0, : len(source)])
        if token == EOS:
            return
