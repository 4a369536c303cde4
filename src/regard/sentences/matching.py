"""Which words of two sentences belong together (Banerjee and Lavie, 2005; Denkowski and Lavie, 2011)."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from regard.sentences.stem import stem

BEAM = 40  # partial matchings that are followed at once; only words that come many times on both sides make more
NOWHERE = -2  # the place before which no word stands


class Match(NamedTuple):
    """Pairs of words that are the same, pairs that share a stem only, and the runs that they form in both sentences."""

    exact: int
    stems: int
    chunks: int


def match(words: Sequence[str], reference: Sequence[str]) -> Match:
    """Pair each word with one other at most: most pairs first, then fewest chunks, then least distance.

    A pair of stems counts half of one of words, when pairs are compared.
    """
    if words and words == reference:
        return Match(len(words), 0, 1)
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(stem(word), []).append(place)
    wanted = Counter(map(stem, reference))
    # Places taken so far, as bits, and the last of them -> the least (-halves, chunks, distance) by which they were.
    found = {(0, NOWHERE): (0, 0, 0)}
    for here, word in enumerate(reference):
        candidates = places.get(stem(word), [])
        sure = len(candidates) == 1 and wanted[stem(word)] == 1
        following: dict[tuple[int, int], tuple[int, int, int]] = {}
        for (taken, last), (halves, chunks, distance) in found.items():
            free = [place for place in candidates if not taken >> place & 1]
            steps = [] if sure else [((taken, NOWHERE), (halves, chunks, distance))]
            for place in free:
                worth = 2 if words[place] == word else 1
                cost = (halves - worth, chunks + (last != place - 1), distance + abs(place - here))
                steps.append(((taken | 1 << place, place), cost))
            for key, cost in steps:
                following[key] = min(cost, following.get(key, cost))
        found = following if len(following) <= BEAM else dict(sorted(following.items(), key=lambda i: i[1])[:BEAM])
    (taken, _), (halves, chunks, _) = min(found.items(), key=lambda item: (item[1], item[0]))
    pairs = taken.bit_count()
    return Match(-halves - pairs, 2 * pairs + halves, chunks)
