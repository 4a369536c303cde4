"""Beam search over any back end, on small host arrays. Greedy search is a beam of one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import Ask, Backend, Choices, S
from regard.errors import ModelError
from regard.sections import Decode
from regard.types import BOS, EOS, Hypothesis

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(slots=True)
class Trace:
    """All rows of all steps, so that a finished hypothesis can be followed back to its start.

    Row r of step t was entered with token `tokens[t][r]` from row `parents[t][r]`
    of step t - 1, and looked where `attention[t][r]` says: the weights belong
    to the step, not to the place in the beam, so no re-ordering can mix them up.
    """

    tokens: list[Ints] = field(default_factory=list)
    parents: list[Ints] = field(default_factory=list)
    log_probs: list[Floats] = field(default_factory=list)
    attention: list[Floats] = field(default_factory=list)

    def enter(self, tokens: Ints, parents: Ints, log_probs: Floats, attention: Floats) -> None:
        """Remember the rows of one more step."""
        self.tokens.append(tokens)
        self.parents.append(parents)
        self.log_probs.append(log_probs)
        self.attention.append(attention)

    def finish(self, row: int, end: float, length: int) -> Hypothesis:
        """The hypothesis that ends after `row` of the last step; `length` is that of its source."""
        tokens, log_probs, attention = [EOS], [end], []
        for step in reversed(range(len(self.tokens))):
            attention.append(self.attention[step][row, :length])
            if step:  # the first row was entered with the start sign, which is no output
                tokens.append(int(self.tokens[step][row]))
                log_probs.append(float(self.log_probs[step][row]))
            row = int(self.parents[step][row])
        ordered = (np.array(tokens[::-1], np.int64), np.array(log_probs[::-1], np.float32))
        return Hypothesis(*ordered, np.stack(attention[::-1]))


def search(
    backend: Backend[S], sources: Sequence[Sequence[int]], options: Decode, nbest: int = 1
) -> list[list[Hypothesis]]:
    """The best hypotheses of each source, best first.

    Each source has a beam of its own, which a finished hypothesis leaves
    smaller; a source is done when its beam is empty, or when nothing left in
    it can still beat the `nbest` best: a log probability only falls, and no
    output is longer than the limit, so score / limit ** penalty is the most
    that a live hypothesis can reach. What a source gets never depends on the
    other sources.
    """
    lengths = np.array([len(source) for source in sources])
    limits = (options.ratio * lengths + options.extra).astype(np.int64)
    done: list[list[Hypothesis]] = [[] for _ in sources]
    alive = np.arange(len(sources))  # the sources that are still searched, G of them
    scores = np.zeros((len(sources), 1), np.float32)  # (G, W): of each live hypothesis
    tokens, parents = np.full(len(sources), BOS), alive
    state, trace, entered = backend.start(sources), Trace(), np.zeros(len(sources), np.float32)
    while len(alive):
        ask = Ask(options.beam, np.full((len(tokens), 1), EOS))
        choices, state = backend.step(tokens, parents, state, ask)
        if np.isnan(choices.wanted).any():
            raise ModelError("The model's probabilities are not numbers: its weights are damaged.")
        trace.enter(tokens, parents, entered, choices.attention)
        step, room = len(trace.tokens), np.array([options.beam - len(done[g]) for g in alive])
        picked = _pick(choices, scores, room, step >= limits[alive])
        for g, slot in zip(*np.nonzero(picked.ended), strict=True):
            source = alive[g]
            end = float(picked.log_probs[g, slot])
            done[source].append(trace.finish(int(picked.rows[g, slot]), end, lengths[source]))
        live = np.where(picked.ended, -np.inf, picked.scores)
        most = live.max(1) / limits[alive] ** options.length_penalty
        keep = np.array([_open(done[g], m, options, nbest) for g, m in zip(alive, most, strict=True)])
        alive, slots, scores = _compact(alive, live, keep)
        tokens = np.take_along_axis(picked.tokens[keep], slots, 1).ravel()
        parents = np.take_along_axis(picked.rows[keep], slots, 1).ravel()
        entered = np.take_along_axis(picked.log_probs[keep], slots, 1).ravel()
    return [sorted(found, key=lambda h: -rank(h, options))[:nbest] for found in done]


def rank(hypothesis: Hypothesis, options: Decode) -> float:
    """What hypotheses are compared by: log probability / length ** penalty."""
    return hypothesis.score / float(len(hypothesis.tokens) ** options.length_penalty)


@dataclass(frozen=True, slots=True)
class Picked:
    """The best continuations of each source's beam, all (G, W): which row, which token, and whether it ends."""

    rows: Ints
    tokens: Ints
    log_probs: Floats
    scores: Floats
    ended: NDArray[np.bool_]


def _pick(choices: Choices, scores: Floats, room: Ints, last: NDArray[np.bool_]) -> Picked:
    """As many continuations for each source as its beam has room for; at the last step only the end."""
    sources, width = scores.shape
    offered = choices.log_probs.shape[1]
    log_probs = choices.log_probs.reshape(sources, width, offered).copy()
    tokens = choices.tokens.reshape(sources, width, offered).copy()
    log_probs[last], tokens[last, :, 0] = -np.inf, EOS
    log_probs[last, :, 0] = choices.wanted.reshape(sources, width)[last]
    totals = (scores[:, :, None] + log_probs).reshape(sources, -1)
    order = np.argsort(-totals, axis=1, kind="stable")[:, : room.max()]
    best = np.take_along_axis(totals, order, 1)
    best[np.arange(order.shape[1]) >= room[:, None]] = -np.inf
    chosen = np.take_along_axis(tokens.reshape(sources, -1), order, 1)
    rows = np.arange(sources)[:, None] * width + order // offered
    own = np.take_along_axis(log_probs.reshape(sources, -1), order, 1)
    return Picked(rows, chosen, own, best, (chosen == EOS) & np.isfinite(best))


def _open(done: list[Hypothesis], most: float, options: Decode, nbest: int) -> bool:
    """Whether a live hypothesis, which can reach `most`, may still enter the n best."""
    if len(done) < nbest or most == -np.inf:
        return bool(most > -np.inf)
    return bool(sorted(rank(h, options) for h in done)[-nbest] < most)


def _compact(alive: Ints, live: Floats, keep: NDArray[np.bool_]) -> tuple[Ints, Ints, Floats]:
    """Drop finished sources and empty columns: what is alive, which slots stay, their scores."""
    live = live[keep]
    width = int(np.isfinite(live).sum(1).max()) if len(live) else 0
    slots = np.argsort(-live, axis=1, kind="stable")[:, :width]
    return alive[keep], slots, np.take_along_axis(live, slots, 1)
