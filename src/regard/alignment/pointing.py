"""Pointing: whether the sentence that an answer looked at most is one that the answer follows from."""

from collections.abc import Sequence

import numpy as np

from regard.data.asking import sentence_spans
from regard.metrics import Score
from regard.types import Record, word_spans

NAME = "pointing"


def pointing(records: Sequence[Record], supports: Sequence[Sequence[int]]) -> dict[str, Score]:
    """The percentage of records that `points` counts as right, of those that it can judge; nothing if there are none.

    A source that was cut or read in windows is not judged: its sentences are numbered in the whole.
    """
    judged = [points(record, given) for record, given in zip(records, supports, strict=True) if given]
    found = [right for right in judged if right is not None]
    if not found:
        return {}
    signature = f"pointing|n:{len(found)}|attention:summed over a sentence and the answer's words|scale:0-100"
    return {NAME: Score(100 * sum(found) / len(found), signature)}


def points(record: Record, supports: Sequence[int]) -> bool | None:
    """Whether the most attended sentence of the passage supports the answer; None where nothing was looked at.

    A sentence's attention is the sum over its tokens and over the tokens of the answer's words; the end sign is
    no word, unless it is all that was said. Where the passage got none at all, no sentence was pointed at.
    """
    if record.note or not record.attention.any():
        return None
    said = [i for _, first, end in word_spans(record.tokens) for i in range(first, end)]
    looked = record.attention[said or slice(None)].sum(0, dtype=np.float64)
    weights = [float(looked[first:end].sum()) for first, end in sentence_spans(record.source_tokens)]
    return bool(weights) and max(weights) > 0 and int(np.argmax(weights)) in supports
