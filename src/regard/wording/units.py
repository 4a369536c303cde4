"""What is put back, or put in another's place, is a unit: a word without the punctuation around it."""

import re
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from regard.types import SPACE, SPECIALS, UNK

Unit = tuple[int, int]  # first token, one past the last

SIGNS = frozenset(SPECIALS) - {SPECIALS[UNK]}
UNKNOWN = SPECIALS[UNK]


def text(tokens: Sequence[str]) -> str:
    """The tokens of one unit as they read."""
    return "".join(tokens).removeprefix(SPACE)


def units(tokens: Sequence[str], alone: Collection[str] = ()) -> list[Unit]:
    """Every token once: a unit ends with a word, between letters or digits and other signs, and around `alone`."""
    found: list[Unit] = []
    for i, token in enumerate(tokens):
        unit = tokens[slice(*found[-1])] if found else ()
        cut = text(unit) and (token in alone or unit[-1] in alone)
        if found and not cut and _goes_on(unit, token):
            found[-1] = (found[-1][0], i + 1)
        else:
            found.append((i, i + 1))
    return found


def looks(attention: NDArray[np.floating], rows: Sequence[Unit], columns: Sequence[Unit]) -> NDArray[np.float64]:
    """How much each target unit looked at each source unit: summed over its tokens' columns, averaged over rows."""
    weights = attention.astype(np.float64)
    summed = [weights[:, first:end].sum(1) for first, end in columns]
    averaged = [[column[first:end].mean() for column in summed] for first, end in rows]
    return np.array(averaged, np.float64).reshape(len(rows), len(columns))


def _goes_on(unit: Sequence[str], token: str) -> bool:
    if token.startswith(SPACE) or token in SIGNS or unit[-1] in SIGNS:
        return False
    return not text(unit) or not token or is_wordlike(unit[-1]) == is_wordlike(token)


def whole(term: str) -> str:
    """The regular expression of a term that no letter or digit goes on from."""
    return (r"(?<!\w)" if term[:1].isalnum() else "") + re.escape(term) + (r"(?!\w)" if term[-1:].isalnum() else "")


def is_unknown(token: str) -> bool:
    """Whether a token is the sign for what the vocabulary lacks."""
    return token.removeprefix(SPACE) == UNKNOWN


def is_wordlike(token: str) -> bool:
    """Whether a token has letters or digits; what is unknown is taken for a word."""
    return is_unknown(token) or any(sign.isalnum() for sign in token)
