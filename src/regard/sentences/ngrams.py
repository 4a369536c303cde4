"""Sequences of words in a sentence, counted."""

from collections import Counter
from collections.abc import Iterable, Sequence

Ngrams = Counter[tuple[str, ...]]


def ngrams(words: Sequence[str], longest: int) -> Ngrams:
    """How often each sequence of 1 to `longest` words comes."""
    found: Ngrams = Counter()
    for size in range(1, longest + 1):
        found.update(zip(*(words[start:] for start in range(size)), strict=False))
    return found


def most(sentences: Iterable[Ngrams]) -> Ngrams:
    """The most that each comes in any one of several sentences."""
    found: Ngrams = Counter()
    for counts in sentences:
        found |= counts
    return found
