"""Search over any back end, on small host arrays: beams, diverse beams, draws; greedy search is a beam of one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regard.decode.backend import Ask, Backend, Choices, S
from regard.decode.choose import Bools, Doubles, Floats, Ints, Offer, apart, best, draw, fortunes
from regard.decode.constraint import FREE, Constraint
from regard.decode.finished import Ended, Finished
from regard.decode.ranking import coverage, divisor, rank
from regard.decode.rules import Rules, checked, with_copies
from regard.decode.shortlist import Shortlist
from regard.decode.sketch import Subject, sketch
from regard.decode.spans import Passage, spans
from regard.decode.trace import Trace
from regard.errors import ModelError, UsageError
from regard.sections import Decode
from regard.types import BOS, EOS, Hypothesis, Source

EVERY = 2**31 - 1  # as many tokens as there are


def search(
    backend: Backend[S],
    sources: Sequence[Source],
    options: Decode,
    nbest: int = 1,
    *,
    constraints: Sequence[Constraint] | None = None,
    continues: Bools | None = None,
    shortlist: Shortlist | None = None,
) -> list[list[Hypothesis]]:
    """The best hypotheses of each source, best first, each with its own constraint.

    `continues` (V) says which tokens continue the word before them; without it
    every token is a word. With a temperature, `nbest` outputs are drawn, which
    may be equal. With a shortlist, an output is made of the tokens that its source
    and its constraint list. What a source gets never depends on the other sources.
    Where outputs are parts of their source, every part is compared; pictures are drawn.
    """
    if not sources:
        return []
    if pointed := [source for source in sources if isinstance(source, Passage)]:
        return spans(backend, pointed, options, nbest, checked(constraints, len(sources), None))
    if subjects := [source for source in sources if isinstance(source, Subject)]:
        return sketch(backend, subjects, options, nbest, checked(constraints, len(sources), None))
    continues = with_copies(continues, sources)
    run = Search(sources, options, nbest, constraints=constraints, continues=continues)
    state = backend.start(sources, shortlist.of(sources, run.given) if shortlist else None)
    while len(run.tokens):
        choices, state = backend.step(run.tokens, run.parents, state, run.ask())
        run.take(choices)
    return run.results()


@dataclass(frozen=True, slots=True)
class Picked:
    """What each beam goes on with, all (G, n): from which row, with which token, and the score then."""

    rows: Ints
    tokens: Ints
    log_probs: Floats
    totals: Doubles
    banks: Ints | None


class Search:
    """A search in progress: `tokens` and `parents` are the rows of its next step, none when it is over.

    Each source has a beam of its own, or one for each group or draw; a finished
    hypothesis leaves it smaller. A beam is done when it is empty, or when
    nothing left in it can still beat the `nbest` best. That is known: a log
    probability only falls, no output is longer than the limit, neither
    divisor falls with the length and the coverage is never above 0, so
    log probability / divisor(limit) is the most that a live hypothesis can
    reach, whatever rules are on. An output that lacks something required
    can only end at the limit, and ranks below all that have it.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        options: Decode,
        nbest: int = 1,
        *,
        constraints: Sequence[Constraint] | None = None,
        continues: Bools | None = None,
    ) -> None:
        self.options, self.nbest = options, nbest
        self.given = given = checked(constraints, len(sources), continues)
        if nbest < 1:
            raise UsageError(f"nbest is {nbest}; it wants at least 1.")
        if options.temperature and any(c.required for c in given):
            raise UsageError(
                f"Something is required of an output, and temperature is {options.temperature:g}; what is drawn "
                "cannot be led there: it wants temperature = 0."
            )
        self.lengths = np.array([len(source) for source in sources])
        limits = (options.ratio * self.lengths + options.extra).astype(np.int64)
        limits = np.maximum(limits, [len(c.prefix) + 1 if c.prefix else 0 for c in given])
        least = np.minimum((options.least * self.lengths).astype(np.int64), limits)
        self.rules: Rules | None = None
        if options.no_repeat or (least > 1).any() or any(c != FREE for c in given):
            self.rules = Rules(options.no_repeat, least, limits, given, continues)
        self._lay_out(sources, limits)

    def _lay_out(self, sources: Sequence[Source], limits: Ints) -> None:
        """Each source has `many` beams of some width: one, or one for each group or draw."""
        options, need = self.options, self.nbest
        self.many, self.width, self.k = options.groups, options.beam // options.groups, options.beam
        if options.temperature:
            self.many, self.width, self.k, need = self.nbest, 1, options.top_k or EVERY, 1
            self.luck = fortunes(sources, self.many, int(limits.max()), options.seed)
        self.alive = np.arange(len(sources) * self.many)  # the beams that are still searched, G of them
        self.limits = np.repeat(limits, self.many)  # of these
        self.bounds = divisor(self.limits, options)
        self.scores = np.zeros((len(self.alive), 1))  # (G, W): of each live hypothesis
        self.finished = Finished(len(self.alive), self.width, need)
        self.tokens, self.parents = np.full(len(self.alive), BOS), self.alive // self.many
        self.entered, self.looked = np.zeros(len(self.alive), np.float32), np.zeros((len(sources), 1))
        self.trace = Trace()
        if self.rules:
            self.rules.start(self.parents)

    @property
    def step(self) -> int:
        """How many steps were taken."""
        return len(self.trace.tokens)

    def ask(self) -> Ask:
        """What the next step is to tell."""
        return self.rules.ask(self.k) if self.rules else Ask(self.k, np.full((len(self.tokens), 1), EOS))

    def take(self, choices: Choices) -> None:
        """Go on with what the step has told; ModelError if it is not a number."""
        if math.isnan(choices.wanted.sum()):
            raise ModelError("The model's probabilities are not numbers: its weights are damaged.")
        self.trace.enter(self.tokens, self.parents, self.entered, choices)
        if self.options.coverage_penalty:
            self.looked = self.looked[self.parents] + choices.attention
        offer, totals = self._candidates(choices)
        picked = self._pick(offer, totals)
        ended = (picked.tokens == EOS) & (picked.totals > -np.inf)
        if ended.any():
            self._end(picked, *np.nonzero(ended))
            picked.totals[ended] = -np.inf
        self._go_on(picked)

    def results(self) -> list[list[Hypothesis]]:
        """The best of what has ended, for each source; of groups, what several have found but once."""
        found = self.finished.best(self.trace, self.lengths, self.many, self.nbest)
        if self.nbest > 1 or self.many > 1:
            for ended in found:
                ended.sort(key=lambda pair: (-pair[0], -rank(pair[1], self.options)))
        if self.options.groups > 1:
            found = [list({tuple(h.tokens.tolist()): (bank, h) for bank, h in ended}.values()) for ended in found]
        return [[hypothesis for _, hypothesis in ended[: self.nbest]] for ended in found]

    def _candidates(self, choices: Choices) -> tuple[Offer, Doubles]:
        """How each row may go on, and each beam's scores of that (G, N): at the limit with the end alone.

        So too where the rules leave a beam nothing, if it has no hypothesis yet.
        """
        offer = self.rules.offer(choices) if self.rules else Offer(choices.tokens, choices.log_probs)
        last = self.step >= self.limits
        if last.any():
            offer = self._end_alone(last, offer, choices)
        totals = self._totals(offer)
        if self.rules:
            stuck = (totals.max(1) == -np.inf) & (self.finished.count[self.alive] == 0)
            if stuck.any():
                offer = self._end_alone(stuck, offer, choices)
                totals = self._totals(offer)
        return offer, totals

    def _end_alone(self, beams: Bools, offer: Offer, choices: Choices) -> Offer:
        rows = np.repeat(beams, self.scores.shape[1])
        return offer.only(rows, np.full(len(rows), EOS), choices.wanted[:, 0])

    def _totals(self, offer: Offer) -> Doubles:
        beams, width = self.scores.shape
        totals = self.scores[:, :, None] + offer.log_probs.reshape(beams, width, -1)
        return totals.reshape(beams, -1)

    def _pick(self, offer: Offer, totals: Doubles) -> Picked:
        """As many candidates for each beam as it has room for."""
        beams, offered = totals.shape
        tokens, room = offer.tokens.reshape(beams, -1), self.width - self.finished.count[self.alive]
        banks = self.rules.banks(offer.tokens) if self.rules else None
        banks = None if banks is None else banks.reshape(beams, -1)
        if self.options.temperature:
            order = draw(offer.log_probs, self.luck[self.alive, self.step - 1], self.options)
        elif self.many > 1:
            order = apart(totals, tokens, room, self.alive, self.options, banks)
        else:
            order = best(totals, int(room.max()), banks)
        flat = order + np.arange(0, beams * offered, offered)[:, None]
        found = totals.ravel()[flat]
        if self.width > 1:  # else what has ended has left no beam
            found[np.arange(flat.shape[1]) >= room[:, None]] = -np.inf
        fill = None if banks is None else banks.ravel()[flat]
        return Picked(flat // offer.tokens.shape[1], tokens.ravel()[flat], offer.log_probs.ravel()[flat], found, fill)

    def _end(self, picked: Picked, beams: Ints, slots: Ints) -> None:
        """Put down what has ended."""
        rows, own, steps = picked.rows[beams, slots], self.alive[beams], np.full(len(beams), self.step - 1)
        ranks = picked.totals[beams, slots] / divisor(np.array(self.step), self.options)
        if self.options.coverage_penalty:
            seen = coverage(self.looked[rows], self.lengths[own // self.many])
            ranks += self.options.coverage_penalty * seen
        banks = np.zeros_like(rows) if picked.banks is None else picked.banks[beams, slots]
        self.finished.add(Ended(own, steps, rows, picked.log_probs[beams, slots], ranks, banks))

    def _go_on(self, picked: Picked) -> None:
        """The rows of the next step: without the beams that are done, and without empty columns."""
        live, offered = picked.totals, picked.totals.shape[1]
        keep = np.flatnonzero(live.max(1) / self.bounds > self.finished.worst[self.alive])
        if len(keep) < len(live):
            live, self.alive = live[keep], self.alive[keep]
            self.limits, self.bounds = self.limits[keep], self.bounds[keep]
        here = live > -np.inf
        width = int(here.sum(1).max(initial=0))
        slots = np.argsort(~here, axis=1, kind="stable")[:, :width] + (keep * offered)[:, None]
        self.scores, at = picked.totals.ravel()[slots], slots.ravel()
        self.tokens, self.parents = picked.tokens.ravel()[at], picked.rows.ravel()[at]
        self.entered = picked.log_probs.ravel()[at]
        if self.rules and len(at):
            self.rules.enter(self.tokens, self.parents, np.repeat(self.alive // self.many, width))
