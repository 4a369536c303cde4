"""Long sources: their sentences, the page that folds them, and the terminal that shows the most attended ones."""

import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.types import Record
from regard.view.page import item, page
from regard.view.periods import is_long, periods
from regard.view.terminal import Screen, heat_map
from regard.view.words import grid

TOKENS = st.lists(st.sampled_from(["▁a", "b.", "▁c.", "▁<", "s>", "<s>", "</s>", "<unk>"]), max_size=12).map(tuple)


def items(text: str) -> list[dict[str, Any]]:
    found = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    loaded: list[dict[str, Any]] = json.loads(found.group(1))
    return loaded


@settings(deadline=None)
@given(TOKENS, st.integers(0, 99))
def test_sentences_hold_every_label_once_and_share_all_looks(source: tuple[str, ...], seed: int) -> None:
    raw = np.random.default_rng(seed).random((3, len(source))) + 1e-3
    attention = (raw / raw.sum(1, keepdims=True)).astype(np.float32)
    record = Record("", "", source, ("▁x", "▁y", "</s>"), np.zeros(3, np.float32), attention)
    for words in (True, False):
        found = periods(record, words)
        assert [i for one in found for i in range(one.first, one.end)] == list(range(len(grid(record, words).source)))
        assert sum(one.share for one in found) == pytest.approx(1 if source else 0, abs=1e-5)
        weights = grid(record, words).weights
        looks = attention[:2].sum(0)  # of the words, without the end sign
        if not words:
            assert [one.share * 2 for one in found] == pytest.approx([looks[o.first : o.end].sum() for o in found])
        assert weights.shape[1] == (found[-1].end if found else 0)


def test_a_sign_parts_sentences_and_a_word_that_reads_like_one_does_not() -> None:
    source = ("▁who?", "▁<", "s>", "<s>", "▁it", "▁is.", "</s>")
    record = Record("", "", source, ("▁x",), np.zeros(1, np.float32), np.eye(1, 7, 5, dtype=np.float32))
    assert [(one.first, one.end) for one in periods(record)] == [(0, 1), (1, 2), (2, 3), (3, 5), (5, 6)]
    assert [one.share for one in periods(record)] == [0, 0, 0, 1, 0]
    assert [(one.first, one.end) for one in periods(record, words=False)] == [(0, 1), (1, 3), (3, 4), (4, 6), (6, 7)]


def test_a_long_source_travels_without_its_zeros(article: Record) -> None:
    assert is_long(article)
    (one,) = items(page([article]))
    for unit, words in (("words", True), ("tokens", False)):
        given, drawn = one["hypotheses"][0][unit], grid(article, words)
        assert "weights" not in given
        weights = np.zeros_like(drawn.weights)
        for row, sparse in zip(weights, given["sparse"], strict=True):
            row[np.cumsum(sparse[::2]) - 1] = sparse[1::2]
        np.testing.assert_allclose(weights / 10_000, drawn.weights, atol=0.5001e-4)
        assert [one[:2] for one in given["periods"]] == [[one.first, one.end] for one in periods(article, words)]
    shares = {period[0]: period[2] for period in one["hypotheses"][0]["words"]["periods"]}
    assert shares[30] > 400 and shares[300] > 400 and shares[0] < 10


def test_the_live_page_has_all_weights_of_a_long_source_too(article: Record) -> None:
    for unit, words in (("words", True), ("tokens", False)):
        given = item(article)["hypotheses"][0][unit]
        weights = np.array(given["weights"]) / 1000
        np.testing.assert_allclose(weights, grid(article, words).weights, atol=0.5001e-3)


def test_only_pages_of_long_sources_carry_what_folds(article: Record, dog: Record) -> None:
    assert "unfold" in page([dog, article]) and "unfold" not in page([dog])
    short, long = (each["hypotheses"][0]["words"] for each in items(page([dog, article])))
    assert "weights" in short and "periods" not in short and "periods" in long


def test_a_page_of_three_thousand_words_is_small() -> None:
    tokens = (*(f"▁word{i % 700}{'.' if i % 25 == 24 else ''}" for i in range(3000)), "</s>")
    attention = np.full((61, 3001), 1 / 3001, np.float32)  # the worst: no weight is zero
    record = Record(" ".join(tokens), "", tokens, tokens[:60] + tokens[-1:], np.zeros(61, np.float32), attention)
    assert len(page([record])) < 1_000_000


@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("width", [30, 80])
def test_the_terminal_shows_the_sentences_looked_at_most(colour: bool, width: int, article: Record) -> None:
    lines = [line.plain for line in heat_map(article, Screen(width, colour))]
    assert all(len(line) <= width for line in lines)
    text = "\n".join(lines)
    assert "█" not in text.replace("0 ", "")
    assert re.search(r"s3w4 +88% +25%  s3w4 88%", text)
    first, second = re.findall(r"^ *(\d+)% +(\d+)  s", text, re.MULTILINE)[:2]
    assert {first[1], second[1]} == {"4", "31"}  # counted from 1
    assert 40 <= int(second[0]) <= int(first[0]) <= 60
    assert re.search(r"in 38 other", text)


def test_what_was_looked_at_stands_out_in_its_sentence(article: Record) -> None:
    line = next(line for line in heat_map(article, Screen(200)) if "s3w4 s3w5" in line.plain)
    marked = {line.plain[span.start : span.end] for span in line.spans if getattr(span.style, "bgcolor", None)}
    assert marked == {"s3w4", "s3w5"}


def test_a_model_without_attention_points_at_no_sentence(article: Record) -> None:
    blind = Record(
        article.source, article.text, article.source_tokens, article.tokens, article.token_scores, article.attention * 0
    )
    lines = [line.plain for line in heat_map(blind, Screen(80))]
    assert "no attention: every weight is zero" in lines[-1]
    assert [one.share for one in periods(blind)] == [0.0] * 41
    assert "sparse" in items(page([blind]))[0]["hypotheses"][0]["words"]
