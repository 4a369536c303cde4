"""Tokens that must not come next: what would repeat a sequence, or complete a forbidden phrase."""

import numpy as np

from regard.decode.choose import Bools, Ints
from regard.decode.phrases import Phrases


class Forbidden:
    """How far the rows are in phrases that they must not have."""

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases
        self.beginning = None if phrases.continues is None else np.flatnonzero(~phrases.continues)

    def start(self, kinds: Ints) -> None:
        """The rows of the first step."""
        self.kinds, self.states = kinds, self.phrases.start(kinds)

    def enter(self, kinds: Ints, tokens: Ints, parents: Ints) -> None:
        """The rows of the next step."""
        self.kinds = kinds
        self.states = self.phrases.follow(kinds, self.states[parents], tokens[:, None])[:, 0]

    def banned(self, last: Bools) -> Ints:
        """The token that would complete a phrase, where it must be a whole word; else what would make it one.

        A token that does not continue the word makes it whole; so does the end,
        which comes after the `last` token that can be chosen.
        """
        rows, tokens = self.phrases.completing(self.kinds, self.states)
        if self.beginning is None:
            return np.stack([rows, tokens], 1)
        near = last[rows]
        there = self.phrases.whole(self.kinds, self.states) & (self.phrases.length[self.kinds] > 0)
        closed = pairs(np.flatnonzero(there.any(1)), self.beginning)
        return np.concatenate([np.stack([rows[near], tokens[near]], 1), closed])


def pairs(rows: Ints, tokens: Ints) -> Ints:
    """Each row with each token."""
    return np.stack([np.repeat(rows, tokens.size), np.tile(tokens, len(rows))], 1)


def repeats(history: Ints, size: int) -> Ints:
    """The tokens that would give a row a sequence of `size` tokens once more."""
    windows = np.lib.stride_tricks.sliding_window_view(history, size, axis=1)
    again = (windows[:, :, :-1] == history[:, None, history.shape[1] - size + 1 :]).all(2)
    rows, places = np.nonzero(again)
    return np.stack([rows, windows[rows, places, -1]], 1)
