"""From subwords to words: the grid that every view draws, and the links between words."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from regard.data import links
from regard.errors import UsageError
from regard.types import Record, Span, spans, word_spans
from regard.view.lines import Lines

Look = Literal["emit", "read"]  # a word's attention: of the steps that say its tokens, or of those that then read them


@dataclass(frozen=True, slots=True)
class Grid:
    """What a view draws: a row of `weights` for each target label, a column for each source label.

    `confidence` is the probability of each target label: exp of its mean token score. `p_gen` is how
    much of that was generated and not copied, on average; None of a model that does not copy.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: NDArray[np.float64]
    confidence: NDArray[np.float64]
    p_gen: NDArray[np.float64] | None = None


def grid(record: Record, words: bool = True) -> Grid:
    """Draw words, or tokens as the model has them. The end sign keeps its row and its column.

    The regions of a picture are no words: each keeps its column.
    """
    group = spans if words else _single_tokens
    source = (_single_tokens if record.grid else group)(record.source_tokens)
    target = group(record.tokens)
    return Grid(
        source=tuple(label for label, _, _ in source),
        target=tuple(label for label, _, _ in target),
        weights=merge(record, source, target),
        confidence=np.exp(_means(record.token_scores, target)),
        p_gen=None if record.p_gen is None else _means(record.p_gen, target),
    )


def looks(record: Record) -> list[tuple[str, float, NDArray[np.float32]]]:
    """Each word that was looked for at parts of a picture: its confidence, and the boxes (N, 4) of its looks."""
    if record.boxes is None:
        return []
    found = []
    for (label, first, end), confidence in zip(spans(record.tokens), grid(record).confidence, strict=True):
        boxes = record.boxes[first:end].reshape(-1, 4)
        if boxes.any():
            found.append((label, float(confidence), boxes[boxes.any(1)]))
    return found


def merge(record: Record, source: Sequence[Span], target: Sequence[Span]) -> NDArray[np.float64]:
    """Sum the weights over the tokens of a source span, average them over those of a target span.

    So a row sums to what its tokens' rows sum to on average: to one, unless spans are left out.
    """
    columns = sums(record.attention, [(first, end) for _, first, end in source])
    rows: NDArray[np.float64] = _means(columns.T, target).T
    return rows


def between_words(record: Record, look: Look = "emit") -> NDArray[np.float64]:
    """The attention of each target word (rows) to each source word (columns), end signs left out.

    A token is said at one step and read as the input of the next, which may be
    the one that looks at what it was made of (Chen et al., 2020).
    """
    if look == "read":
        record = replace(record, attention=np.concatenate([record.attention[1:], record.attention[-1:]]))
    group = _single_tokens if record.grid else word_spans
    return merge(record, group(record.source_tokens), word_spans(record.tokens))


def alignment(record: Record) -> list[tuple[int, int]]:
    """Link each target word to the source word it looked at most: sorted (source, target) pairs from 0.

    A word without any weight on a source word, as in a model without attention, gets no link.
    """
    return sorted((int(row.argmax()), j) for j, row in enumerate(between_words(record)) if row.any())


def _links(record: Record) -> str:
    if record.grid:
        raise UsageError(
            f"{record.source}: .pharaoh links words to words, and a picture has none: write .json, "
            'whose "alignment" links each word to the region it looked at most.'
        )
    return f"{links.write(alignment(record))}\n"


# One line for each record, "0-0 1-2 ...": word pairs, as aligners write them.
PHARAOH = Lines(_links)


def printable(label: str) -> str:
    """Make a label safe to draw: control characters, which could move a cursor, become a sign."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") else c for c in label)


def _single_tokens(tokens: tuple[str, ...]) -> list[Span]:
    return [(token, i, i + 1) for i, token in enumerate(tokens)]


def sums(values: NDArray[Any], parts: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """The sum of values (R, N) over each part of the last axis, (R, P); parts are in order, and none is empty."""
    if not values.size or not parts:
        return np.zeros((len(values), len(parts)))
    whole = np.pad(values.astype(np.float64), ((0, 0), (0, 1)))  # so that a part may end at N
    return np.add.reduceat(whole, np.array(parts).reshape(-1), axis=1)[:, ::2]


def _means(values: NDArray[Any], target: Sequence[Span]) -> NDArray[np.float64]:
    """The mean of values (..., T) over the tokens of each target span."""
    parts = [(first, end) for _, first, end in target]
    found = sums(np.atleast_2d(values), parts) / np.array([end - first for first, end in parts])
    means: NDArray[np.float64] = found.reshape(*values.shape[:-1], len(parts))
    return means
