"""Merging subwords to words, and linking words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.types import Record, spans, word_spans
from regard.view.words import PHARAOH, alignment, between_words, grid, printable

TOKENS = st.lists(st.sampled_from(["▁a", "b", "▁", "</s>", "<unk>", "▁日本"]), max_size=9).map(tuple)


@st.composite
def records(draw: st.DrawFn) -> Record:
    source, target = draw(TOKENS), draw(TOKENS)
    seed = draw(st.integers(0, 2**16))
    raw = np.random.default_rng(seed).random((len(target), len(source))) + 1e-3
    attention = raw / raw.sum(axis=1, keepdims=True)
    scores = -np.random.default_rng(seed).random(len(target))
    return Record("", "", source, target, scores.astype(np.float32), attention.astype(np.float32))


@settings(deadline=None)  # the machine may be busy
@given(records())
def test_word_rows_keep_the_mass_of_their_tokens(record: Record) -> None:
    drawn = grid(record)
    assert drawn.weights.shape == (len(drawn.target), len(drawn.source))
    if record.source_tokens:
        np.testing.assert_allclose(drawn.weights.sum(axis=1), 1, atol=1e-5)


@settings(deadline=None)
@given(records())
def test_labels_and_confidence_belong_to_rows_and_columns(record: Record) -> None:
    for words in (True, False):
        drawn = grid(record, words)
        assert drawn.confidence.shape == (len(drawn.target),)
        assert all(0 < p <= 1 for p in drawn.confidence)


@settings(deadline=None)
@given(TOKENS)
def test_every_token_is_in_one_span(tokens: tuple[str, ...]) -> None:
    covered = [i for _, first, end in spans(tokens) for i in range(first, end)]
    assert covered == list(range(len(tokens)))


@settings(deadline=None)
@given(st.lists(st.sampled_from(["▁a", "b", "▁c", "▁日"]), min_size=1, max_size=9).map(tuple))
def test_alignment_of_an_identity_is_the_identity(tokens: tuple[str, ...]) -> None:
    signs = (*tokens, "</s>")
    identity = np.eye(len(signs), dtype=np.float32)
    record = Record("", "", signs, signs, np.zeros(len(signs), np.float32), identity)
    assert alignment(record) == [(i, i) for i in range(len(word_spans(signs)))]


def test_words_sum_over_the_source_and_average_over_the_target(dog: Record) -> None:
    drawn = grid(dog)
    assert drawn.source == ("a", "black", "dog", "runs", "</s>")
    assert drawn.target == ("un", "chien", "noir", "court", "</s>")
    assert drawn.weights[3].tolist() == [0, 0, 0, 0.875, 0.125]
    assert drawn.confidence[3] == pytest.approx(np.exp(-2))


def test_tokens_are_drawn_as_they_are(dog: Record) -> None:
    drawn = grid(dog, words=False)
    assert drawn.target == dog.tokens
    np.testing.assert_array_equal(drawn.weights, dog.attention)


def test_a_reordering_is_linked_crosswise(dog: Record) -> None:
    assert alignment(dog) == [(0, 0), (1, 2), (2, 1), (3, 3)]


def test_a_word_is_read_one_step_after_it_was_said(dog: Record) -> None:
    said, read = between_words(dog), between_words(dog, "read")
    assert said.shape == read.shape == (4, 4)
    assert not np.array_equal(said, read)
    whole = [(first + 1, end + 1) for _, first, end in word_spans(dog.tokens)]
    expected = [dog.attention[first:end].mean(0) for first, end in whole]
    columns = [(first, end) for _, first, end in word_spans(dog.source_tokens)]
    np.testing.assert_allclose(read, [[row[a:b].sum() for a, b in columns] for row in expected])


def test_the_end_sign_is_never_linked(dog: Record) -> None:
    looks_at_the_end = np.zeros_like(dog.attention)
    looks_at_the_end[:, -1] = 0.9
    looks_at_the_end[:, 0] = 0.1
    record = Record(dog.source, dog.text, dog.source_tokens, dog.tokens, dog.token_scores, looks_at_the_end)
    assert alignment(record) == [(0, 0), (0, 1), (0, 2), (0, 3)]


def test_a_model_without_attention_links_nothing(blind: Record) -> None:
    assert alignment(blind) == []


def test_pharaoh_keeps_a_line_for_every_record(every: list[Record]) -> None:
    lines = PHARAOH.whole(every).decode().split("\n")
    assert lines == ["0-0 1-2 2-1 3-3", "", "0-0 1-1", "0-0 0-1 0-2", "", ""]


def test_control_characters_are_not_drawn() -> None:
    assert printable("a\x1b[31m\nb") == "a\ufffd[31m\ufffdb"
