"""Repetition rate: how much of an output it has said before."""

from collections.abc import Sequence

from regard.build import Size
from regard.metrics import Described, References


class Repetition(Described):
    """Percentage of an output's n-grams that stand in it before: 100 (1 - different / all), of sums over all lines.

    Words are lower-cased runs of letters and digits. An output without n-grams repeats nothing (See et al., 2017,
    show such shares for n = 1 to 4).

    Options:
        order: how many words a sequence has, n
    """

    def __init__(self, *, order: Size = 3) -> None:
        """Remember the order."""
        self.order = order
        self.label = f"repeated {order}-grams"

    def signature(self, references: References) -> str:
        """What is counted."""
        return f"repetition-{self.order}|case:lc|words:unicode|average:micro|scale:0-100"

    def count(self, words: Sequence[str], source: Sequence[str]) -> tuple[int, int]:
        """Sequences that stood there before, and all."""
        found = list(zip(*(words[start:] for start in range(self.order)), strict=False))
        return len(found) - len(set(found)), len(found)
