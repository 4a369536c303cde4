"""Many sources through a search: sorted by length, batched, and given back in their order."""

from collections.abc import Iterator, Sequence
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from regard.decode.backend import Backend, S
from regard.decode.constraint import Constraint
from regard.decode.search import search
from regard.sections import Decode
from regard.types import Hypothesis

ROWS, TOKENS = 64, 4096  # of one batch: enough for the processor, little for the memory


class Engine(Generic[S]):
    """Searches any number of sources with one back end; results do not depend on how they are batched."""

    def __init__(
        self,
        backend: Backend[S],
        options: Decode,
        *,
        rows: int = ROWS,
        continues: NDArray[np.bool_] | None = None,
    ) -> None:
        self.backend, self.options, self.rows, self.continues = backend, options, rows, continues

    def run(
        self, sources: Sequence[Sequence[int]], nbest: int = 1, constraints: Sequence[Constraint] | None = None
    ) -> list[list[Hypothesis]]:
        """The n best hypotheses of each source, in the order of the sources; none for an empty source."""
        results: list[list[Hypothesis]] = [[] for _ in sources]
        for batch in batches([len(source) for source in sources], self.rows):
            found = search(self.backend, [sources[i] for i in batch], self.options, nbest)
            for i, hypotheses in zip(batch, found, strict=True):
                results[i] = hypotheses
        return results

    def force(
        self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
    ) -> Iterator[tuple[int, Hypothesis]]:
        """Each given target as a hypothesis, with its place, batch by batch; none for an empty source."""
        lengths = [max(len(s), len(t)) if s else 0 for s, t in zip(sources, targets, strict=True)]
        for batch in batches(lengths, self.rows):
            forced = self.backend.force([sources[i] for i in batch], [targets[i] for i in batch])
            yield from zip(batch, forced, strict=True)


def batches(lengths: Sequence[int], rows: int = ROWS) -> list[list[int]]:
    """Places grouped by length, longest first, so that a memory too small shows at once; empty ones left out."""
    groups: list[list[int]] = []
    for i in sorted((i for i, n in enumerate(lengths) if n), key=lambda i: -lengths[i]):
        if not groups or len(groups[-1]) >= min(rows, max(1, TOKENS // lengths[groups[-1][0]])):
            groups.append([])
        groups[-1].append(i)
    return groups
