"""Copy rate: how much of an output is taken over from its source, run by run."""

from collections.abc import Sequence

from regard.build import Size
from regard.metrics import Described, References


class CopyRate(Described):
    """Percentage of an output's words in runs that stand in its source, of sums over all lines.

    Runs are the extractive fragments of Grusky et al. (2018): from its first word on, the longest run that the
    source has is taken, then the output goes on behind it. With `least` = 1 this is their coverage. Words are
    lower-cased runs of letters and digits.

    Options:
        least: words that a run has at least to count
    """

    def __init__(self, *, least: Size = 3) -> None:
        """Remember the least length."""
        self.least = least
        self.label = "copied words"

    def signature(self, references: References) -> str:
        """What is counted."""
        return f"copied-{self.least}|against:source|case:lc|words:unicode|average:micro|scale:0-100"

    def count(self, words: Sequence[str], source: Sequence[str]) -> tuple[int, int]:
        """Words in such runs, and all."""
        places: dict[str, list[int]] = {}
        for place, word in enumerate(source):
            places.setdefault(word, []).append(place)
        start = copied = 0
        while start < len(words):
            run = max((_run(words, start, source, place) for place in places.get(words[start], ())), default=0)
            copied += run if run >= self.least else 0
            start += max(run, 1)
        return copied, len(words)


def _run(one: Sequence[str], start: int, other: Sequence[str], place: int) -> int:
    """How many words are the same from a place of each on."""
    most = min(len(one) - start, len(other) - place)
    return next((i for i in range(most) if one[start + i] != other[place + i]), most)
