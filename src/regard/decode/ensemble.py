"""Several models as one: a back end made of back ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import NEVER, NEVER_COPIED, NO_BANS, Ask, Backend, Choices
from regard.decode.force import must_be_told
from regard.decode.shortlist import Among
from regard.errors import ModelError, UsageError
from regard.types import Copyable, Hypothesis, Source

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class State:
    """Those of the members, and how many tokens there are, those that only a source has included."""

    own: list[Any]
    size: int


class Ensemble:
    """p = 1/N sum_n p_n, over back ends with the same ids for sources and targets; attention is the mean too.

    A member that lists only its best tokens would hide what it gives to those of
    the others; so each is asked for the probability of every one of the `size` ids,
    and of what may be copied.
    """

    def __init__(self, members: Sequence[Backend[Any]], size: int) -> None:
        if not members:
            raise UsageError("An ensemble has no members; it wants at least one model.")
        self.members, self.size = members, size
        self.workers = min(member.workers for member in members)

    def start(self, sources: Sequence[Source], among: Among | None = None) -> State:
        """The state of each member."""
        copies = max((len(source) for source in sources if isinstance(source, Copyable)), default=0)
        return State([member.start(sources, among) for member in self.members], self.size + copies)

    def step(self, tokens: NDArray[Any], parents: NDArray[np.int64], state: State, ask: Ask) -> tuple[Choices, State]:
        """Choose among what the members think of every token."""
        every = Ask(1, np.tile(np.arange(state.size), (len(tokens), 1)), NO_BANS)
        steps = [member.step(tokens, parents, own, every) for member, own in zip(self.members, state.own, strict=True)]
        log_probs = _log_mean([choices.wanted for choices, _ in steps])
        wanted = np.take_along_axis(log_probs, ask.wanted, 1)
        log_probs[:, list(NEVER_COPIED if state.size > self.size else NEVER)] = -np.inf
        log_probs[ask.banned[:, 0], ask.banned[:, 1]] = -np.inf
        best = _largest(log_probs, min(ask.k, state.size))
        attention, p_gen = _mean([c.attention for c, _ in steps]), _mean_of_known([c.p_gen for c, _ in steps])
        chosen = Choices(best, np.take_along_axis(log_probs, best, 1), wanted, attention, p_gen)
        return chosen, State([own for _, own in steps], state.size)

    def force(self, sources: Sequence[Source], targets: Sequence[Source]) -> list[Hypothesis]:
        """Each given target, with the mean of the members' probabilities and attention. UsageError for pictures."""
        must_be_told(targets)
        forced = zip(*(member.force(sources, targets) for member in self.members), strict=True)
        return [
            Hypothesis(
                same[0].tokens,
                _log_mean([h.log_probs for h in same]),
                _mean([h.attention for h in same]),
                _mean_of_known([h.p_gen for h in same]),
            )
            for same in forced
        ]


def _largest(values: Floats, k: int) -> NDArray[np.int64]:
    """Places of the k largest of each row, largest first."""
    if k < values.shape[1]:
        places = np.argpartition(-values, k - 1, axis=1)[:, :k]
    else:
        places = np.tile(np.arange(k), (len(values), 1))
    order = np.argsort(-np.take_along_axis(values, places, 1), axis=1, kind="stable")
    return np.take_along_axis(places, order, 1)


def _log_mean(log_probs: Sequence[Floats]) -> Floats:
    """The logarithm of the mean of probabilities."""
    return _combine(log_probs, np.logaddexp) - np.float32(np.log(len(log_probs)))


def _mean(weights: Sequence[Floats]) -> Floats:
    return _combine(weights, np.add) / np.float32(len(weights))


def _mean_of_known(shares: Sequence[Floats | None]) -> Floats | None:
    """Of members that all copy, or of none; ModelError if they differ in that."""
    known = [share for share in shares if share is not None]
    if known and len(known) < len(shares):
        raise ModelError("The members of an ensemble differ: some copy, and others do not.")
    return _mean(known) if known else None


def _combine(arrays: Sequence[Floats], pair: Callable[[Any, Any], Any]) -> Floats:
    """Fold equal shapes, in place of a larger array of all."""
    total = arrays[0]
    for array in arrays[1:]:
        if array.shape != total.shape:
            raise ModelError(f"The members of an ensemble differ: arrays of {total.shape} and {array.shape}.")
        total = pair(total, array)
    return np.array(total, np.float32)
