"""Where sentences end."""

import pytest

from regard.sentences.periods import sentences
from regard.sentences.plain import cut
from regard.sentences.squad import normal
from regard.sentences.subsequence import longest


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("One.", [(0, 1)]),
        ("One two. Three! Four? five", [(0, 2), (2, 3), (3, 4), (4, 5)]),
        ('He said: "No." Then he left.', [(0, 3), (3, 6)]),
        ("no end at all", [(0, 4)]),
    ],
)
def test_a_word_that_ends_in_a_mark_ends_a_sentence(text: str, found: list[tuple[int, int]]) -> None:
    assert sentences(text.split()) == found


def test_words_are_runs_of_letters_and_digits() -> None:
    assert cut("The Café, 3rd_floor's") == ["the", "café", "3rd", "floor", "s"]
    assert cut("The Café, 3rd_floor's", ascii=True) == ["the", "caf", "3rd", "floor", "s"]


def test_answers_are_compared_without_case_marks_and_articles() -> None:
    assert normal("The  U.S. Army's an-them, a test") == "us armys anthem test"
    assert normal("A theatre") == "theatre"


def test_the_longest_common_subsequence_keeps_the_order() -> None:
    assert longest(["a", "b", "c", "d"], ["b", "x", "d", "a"]) == 2
    assert longest([], ["a"]) == 0
