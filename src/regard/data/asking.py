"""A question and its passage as one line of text, `QUESTION ||| PASSAGE`, and back; also given as JSON."""

import re

from regard.data.formats import json_object
from regard.errors import DataError
from regard.sentences.periods import sentences
from regard.text import clean
from regard.types import BOS, SPECIALS, word_spans

SIGN = "|||"
BARS = re.compile(r"\|{3,}")
FORM = f'QUESTION {SIGN} PASSAGE, or {{"context": "...", "question": "..."}}'


def joined(question: str, passage: str) -> str:
    """Both, cleaned, as one line; three bars or more in the question become one: the first three part the two."""
    return f"{BARS.sub('|', clean(question))} {SIGN} {clean(passage)}"


def parted(text: str) -> tuple[str, str]:
    """The question and the passage of a line, cleaned. DataError if one of them is not there."""
    record = json_object(text) if text.lstrip().startswith("{") else None
    if record is not None:
        given = [record.get(name) for name in ("question", "context")]
        question, passage = (clean(value) if isinstance(value, str) else "" for value in given)
        question = BARS.sub("|", question)
    else:
        question, _, passage = (clean(part) for part in text.partition(SIGN))
    if question and passage:
        return question, passage
    lacks = "passage" if question else "question"
    short = text if len(text) <= 60 else f"{text[:60]}..."
    raise DataError(f"{short!r} has no {lacks}; expected {FORM}.")


def told(text: str, name: str = "source") -> str:
    """The text of a JSON row with this field, or the line as it is."""
    record = json_object(text) if text.lstrip().startswith("{") else None
    found = record.get(name) if record else None
    return found if isinstance(found, str) else text


def sentence_spans(tokens: tuple[str, ...]) -> list[tuple[int, int]]:
    """The first token of each sentence of a passage, and one past its last; a passage begins behind the start sign."""
    start = tokens.index(SPECIALS[BOS]) + 1 if SPECIALS[BOS] in tokens else 0
    words = word_spans(tokens[start:])
    found = sentences([word for word, _, _ in words])
    return [(start + words[first][1], start + words[end - 1][2]) for first, end in found]
