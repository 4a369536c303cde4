"""Where an answer stands in the tokens of its passage."""

import bisect
from collections.abc import Sequence
from itertools import accumulate

from regard.text import clean
from regard.types import SPACE


def located(tokens: Sequence[str], answer: str) -> tuple[int, int] | None:
    """The first and last token of the first place where the answer stands, whole words before others; None if nowhere.

    Upper and lower case are the same. A token that the answer ends within, such as a word behind which no space
    is written, is taken whole.
    """
    written = [token.replace(SPACE, " ").lower() for token in tokens]
    text, wanted = "".join(written), clean(answer).lower()
    ends = list(accumulate(map(len, written)))
    found = list(_places(text, wanted)) if wanted else []
    if not found:
        return None
    start = next((place for place in found if _is_whole(text, place, len(wanted))), found[0])
    return bisect.bisect_right(ends, start), bisect.bisect_right(ends, start + len(wanted) - 1)


def _places(text: str, wanted: str) -> list[int]:
    places, start = [], text.find(wanted)
    while start >= 0:
        places.append(start)
        start = text.find(wanted, start + 1)
    return places


def _is_whole(text: str, start: int, length: int) -> bool:
    """Whether no letter or digit goes on at either end."""
    edges = (start, start + length)
    return not any(0 < edge < len(text) and text[edge - 1].isalnum() and text[edge].isalnum() for edge in edges)
