"""Pointing: which sentence of a passage an answer looked at most."""

import numpy as np
import pytest

from regard.alignment.pointing import pointing, points
from regard.data.asking import sentence_spans
from regard.types import Record

SOURCE = ("▁Where", "?", "<s>", "▁Ann", "▁left", ".", "▁Bob", "▁is", "▁in", ".", "</s>")


def record(*rows: list[float], tokens: tuple[str, ...] = ("▁at", "▁home", "</s>"), note: str = "") -> Record:
    weights = np.array(rows, np.float32).reshape(len(rows), len(SOURCE))
    return Record("", "", SOURCE, tokens, np.zeros(len(tokens), np.float32), weights, note=note)


def row(**weights: float) -> list[float]:
    found = [0.0] * len(SOURCE)
    for place, weight in weights.items():
        found[int(place[1:])] = weight
    return found


def test_sentences_are_spans_of_tokens_behind_the_start_sign() -> None:
    assert sentence_spans(SOURCE) == [(3, 6), (6, 10)]
    assert sentence_spans(("▁a.", "▁b", "</s>")) == [(0, 1), (1, 2)]
    assert sentence_spans(("▁a", "<s>", "</s>")) == []


def test_attention_is_summed_over_a_sentence_and_the_words_of_the_answer() -> None:
    # The largest single weight is on the first sentence, the largest sum on the second.
    rows = row(p3=0.4, p6=0.2, p7=0.2, p8=0.2), row(p0=0.5, p3=0.1, p9=0.4), row(p3=1.0)
    assert points(record(*rows), [1]) is True
    assert points(record(*rows), [0]) is False
    assert points(record(*rows), [0, 1]) is True


def test_the_end_sign_counts_only_where_nothing_was_said() -> None:
    assert points(record(row(p3=1.0), tokens=("</s>",)), [0]) is True


def test_who_looks_at_the_question_alone_points_at_nothing() -> None:
    assert points(record(row(p0=1.0), row(p2=1.0), row(p3=1.0)), [0]) is False


def test_what_cannot_be_judged_is_left_out() -> None:
    blind = record(row(), row(), row())
    cut = record(row(p3=1.0), row(p3=1.0), row(p3=1.0), note="cut")
    right, wrong = record(row(p3=1), row(p3=1), row(p6=1)), record(row(p6=1), row(p6=1), row(p3=1))
    assert points(blind, [0]) is None
    assert points(cut, [0]) is None
    assert pointing([blind, cut], [[0], [0]]) == {}
    assert pointing([right], [[]]) == {}
    score = pointing([right, wrong, wrong, blind, cut], [[0], [0], [0], [0], [0]])["pointing"]
    assert score.value == pytest.approx(100 / 3)
    assert "n:3" in score.signature
