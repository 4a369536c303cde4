"""Where sentences end."""

import pytest

from regard.sentences.periods import sentences


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
