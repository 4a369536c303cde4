"""What an output must be and must not be: its least length, no repetition, and the constraints of its source."""

from collections.abc import Sequence

import numpy as np

from regard.decode.backend import NO_BANS, Ask, Choices
from regard.decode.banned import Forbidden, pairs, repeats
from regard.decode.choose import Bools, Floats, Ints, Offer
from regard.decode.constraint import FREE, Constraint
from regard.decode.phrases import Phrases
from regard.decode.required import Required
from regard.errors import UsageError
from regard.types import EOS, UNK, Copyable, Source


class Rules:
    """The rules that are on, for the rows of a search: what they ban, what they add, and how full their banks are.

    A ban is stronger than what is required, and a prefix stronger than a ban.
    """

    def __init__(
        self, window: int, least: Ints, limits: Ints, given: Sequence[Constraint], continues: Bools | None
    ) -> None:
        self.window, self.least, self.limits = window, least, limits
        kinds = list(dict.fromkeys(given))
        self.kind = np.array([kinds.index(constraint) for constraint in given])  # of each source
        self.prefix_length = np.array([len(kind.prefix) for kind in kinds])
        self.prefix = np.full((len(kinds), self.prefix_length.max()), EOS)
        for row, kind in zip(self.prefix, kinds, strict=True):
            row[: len(kind.prefix)] = kind.prefix
        required, forbidden = [kind.required for kind in kinds], [kind.forbidden for kind in kinds]
        self.required = Required(Phrases(required, continues)) if any(required) else None
        self.forbidden = Forbidden(Phrases(forbidden, continues)) if any(forbidden) else None
        self.phrased = [rule for rule in (self.required, self.forbidden) if rule]
        self.history: Ints  # (R, t)
        self.start(np.arange(0))

    def enter(self, tokens: Ints, parents: Ints, sources: Ints) -> None:
        """The rows of the next step: tokens, rows of the step before, and sources, all (R)."""
        self.sources, self.kinds = sources, self.kind[sources]
        self.history = np.concatenate([self.history[parents], tokens[:, None]], 1)
        for rule in self.phrased:
            rule.enter(self.kinds, tokens, parents)

    def start(self, sources: Ints) -> None:
        """The rows of the first step."""
        self.sources, self.kinds = sources, self.kind[sources]
        self.history = np.zeros((len(sources), 0), np.int64)
        self.asked = Ask(0, self.history)
        for rule in self.phrased:
            rule.start(self.kinds)

    def ask(self, k: int) -> Ask:
        """What the next step is to tell: the end first, then the prefix, while it lasts, then what is required."""
        wanted = [np.full((len(self.kinds), 1), EOS)]
        if self.history.shape[1] < self.prefix.shape[1]:
            wanted.append(self.prefix[self.kinds, self.history.shape[1], None])
        if self.required:
            wanted.append(self.required.needed())
        self.asked = Ask(k, np.concatenate(wanted, 1), self._banned())
        return self.asked

    def offer(self, choices: Choices) -> Offer:
        """The candidates: the best, and those that lead to what is required; in a prefix nothing but it."""
        offer = Offer(choices.tokens, choices.log_probs)
        if self.required:
            offer = self._with_needed(offer, choices.wanted)
        inside = self.history.shape[1] < self.prefix_length[self.kinds]
        if inside.any():
            offer = offer.only(inside, self.asked.wanted[:, 1], choices.wanted[:, 1])
        return offer

    def banks(self, tokens: Ints) -> Ints | None:
        """How much of what is required is there after each of the tokens (R, C); None if nothing is."""
        return self.required.banks(tokens) if self.required else None

    def _banned(self) -> Ints:
        number = self.history.shape[1] + 1  # of the token that is to be chosen
        early = number < self.least[self.sources]
        if self.required:
            early |= ~self.required.satisfied()
        bans = [pairs(np.flatnonzero(early), np.array(EOS))] if early.any() else []
        if 0 < self.window < number:
            bans.append(repeats(self.history, self.window))
        if self.forbidden:
            bans.append(self.forbidden.banned(number >= self.limits[self.sources] - 1))
        return np.concatenate(bans) if bans else NO_BANS

    def _with_needed(self, offer: Offer, told: Floats) -> Offer:
        """What was asked for becomes a candidate, if it is neither one already nor banned."""
        wanted, size = self.asked.wanted, max(int(self.asked.wanted.max()), int(self.asked.banned.max(initial=0))) + 1
        known = (wanted[:, :, None] == offer.tokens[:, None]).any(2)
        known |= np.tril(wanted[:, :, None] == wanted[:, None], -1).any(2)
        known |= np.isin(np.arange(len(wanted))[:, None] * size + wanted, self.asked.banned @ [size, 1])
        added = np.where(known, -np.inf, told).astype(told.dtype)
        return Offer(np.concatenate([offer.tokens, wanted], 1), np.concatenate([offer.log_probs, added], 1))


def with_copies(continues: Bools | None, sources: Sequence[Source]) -> Bools | None:
    """The same for all tokens that some sources may have: a word that only a source has begins anew."""
    places = [len(source) for source in sources if isinstance(source, Copyable)]
    if continues is None or not places:
        return continues
    return np.concatenate([continues, np.zeros(max(places), np.bool_)])


def checked(given: Sequence[Constraint] | None, sources: int, continues: Bools | None) -> list[Constraint]:
    """A constraint for each source, or UsageError."""
    if given is None:
        return [FREE] * sources
    if len(given) != sources:
        raise UsageError(f"There are {len(given)} constraints for {sources} sources; each source wants one.")
    size = np.inf if continues is None else len(continues)
    for constraint in dict.fromkeys(given):
        place = given.index(constraint)
        for phrase in (*constraint.required, *constraint.forbidden):
            if not phrase:
                raise UsageError(f"Constraint {place} requires or forbids a sequence without tokens.")
        for token in (*constraint.prefix, *(t for p in (*constraint.required, *constraint.forbidden) for t in p)):
            if not UNK <= token < size:
                raise UsageError(f"Constraint {place} holds the token {token}; it wants ids >= {UNK} and < {size}.")
    return list(given)
