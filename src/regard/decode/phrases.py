"""Sequences that are recognised, as whole words, in outputs that grow token by token."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regard.decode.constraint import Ids
from regard.types import EOS

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Phrases:
    """K lists of at most P phrases of at most L tokens, one automaton for each (Knuth, Morris, Pratt, 1977).

    A row's state for a phrase is how many of its tokens the row ends with.
    `length` says that all are there: a whole word then if the next token begins
    one. A phrase that begins inside a word can only stand at the start of an
    output; elsewhere its state is `lost`. Rows know their list as `kinds` (R).
    """

    def __init__(self, lists: Sequence[tuple[Ids, ...]], continues: Bools | None) -> None:
        self.continues = None if continues is None or not continues.any() else continues.copy()
        if self.continues is not None:
            self.continues[EOS] = False
        count, longest = max(map(len, lists)), max(len(phrase) for phrases in lists for phrase in phrases)
        self.tokens = np.full((len(lists), count, longest), -1)
        self.length = np.zeros((len(lists), count), np.int64)
        self.lost = longest + 1
        self.missed = np.zeros((len(lists), count), np.int64)  # the state after a token that is no part of it
        self.borders = np.zeros((len(lists), count, longest + 2, longest), np.bool_)
        for k, phrases in enumerate(lists):
            for p, phrase in enumerate(phrases):
                inner = bool(self.continuing(np.array(phrase[:1]))[0])
                self.tokens[k, p, : len(phrase)], self.length[k, p] = phrase, len(phrase)
                self.missed[k, p] = self.lost if inner else 0
                self.borders[k, p, : len(phrase) + 1, : len(phrase)] = _borders(phrase, inner)

    def continuing(self, tokens: Ints) -> Bools:
        """Which tokens continue the word before them."""
        return np.zeros(tokens.shape, np.bool_) if self.continues is None else self.continues[tokens]

    def start(self, kinds: Ints) -> Ints:
        """The states (R, P) of empty outputs."""
        return np.zeros((len(kinds), self.length.shape[1]), np.int64)

    def follow(self, kinds: Ints, states: Ints, tokens: Ints) -> Ints:
        """The states (R, C, P) after each of the tokens (R, C)."""
        longest = self.tokens.shape[2]
        hits = self._borders_of(kinds, states)[:, None] & (self.tokens[kinds][:, None] == tokens[:, :, None, None])
        reached = longest - hits[..., ::-1].argmax(-1)
        return np.where(hits.any(-1), reached, self.missed[kinds][:, None])

    def whole(self, kinds: Ints, states: Ints) -> Bools:
        """Which phrases (R, P) the rows end with; lists that hold fewer have the empty phrase, always there."""
        return np.asarray(states == self.length[kinds])

    def completing(self, kinds: Ints, states: Ints) -> tuple[Ints, Ints]:
        """Pairs of a row and a token that would complete a phrase."""
        last = self.length[kinds] - 1
        hits = np.take_along_axis(self._borders_of(kinds, states), np.maximum(last, 0)[:, :, None], 2)[:, :, 0]
        rows, phrases = np.nonzero(hits & (last >= 0))
        return rows, self.tokens[kinds[rows], phrases, last[rows, phrases]]

    def _borders_of(self, kinds: Ints, states: Ints) -> Bools:
        return self.borders[kinds[:, None], np.arange(states.shape[1]), states]


def _borders(phrase: Ids, inner: bool) -> list[list[bool]]:
    """[s][t]: after s of its tokens, the last t of them begin it anew, so that token t continues it."""
    size = len(phrase)
    if inner:
        return [[s == t for t in range(size)] for s in range(size + 1)]
    return [[t <= s and phrase[:t] == phrase[s - t : s] for t in range(size)] for s in range(size + 1)]
