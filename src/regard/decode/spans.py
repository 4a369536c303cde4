"""The best spans of a source, exactly: two looks of any back end, and every span that is not too long."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import Ask, Backend, S
from regard.decode.constraint import FREE, Constraint
from regard.errors import UsageError
from regard.sections import Decode
from regard.types import BOS, EOS, UNK, Copyable, Hypothesis

LEAST = 1e-30  # as `outputs`: attention that is nowhere still has a finite logarithm
Look = NDArray[np.float32]  # the weights of one row, (S)


@dataclass(frozen=True, slots=True)
class Passage(Copyable):
    """A source of which an output is one part: a span of places, each of which is a token of its own, V + s.

    size: V, the tokens of the target's vocabulary. Places that cannot be pointed at are tokens below it.
    """

    size: int


def spans(
    backend: Backend[S], sources: Sequence[Passage], options: Decode, nbest: int, constraints: Sequence[Constraint]
) -> list[list[Hypothesis]]:
    """The n likeliest spans of each source, best first, of at most `ratio` x its tokens + `extra` tokens.

    UsageError for what a span cannot be asked for: words that it must have or must not have, draws.
    """
    if options.temperature or any(constraint != FREE for constraint in constraints):
        raise UsageError("this model points at a span of the passage: none can be drawn, and no words asked for.")
    rows, ask = np.arange(len(sources)), Ask(1, np.full((len(sources), 1), EOS))
    state = backend.start(sources)
    begin, state = backend.step(np.full(len(sources), BOS), rows, state, ask)
    end, _ = backend.step(np.full(len(sources), UNK), rows, state, ask)
    found = []
    for row, source in enumerate(sources):
        looks = begin.attention[row, : len(source)], end.attention[row, : len(source)]
        longest = max(1, int(options.ratio * len(source) + options.extra))
        best = likeliest(log_shares(source, looks[0]), log_shares(source, looks[1]), longest, nbest)
        found.append([whole(source, span, looks) for span in best])
    return found


def log_shares(source: Passage, look: Look) -> NDArray[np.float64]:
    """The log of each place's share in a look at the passage, -inf outside of it (S)."""
    inside = np.array(source.copies) >= source.size
    mass = np.where(inside, look, 0.0).astype(np.float64)
    shares = np.log(np.maximum(mass, LEAST)) - np.log(max(mass.sum(), LEAST))
    return np.where(inside, shares, -np.inf)


def likeliest(
    begin: NDArray[np.float64], end: NDArray[np.float64], longest: int, number: int = 1
) -> list[tuple[int, int]]:
    """The spans (first place, last place) of the greatest begin[first] + end[last], of at most `longest` places.

    Of equal ones the earlier comes first, then the shorter. A place that is -inf is in no span's ends.
    """
    places, lengths = len(begin), min(longest, len(begin))
    last = np.arange(places)[:, None] + np.arange(lengths)
    totals = begin[:, None] + np.where(last < places, end[np.minimum(last, places - 1)], -np.inf)
    best = np.argsort(-totals, axis=None, kind="stable")[:number]
    found = [(int(i) // lengths, int(i) // lengths + int(i) % lengths) for i in best if totals.flat[i] > -np.inf]
    return found


def whole(source: Passage, span: tuple[int, int], looks: tuple[Look, Look]) -> Hypothesis:
    """A span as the output that says its tokens: they follow from where it begins, and the end sign from where it ends.

    So the first token has the first look and its log probability, the end sign the second, and each token
    between looks at itself, certainly.
    """
    first, last = span
    places = np.arange(first, last + 1)
    attention = np.zeros((len(places) + 1, len(source)), np.float32)
    attention[np.arange(len(places)), places] = 1.0
    attention[0], attention[-1] = looks
    scores = np.zeros(len(places) + 1, np.float32)
    scores[0], scores[-1] = (log_shares(source, look)[place] for look, place in zip(looks, span, strict=True))
    return Hypothesis(np.append(source.size + places, EOS), scores, attention, np.zeros_like(scores))


def of_forced(source: Passage, hypothesis: Hypothesis) -> Hypothesis:
    """The two places of a given target as such an output."""
    first, last = (hypothesis.tokens - source.size).tolist()
    return whole(source, (first, last), (hypothesis.attention[0], hypothesis.attention[1]))
