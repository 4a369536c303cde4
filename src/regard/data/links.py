"""Word alignments as text, "0-0 1-2" (the Pharaoh format), and what becomes of them when words become tokens."""

import re
from collections.abc import Iterable

from regard.types import Example, Links, word_spans

_LINK = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


def read(text: str) -> Links | None:
    """The links of a line, none for an empty one; None if it holds anything else."""
    found = [_LINK.fullmatch(link) for link in text.split()]
    return None if None in found else frozenset((int(match[1]), int(match[2])) for match in found if match)


def write(links: Iterable[tuple[int, int]]) -> str:
    """The line of links, sorted: the inverse of `read`."""
    return " ".join(f"{i}-{j}" for i, j in sorted(links))


def fit(links: Links, source: str, target: str) -> bool:
    """Whether all links lie within the words of two cleaned texts."""
    sources, targets = len(source.split()), len(target.split())
    return all(i < sources and j < targets for i, j in links)


def shift(links: Links, after: Example) -> Links:
    """The links of a pair whose texts are put behind those of another."""
    sources, targets = len(after.source.split()), len(after.target.split())
    return frozenset((i + sources, j + targets) for i, j in links)


def of_tokens(links: Links, source: tuple[str, ...], target: tuple[str, ...]) -> list[tuple[int, int]]:
    """Links between tokens: every token of a word with every token of the word that it is linked to."""
    sources, targets = word_spans(source), word_spans(target)
    return [
        (place, step) for i, j in sorted(links) for place in range(*sources[i][1:]) for step in range(*targets[j][1:])
    ]
