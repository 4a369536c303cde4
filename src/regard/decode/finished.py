"""The hypotheses that have ended, as rows of a trace; only the chosen ones become arrays of their own."""

from dataclasses import dataclass

import numpy as np

from regard.decode.choose import Doubles, Floats, Ints
from regard.decode.trace import Trace
from regard.types import Hypothesis


@dataclass(frozen=True, slots=True)
class Ended:
    """N that ended at one step: their beams, last rows, log probabilities of the end, ranks, and how full they are."""

    beams: Ints
    steps: Ints
    rows: Ints
    log_probs: Floats
    ranks: Doubles
    banks: Ints  # tokens of what is required that the hypothesis has


class Finished:
    """How many of each beam's `width` hypotheses have ended, and which rank a live one has to beat."""

    def __init__(self, beams: int, width: int, need: int) -> None:
        self.need, self.width = need, width
        self.ended: list[Ended] = []
        self.ranks = np.full((beams, width), -np.inf)
        self.count = np.zeros(beams, np.int64)
        self.worst = np.full(beams, -np.inf)  # of the best `need`; -inf while there are fewer

    def add(self, ended: Ended) -> None:
        """More that have ended, in the order of their beams."""
        beams = ended.beams
        place = np.arange(len(beams)) - np.searchsorted(beams, beams) + self.count[beams]
        self.ranks[beams, place] = ended.ranks
        self.count += np.bincount(beams, minlength=len(self.count))
        if self.need <= self.width:
            self.worst[beams] = np.sort(self.ranks[beams], axis=1)[:, self.width - self.need]
        self.ended.append(ended)

    def best(self, trace: Trace, places: Ints, many: int, nbest: int) -> list[list[tuple[int, Hypothesis]]]:
        """The best `nbest` of the `many` beams of each source of so many places, each with its bank.

        What has all that is required comes first. What neighbouring beams have
        both found is given once for each, so of these all are given.
        """
        found: list[list[tuple[int, Hypothesis]]] = [[] for _ in places]
        if not self.ended:
            return found
        columns = zip(*((e.beams, e.steps, e.rows, e.log_probs, e.ranks, e.banks) for e in self.ended), strict=True)
        beams, steps, rows, log_probs, ranks, banks = map(np.concatenate, columns)
        sources = beams // many
        order = np.lexsort((-ranks, -banks, sources))
        if many == 1:
            place = np.arange(len(order)) - np.searchsorted(sources[order], sources[order])
            order = order[place < nbest]
        hypotheses = trace.follow(steps[order], rows[order], log_probs[order], places[sources[order]])
        for source, bank, hypothesis in zip(sources[order].tolist(), banks[order].tolist(), hypotheses, strict=True):
            found[source].append((bank, hypothesis))
        return found
