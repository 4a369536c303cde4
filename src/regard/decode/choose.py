"""Which candidates a beam goes on with: the best, the best by banks, others than a neighbour's, or drawn ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regard.sections import Decode
from regard.types import Image, Source

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Offer:
    """How each of R rows may go on: C tokens with their log probabilities, -inf where it may not."""

    tokens: Ints
    log_probs: Floats

    def only(self, rows: Bools, tokens: Ints, log_probs: Floats) -> "Offer":
        """With a single candidate left in some rows, the first: `tokens` and `log_probs` are (R)."""
        left, own = self.tokens.copy(), self.log_probs.copy()
        own[rows] = -np.inf
        left[rows, 0], own[rows, 0] = tokens[rows], log_probs[rows]
        return Offer(left, own)


def best(totals: Doubles, width: int, banks: Ints | None = None) -> Ints:
    """Places of the best `width` of each beam's candidates (G, N), best first, of equal ones the earlier.

    With banks, in turns: the best candidate of each bank, the fullest bank
    first, then the second best of each (Hu et al., 2019, after Post and Vilar, 2018).
    """
    if banks is not None:
        return _in_turns(totals, banks)[:, :width]
    if width == 1:
        return np.asarray(totals.argmax(1)[:, None])
    return np.argsort(-totals, axis=1, kind="stable")[:, :width]


def _in_turns(totals: Doubles, banks: Ints) -> Ints:
    order = np.lexsort((-totals, -banks))
    bank = np.take_along_axis(banks, order, 1)
    places = np.broadcast_to(np.arange(bank.shape[1]), bank.shape)
    new = np.diff(bank, axis=1, prepend=bank[:, :1] - 1) != 0
    turn = places - np.maximum.accumulate(np.where(new, places, 0), axis=1)
    lost = np.take_along_axis(totals, order, 1) == -np.inf
    return np.take_along_axis(order, np.lexsort((-bank, turn, lost)), 1)


def apart(totals: Doubles, tokens: Ints, room: Ints, alive: Ints, options: Decode, banks: Ints | None = None) -> Ints:
    """Group after group, each shy of the tokens that those before it just took (Vijayakumar et al., 2018; Hamming).

    Beam i of `alive` is group i % groups of source i // groups. A token costs
    `diversity` for each beam place that has it; this decides what is taken,
    and does not stay in the score.
    """
    width, groups = int(room.max()), options.groups
    width = min(width, totals.shape[1])
    order = np.zeros((len(alive), width), np.int64)
    said = np.full((int(alive.max()) // groups + 1, groups, width), -1)
    for group in range(groups):
        here = np.flatnonzero(alive % groups == group)
        source = alive[here] // groups
        before = said[source].reshape(len(here), 1, groups * width)
        same = (tokens[here][:, :, None] == before).sum(-1)
        order[here] = best(totals[here] - options.diversity * same, width, None if banks is None else banks[here])
        taken = np.take_along_axis(tokens[here], order[here], 1)
        real = np.take_along_axis(totals[here], order[here], 1) > -np.inf
        said[source, group] = np.where(real & (np.arange(width) < room[here, None]), taken, -1)
    return order


def draw(log_probs: Floats, luck: Doubles, options: Decode) -> Ints:
    """One of each row's candidates (R, C), best first, by luck in [0, 1): (R, 1).

    p ~ exp(log_prob / temperature) over the fewest likeliest tokens that have
    `top_p` together (Holtzman et al., 2020).
    """
    scaled = (log_probs.astype(np.float64) - log_probs.max(1, keepdims=True)) / options.temperature
    shares = np.exp(scaled)
    shares /= shares.sum(1, keepdims=True)
    if options.top_p < 1:
        out = shares.cumsum(1) - shares >= options.top_p
        out[:, 0] = False
        shares[out] = 0
    sums = shares.cumsum(1)
    return np.asarray((sums > luck[:, None] * sums[:, -1:]).argmax(1)[:, None])


def fortunes(sources: Sequence[Source], draws: int, steps: int, seed: int) -> Doubles:
    """The luck (sources x draws, steps): of nothing but the seed, the ids of a source and the number of the draw."""
    ids = [source.ids if isinstance(source, Image) else source for source in sources]
    keys = [(seed, number, *own) for own in ids for number in range(draws)]
    return np.stack([np.random.default_rng(key).random(steps) for key in keys])
