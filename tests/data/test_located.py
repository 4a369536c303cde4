"""Where an answer stands in the tokens of its passage."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.codecs.words import Words
from regard.data.located import located


@pytest.mark.parametrize(
    ("passage", "answer", "span"),
    [
        ("Ann has a cat.", "a cat", "a cat"),
        ("Ann has a cat.", "A CAT", "a cat"),
        ("The (Panthers) won.", "Panthers", "Panthers"),
        ("It cost $30 in 1930, or 30 pounds.", "30", "30"),
        ("concatenate a cat", "cat", "cat"),
        ("concatenate", "cat", "concatenate"),  # within a token: the whole of it
        ("Ann has a cat.", "dog", None),
        ("", "dog", None),
        ("Ann", "", None),
    ],
)
def test_the_place_of_an_answer(passage: str, answer: str, span: str | None) -> None:
    codec = Words(digits=False)
    tokens = codec.split(passage)
    found = located(tokens, answer)
    assert (found and codec.join(tokens[found[0] : found[1] + 1])) == span


def test_whole_words_go_before_parts_of_others() -> None:
    assert located(Words().split("concatenate a cat"), "cat") == (2, 2)
    assert located(["▁c", "at", "s", "▁c", "at"], "cat") == (3, 4)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["ab", "(b)", "c.", "Ab", "1,000"]), min_size=1, max_size=8), st.data())
def test_words_that_stand_there_are_found(words: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    codec = Words()
    tokens, answer = codec.split(" ".join(words)), " ".join(words[first : last + 1])
    found = located(tokens, answer)
    assert found is not None
    assert codec.join(tokens[found[0] : found[1] + 1]).lower() == answer.lower()
