"""Which pairs a step sees: a pure function of (seed, step), in memory that does not grow with the corpus."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

POOL = 1 << 17  # pairs that are shuffled and sorted together

Lengths = Callable[[slice], NDArray[np.int64]]


class Order:
    """Shuffled batches of about equal length, about `tokens` padded tokens each.

    The corpus is dealt out to pools (pool k holds every n-th pair, so each is a
    sample of the whole). An epoch visits the pools in a random order, and the
    batches of a pool in a random order. A pool is sorted by length, ties at
    random, then cut: the lengths in sorted order, and so the cuts, are the same
    in each epoch, only the pairs between them change. Hence the number of steps
    in an epoch is fixed, and resuming is remembering the step.
    """

    def __init__(self, examples: int, lengths: Lengths, tokens: int, seed: int, pool: int = POOL) -> None:
        self.examples, self.lengths, self.tokens, self.seed = examples, lengths, tokens, seed
        self.pools = -(-examples // pool)
        self.counts = np.array([len(self._cuts(self._sorted_lengths(k))) - 1 for k in range(self.pools)])
        self.steps = int(self.counts.sum())
        self._batches: tuple[tuple[int, int], list[NDArray[np.int64]]] | None = None  # of the pool last used

    def __call__(self, step: int) -> NDArray[np.int64]:
        """The pairs of a step, counted from 0."""
        epoch, place = divmod(step, self.steps)
        visits = np.random.default_rng((self.seed, epoch)).permutation(self.pools)
        ends = np.cumsum(self.counts[visits])
        visit = int(np.searchsorted(ends, place, side="right"))
        batches = self._pool(epoch, int(visits[visit]))
        return batches[place - int(ends[visit] - self.counts[visits[visit]])]

    def _pool(self, epoch: int, k: int) -> list[NDArray[np.int64]]:
        if self._batches is None or self._batches[0] != (epoch, k):
            random = np.random.default_rng((self.seed, epoch, k))
            lengths = self.lengths(slice(k, None, self.pools))
            shuffled = random.permutation(len(lengths))
            order = shuffled[np.argsort(lengths[shuffled], kind="stable")]
            cuts = self._cuts(lengths[order])
            batches = [k + self.pools * order[a:b] for a, b in pairwise(cuts)]
            self._batches = ((epoch, k), [batches[i] for i in random.permutation(len(batches))])
        return self._batches[1]

    def _sorted_lengths(self, k: int) -> NDArray[np.int64]:
        return np.sort(self.lengths(slice(k, None, self.pools)))

    def _cuts(self, lengths: NDArray[np.int64]) -> list[int]:
        """Where batches begin and end; the longest row, which pads the others, comes last in each."""
        cuts, start = [0], 0
        for i, length in enumerate(lengths.tolist()):
            if i > start and (i - start + 1) * length > self.tokens:
                cuts.append(i)
                start = i
        return [*cuts, len(lengths)]
