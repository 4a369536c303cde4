"""Novelty: how much of an output is not in its source."""

from collections.abc import Sequence

from regard.build import Size
from regard.metrics import Described, References


class Novelty(Described):
    """Percentage of an output's n-grams that its source does not have, of sums over all lines (See et al., 2017).

    Words are lower-cased runs of letters and digits. Of a summary in words of its own it is high, and of
    nonsense too: it says how a summary is made, not whether it is good.

    Options:
        order: how many words a sequence has, n
    """

    def __init__(self, *, order: Size = 2) -> None:
        """Remember the order."""
        self.order = order
        self.label = f"novel {order}-grams"

    def signature(self, references: References) -> str:
        """What is counted."""
        return f"novelty-{self.order}|against:source|case:lc|words:unicode|average:micro|scale:0-100"

    def count(self, words: Sequence[str], source: Sequence[str]) -> tuple[int, int]:
        """Sequences that the source lacks, and all."""
        own, given = (list(zip(*(side[k:] for k in range(self.order)), strict=False)) for side in (words, source))
        known = set(given)
        return sum(sequence not in known for sequence in own), len(own)
