"""Many sources through a search: sorted by length, batched, and given back in their order."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import Backend, S
from regard.decode.constraint import Constraint
from regard.decode.rules import checked, with_copies
from regard.decode.search import search
from regard.decode.shortlist import Shortlist
from regard.sections import Decode
from regard.types import Hypothesis, Source

T = TypeVar("T")

ROWS, TOKENS = 64, 4096  # of one batch: enough for the processor, little for the memory


class Engine(Generic[S]):
    """Searches any number of sources with one back end; results do not depend on how they are batched.

    `continues` (V) says which tokens continue the word before them, for constraints
    on whole words; without it every token is a word. With a `shortlist`, what is
    searched for is made of the tokens that its source lists.
    """

    def __init__(
        self,
        backend: Backend[S],
        options: Decode,
        *,
        rows: int = ROWS,
        continues: NDArray[np.bool_] | None = None,
        shortlist: Shortlist | None = None,
    ) -> None:
        self.backend, self.options, self.rows = backend, options, rows
        self.continues, self.shortlist = continues, shortlist

    def run(
        self, sources: Sequence[Source], nbest: int = 1, constraints: Sequence[Constraint] | None = None
    ) -> list[list[Hypothesis]]:
        """The n best hypotheses of each source, in the order of the sources; none for an empty source.

        With constraints, one for each source: UsageError for another number of them,
        or for ids that no output has.
        """
        given = checked(constraints, len(sources), with_copies(self.continues, sources))
        results: list[list[Hypothesis]] = [[] for _ in sources]
        workers = self.backend.workers

        def found(batch: list[int]) -> list[list[Hypothesis]]:
            return search(
                self.backend,
                [sources[i] for i in batch],
                self.options,
                nbest,
                constraints=[given[i] for i in batch],
                continues=self.continues,
                shortlist=self.shortlist,
            )

        rows = min(self.rows, max(1, -(-len(sources) // workers)))  # so that each has something to do
        for batch, some in _shared(found, batches([len(source) for source in sources], rows), workers):
            for i, hypotheses in zip(batch, some, strict=True):
                results[i] = hypotheses
        return results

    def force(self, sources: Sequence[Source], targets: Sequence[Source]) -> Iterator[tuple[int, Hypothesis]]:
        """Each given target, among all tokens, as a hypothesis with its place; none for an empty source or target."""
        lengths = [max(len(s), len(t)) if s and t else 0 for s, t in zip(sources, targets, strict=True)]

        def forced(batch: list[int]) -> list[Hypothesis]:
            return self.backend.force([sources[i] for i in batch], [targets[i] for i in batch])

        for batch, some in _shared(forced, batches(lengths, self.rows), self.backend.workers):
            yield from zip(batch, some, strict=True)


def _shared(work: Callable[[list[int]], T], groups: list[list[int]], workers: int) -> Iterator[tuple[list[int], T]]:
    """What comes of each group, in their order, a few of them worked off at once."""
    with ThreadPoolExecutor(workers) if min(workers, len(groups)) > 1 else nullcontext() as pool:
        yield from zip(groups, pool.map(work, groups) if pool else map(work, groups), strict=True)


def batches(lengths: Sequence[int], rows: int = ROWS) -> list[list[int]]:
    """Places grouped by length, longest first, so that a memory too small shows at once; empty ones left out."""
    groups: list[list[int]] = []
    for i in sorted((i for i, n in enumerate(lengths) if n), key=lambda i: -lengths[i]):
        if not groups or len(groups[-1]) >= min(rows, max(1, TOKENS // lengths[groups[-1][0]])):
            groups.append([])
        groups[-1].append(i)
    return groups
