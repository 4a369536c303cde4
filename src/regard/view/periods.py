"""The sentences of a source, and how much of all attention each of them got: how views group what is long."""

from collections.abc import Iterator
from dataclasses import dataclass

from regard.sentences.periods import sentences
from regard.types import SPECIALS, UNK, Record, Span, spans, word_spans
from regard.view.words import sums

LONG = 120  # source words: beyond, the page shows sentences, and what was looked at in them


@dataclass(frozen=True, slots=True)
class Period:
    """The labels `first` to `end` of a grid's source, which are a sentence or one sign, and their share of all looks.

    The share is of what the output's words gave all labels; the end sign is no word, unless it is all that was said.
    """

    first: int
    end: int
    share: float


def is_long(record: Record) -> bool:
    """Whether the source is to be read sentence by sentence; a picture has none."""
    return record.grid is None and len(word_spans(record.source_tokens)) > LONG


def periods(record: Record, words: bool = True) -> list[Period]:
    """The sentences of the source, and its signs, as labels of `grid(record, words)`: all of these, in order."""
    source = spans(record.source_tokens)
    of_words = list(_cut(source, record.source_tokens))
    of_tokens = [(source[first][1], source[end - 1][2]) for first, end in of_words]
    said = [i for _, first, end in word_spans(record.tokens) for i in range(first, end)]
    looked = record.attention[said or slice(None)].sum(0, dtype=float)
    whole = float(looked.sum()) or 1.0  # of a model without attention every share is none
    shares = (sums(looked[None], of_tokens)[0] / whole).tolist()
    return [
        Period(first, end, share) for (first, end), share in zip(of_words if words else of_tokens, shares, strict=True)
    ]


def _cut(source: list[Span], tokens: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """The first word of each sentence and one past its last; a sign, which ends a sentence, is one of its own."""
    start = 0
    for i in range(len(source) + 1):
        if i == len(source) or _is_sign(source[i], tokens):
            words = [label for label, _, _ in source[start:i]]
            yield from ((start + first, start + end) for first, end in sentences(words))
            if i < len(source):
                yield i, i + 1
            start = i + 1


def _is_sign(span: Span, tokens: tuple[str, ...]) -> bool:
    """Whether it is a sign and not a word that reads like one, which is of several tokens."""
    _, first, end = span
    return end - first == 1 and tokens[first] in SPECIALS and tokens[first] != SPECIALS[UNK]
