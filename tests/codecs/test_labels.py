"""Labels between commas, each of them one token."""

from pathlib import Path

import pytest

from regard.build import build
from regard.codecs import Codec
from regard.types import EOS, UNK, word_spans


@pytest.fixture
def codec() -> Codec:
    found: Codec = build("codecs", {"name": "labels"})
    found.fit(["dog, traffic light", "dog", "cat,dog"])
    return found


def test_a_label_is_a_token_however_many_words_it_has(codec: Codec) -> None:
    assert codec.split(" dog ,  traffic  light,") == ["▁dog", "▁traffic▁light"]
    assert codec.encode("traffic light, dog") == [6, 4, EOS]


def test_the_frequent_ones_come_first(codec: Codec) -> None:
    assert codec.vocabulary[4:] == ("▁dog", "▁cat", "▁traffic▁light")


@pytest.mark.parametrize("text", ["dog", "dog, traffic light", ""])
def test_labels_come_back(codec: Codec, text: str) -> None:
    assert codec.decode(codec.encode(text)) == text


def test_what_is_no_label_is_unknown(codec: Codec) -> None:
    assert codec.encode("dog, horse") == [4, UNK, EOS]
    assert codec.decode([4, UNK, EOS]) == "dog, <unk>"


def test_a_label_is_shown_as_it_is_written(codec: Codec) -> None:
    assert [word for word, _, _ in word_spans(tuple(codec.split("dog, traffic light")))] == ["dog", "traffic light"]


def test_saved_and_loaded_it_is_the_same(codec: Codec, tmp_path: Path) -> None:
    codec.save(tmp_path)
    other: Codec = build("codecs", {"name": "labels"})
    other.load(tmp_path)
    assert other.vocabulary == codec.vocabulary
