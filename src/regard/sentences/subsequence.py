"""What two sentences have in common, in its order."""

from collections.abc import Sequence


def longest(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    best = [0] * (len(other) + 1)
    for word in one:
        before = 0  # what `best` held a place before, a row ago
        for place, candidate in enumerate(other, start=1):
            before, best[place] = best[place], before + 1 if word == candidate else max(best[place], best[place - 1])
    return best[-1]
