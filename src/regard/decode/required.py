"""What an output must have: phrases, as whole words (Post and Vilar, 2018; Hu et al., 2019)."""

import numpy as np

from regard.decode.choose import Bools, Ints
from regard.decode.phrases import Phrases
from regard.types import EOS


class Required:
    """Which phrases the rows have (R, P), and which they are in the middle of."""

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases

    def start(self, kinds: Ints) -> None:
        """The rows of the first step."""
        self.kinds, self.states = kinds, self.phrases.start(kinds)
        self.met = self.phrases.length[kinds] == 0

    def enter(self, kinds: Ints, tokens: Ints, parents: Ints) -> None:
        """The rows of the next step."""
        self.kinds, self.states, self.met = kinds, self.states[parents], self.met[parents]
        states, met = self._after(tokens[:, None])
        self.states, self.met = states[:, 0], met[:, 0]

    def satisfied(self) -> Bools:
        """Which rows may end."""
        return np.asarray((self.met | self.phrases.whole(self.kinds, self.states)).all(1))

    def needed(self) -> Ints:
        """For each phrase that a row lacks, the token that continues it, and the one that begins it."""
        length, tokens = self.phrases.length[self.kinds], self.phrases.tokens[self.kinds]
        at = np.where(self.states < length, self.states, 0)
        onward = np.take_along_axis(tokens, at[:, :, None], 2)[:, :, 0]
        useless = self.met | (self.states == self.phrases.lost)
        return np.where(np.concatenate([useless, useless], 1), EOS, np.concatenate([onward, tokens[:, :, 0]], 1))

    def banks(self, tokens: Ints) -> Ints:
        """Tokens of the phrases met, and of the one that is furthest: with the right token it always grows."""
        states, met = self._after(tokens)
        done = (met * self.phrases.length[self.kinds][:, None]).sum(2)
        under_way = np.where(met | (states == self.phrases.lost), 0, states).max(2)
        return np.asarray(done + under_way)

    def _after(self, tokens: Ints) -> tuple[Ints, Bools]:
        whole = self.phrases.whole(self.kinds, self.states)[:, None] & ~self.phrases.continuing(tokens)[:, :, None]
        return self.phrases.follow(self.kinds, self.states, tokens), self.met[:, None] | whole
