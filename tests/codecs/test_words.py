"""Where words are cut, and which of them are kept."""

import pytest

from regard.build import build
from regard.codecs.words import Words
from regard.errors import ConfigError, DataError
from regard.types import UNK, word_spans


def cut(text: str, *, digits: bool = True) -> str:
    return "|".join(Words(digits=digits).split(text))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A man rides.", "▁A|▁man|▁rides|."),
        ("«well-known»", "▁«|well|-|known|»"),
        ("wait...", "▁wait|.|.|."),
        ("snake_case", "▁snake|_|case"),
        ("in 2024, 3.5 m²", "▁in|▁2|0|2|4|,|▁3|.|5|▁m²"),
    ],
)
def test_words_digits_and_marks_are_cut_apart(text: str, tokens: str) -> None:
    assert cut(text) == tokens


def test_a_number_can_be_one_token() -> None:
    assert cut("in 2024, 3.5", digits=False) == "▁in|▁2024|,|▁3|.|5"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("l'homme", "▁l'|homme"),
        ("L\u2019été", "▁L\u2019|été"),
        ("jusqu'à", "▁jusqu'|à"),
        ("l'a", "▁l'|a"),
        ("man's", "▁man|'s"),
        ("DON'T we're I'm", "▁DON|'T|▁we|'re|▁I|'m"),
        ("d'Alembert's", "▁d'|Alembert|'s"),
        ("s'est", "▁s'|est"),
        ("the 90's", "▁the|▁9|0|'s"),
        ("dogs' 'quoted'", "▁dogs|'|▁'|quoted|'"),
    ],
)
def test_an_apostrophe_stays_with_the_little_word(text: str, tokens: str) -> None:
    assert cut(text) == tokens


@pytest.mark.parametrize("word", ["हिन्दी", "q\u0301tq\u0323", "\u0645\u06cc\u200c\u062e\u0648", "Việt"])
def test_marks_and_joiners_stay_within_the_word(word: str) -> None:
    assert cut(word) == f"▁{word}"


def test_frequent_tokens_come_first_and_equally_frequent_ones_are_sorted() -> None:
    codec = Words()
    codec.fit(["b a b", "c a b"])
    assert codec.vocabulary[4:] == ("▁b", "▁a", "▁c")


def test_size_and_minimum_leave_out_the_rarest() -> None:
    lines = ["b a b", "c a b"]
    small, common = Words(size=5), Words(minimum=2)
    small.fit(lines)
    common.fit(lines)
    assert small.vocabulary[4:] == ("▁b",)
    assert common.vocabulary[4:] == ("▁b", "▁a")
    assert small.ids(["▁b", "▁a"]) == [4, UNK]


def test_a_minimum_that_no_token_reaches_is_refused() -> None:
    with pytest.raises(DataError, match="No token occurs 4 times, but at most 3: lower `minimum`"):
        Words(minimum=4).fit(["b a b", "c a b"])


def test_a_vocabulary_without_room_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"size is 4; it wants a whole number >= 5"):
        build("codecs", {"name": "words", "size": 4})


def test_an_unknown_word_is_a_word_of_its_own() -> None:
    codec = Words()
    codec.fit(["the fox jumps"])
    ids = codec.encode("the zebra jumps")
    assert codec.decode(ids) == "the <unk> jumps"
    assert [word for word, _, _ in word_spans(tuple(codec.tokens(ids)))] == ["the", "<unk>", "jumps"]
    assert codec.ids(codec.tokens(ids)) == ids


def test_captions_may_be_learnt_as_metrics_see_them() -> None:
    codec = Words(lower=True, marks=False)
    assert "|".join(codec.split('A man\'s dog , "runs" -- in a T-shirt .')) == "▁a|▁man|'s|▁dog|▁runs|▁in|▁a|▁t|-|shirt"
    assert codec.join(codec.split("Two (2) girls' hats.")) == "two 2 girls hats"
    assert codec.split(" . -- ") == []
