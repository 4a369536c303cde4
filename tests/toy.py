"""A back end without a network, for tests of the search: every prefix has a distribution of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import Ask, Choices
from regard.decode.shortlist import Among
from regard.types import BOS, EOS, PAD, UNK, Hypothesis

Prefix = tuple[int, ...]
Row = tuple[Prefix, Prefix]  # a source, and the tokens so far


@dataclass(frozen=True)
class State:
    """The rows as they are, the longest source, and what the source of each row may choose among."""

    rows: list[Row]
    places: int
    owners: list[int]
    among: Among | None


@dataclass(frozen=True)
class Toy:
    """Draws log probabilities from (seed, source, prefix); `levels` rounds logits, so that scores tie.

    Where it looks spells (how many tokens, which history): a row taken from
    another step or another hypothesis is seen at once.
    """

    seed: int
    vocabulary: int = 6
    sharpness: float = 2.0
    levels: int = 0
    workers: int = 1

    @property
    def words(self) -> range:
        """The tokens that are neither padding nor start nor end."""
        return range(UNK, self.vocabulary)

    def log_probs(self, source: Prefix, prefix: Prefix) -> NDArray[np.float32]:
        """Of every token; the start sign and padding are likely, so that a search must leave them out."""
        logits = np.random.default_rng((self.seed, *source, 99, *prefix)).normal(size=self.vocabulary) * self.sharpness
        if self.levels:
            logits = np.round(logits * self.levels) / self.levels
        logits[[PAD, BOS]] = logits.max()
        found: NDArray[np.float32] = (logits - np.log(np.exp(logits).sum())).astype(np.float32)
        return found

    def looked(self, source: Prefix, prefix: Prefix, places: int) -> NDArray[np.float32]:
        """A row of attention; padding holds -1."""
        row = np.full(places, -1, np.float32)
        code = sum((place + 1) * token for place, token in enumerate(prefix))
        row[: len(source)] = [len(prefix), code, *prefix, *[0] * len(source)][: len(source)]
        return row

    def start(self, sources: Sequence[Sequence[int]], among: Among | None = None) -> State:
        """One row for each source."""
        rows: list[Row] = [(tuple(source), ()) for source in sources]
        return State(rows, max(map(len, sources)), list(range(len(rows))), among)

    def step(
        self, tokens: NDArray[np.int64], parents: NDArray[np.int64], state: State, ask: Ask
    ) -> tuple[Choices, State]:
        """Continue the rows."""
        rows = []
        for token, parent in zip(tokens.tolist(), parents.tolist(), strict=True):
            source, prefix = state.rows[parent]
            rows.append((source, prefix if token == BOS else (*prefix, token)))
        scores, owners = np.array([self.log_probs(*row) for row in rows]), [state.owners[i] for i in parents.tolist()]
        if state.among:
            own = np.zeros(scores.shape, np.bool_)
            own[:, state.among.words] = state.among.own[owners]
            scores[~own] = -np.inf
            scores -= np.log(np.exp(scores).sum(1, keepdims=True))
        wanted = np.take_along_axis(scores, ask.wanted, 1)
        scores[:, [PAD, BOS]] = -np.inf
        scores[ask.banned[:, 0], ask.banned[:, 1]] = -np.inf
        best = np.argsort(-scores, axis=1, kind="stable")[:, : ask.k]
        attention = np.array([self.looked(*row, state.places) for row in rows])
        return Choices(best, np.take_along_axis(scores, best, 1), wanted, attention), State(
            rows, state.places, owners, state.among
        )

    def force(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[Hypothesis]:
        """Given targets as hypotheses."""
        return [self.forced(source, target) for source, target in zip(sources, targets, strict=True)]

    def forced(self, source: Sequence[int], target: Sequence[int]) -> Hypothesis:
        """What a search that finds just this target must give."""
        steps = [self.looked(tuple(source), tuple(target[:t]), len(source)) for t in range(len(target))]
        return Hypothesis(np.array(target, np.int64), self.own(source, target), np.array(steps))

    def own(self, source: Sequence[int], target: Sequence[int]) -> NDArray[np.float32]:
        """The log probability of each token of one target."""
        steps = [self.log_probs(tuple(source), tuple(target[:t]))[token] for t, token in enumerate(target)]
        return np.array(steps, np.float32)


def rank(backend: Toy, source: Sequence[int], target: Sequence[int], penalty: float) -> float:
    """What hypotheses are compared by."""
    return float(backend.own(source, target).sum(dtype=np.float64) / len(target) ** penalty)


def everything(backend: Toy, source: Sequence[int], limit: int, penalty: float) -> list[tuple[float, list[int]]]:
    """Every output that there is, best first."""
    found = []
    for length in range(limit):
        for words in product(backend.words, repeat=length):
            found.append((rank(backend, source, [*words, EOS], penalty), [*words, EOS]))
    return sorted(found, key=lambda pair: -pair[0])


def plain_beam(backend: Toy, source: Sequence[int], beam: int, limit: int) -> list[list[int]]:
    """Beam search as a textbook has it, one source, never stopping early; a finished one leaves the beam smaller."""
    live: list[tuple[float, Prefix]] = [(0.0, ())]
    done: list[list[int]] = []
    for step in range(1, limit + 1):
        longer = []
        for score, prefix in live:
            log_probs = backend.log_probs(tuple(source), prefix)
            for token in (EOS,) if step == limit else (EOS, *backend.words):
                longer.append((score + float(log_probs[token]), (*prefix, token)))
        longer.sort(key=lambda pair: -pair[0])
        kept = longer[: beam - len(done)]
        done += [list(prefix) for _, prefix in kept if prefix[-1] == EOS]
        live = [(score, prefix) for score, prefix in kept if prefix[-1] != EOS]
    return done


def check(backend: Toy, source: Sequence[int], hypothesis: Hypothesis, limit: int) -> None:
    """What is true of every hypothesis that a search gives."""
    tokens = hypothesis.tokens.tolist()
    assert tokens.index(EOS) == len(tokens) - 1 < limit
    assert not {PAD, BOS} & set(tokens)
    forced = backend.forced(source, tokens)
    np.testing.assert_array_equal(hypothesis.log_probs, forced.log_probs)
    np.testing.assert_array_equal(hypothesis.attention, forced.attention)
