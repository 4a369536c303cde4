"""Records as a model could have made them, for what works on their words."""

from collections.abc import Iterable, Sequence

import numpy as np

from regard.types import SPACE, SPECIALS, Record

SILENT = frozenset(SPECIALS) - {"<unk>"}


def join(tokens: Iterable[str]) -> str:
    """As the codecs do it."""
    return " ".join("".join(token for token in tokens if token not in SILENT).replace(SPACE, " ").split())


def split(text: str) -> list[str]:
    """Words, and marks as tokens of their own."""
    found: list[str] = []
    for word in text.split():
        part = SPACE
        for sign in word:
            if not sign.isalnum() and part != SPACE and part:
                found.append(part)
                part = ""
            part += sign
            if not sign.isalnum():
                found.append(part)
                part = ""
        if part:
            found.append(part)
    return found


def record(source: str, tokens: Sequence[str], looks: Sequence[Sequence[float]] | None = None) -> Record:
    """A record whose tokens are given without the end sign; row t of `looks` is what token t looked at."""
    ends = (*tokens, "</s>")
    source_tokens = (*split(source), "</s>")
    attention = np.zeros((len(ends), len(source_tokens)), np.float32)
    if looks is not None:
        attention[:-1] = looks
        attention[-1, -1] = 1
    scores = np.array([-0.125 * (i + 1) for i in range(len(ends))], np.float32)
    return Record(source, join(ends), source_tokens, ends, scores, attention)


def at(*places: int, of: int) -> list[list[float]]:
    """Each token looked at one place only."""
    return [[float(i == place) for i in range(of)] for place in places]
