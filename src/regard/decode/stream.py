"""Greedy search of one source that tells each token as soon as it is chosen."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import Backend, S
from regard.decode.search import Search
from regard.decode.shortlist import Shortlist
from regard.decode.sketch import Subject
from regard.decode.spans import Passage, spans
from regard.errors import UsageError
from regard.sections import Decode
from regard.types import EOS, Source


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One token of an output; its attention is float32 (S)."""

    token: int
    log_prob: float
    attention: NDArray[np.float32]
    p_gen: float | None = None


def stream(backend: Backend[S], source: Source, options: Decode, shortlist: Shortlist | None = None) -> Iterator[Step]:
    """The steps of the output that a beam of one finds, the end sign last; none for an empty source."""
    if not source:
        return
    if isinstance(source, Passage):
        ((best,),) = spans(backend, [source], options.greedy(), 1, [])
        for token, log_prob, look in zip(best.tokens, best.log_probs, best.attention, strict=True):
            yield Step(int(token), float(log_prob), look, 0.0)
        return
    if isinstance(source, Subject):
        raise UsageError("this model draws: a picture cannot be told token by token.")
    search = Search([source], options.greedy())
    state = backend.start([source], shortlist.of([source], search.given) if shortlist else None)
    while len(search.tokens):
        choices, state = backend.step(search.tokens, search.parents, state, search.ask())
        search.take(choices)
        ended = not len(search.tokens)
        token, log_prob = (EOS, choices.wanted[0, 0]) if ended else (search.tokens[0], search.entered[0])
        share = None if choices.p_gen is None else float(choices.p_gen[0])
        yield Step(int(token), float(log_prob), choices.attention[0, : len(source)], share)
