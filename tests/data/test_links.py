"""Word alignments as text, and between tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.data import links
from regard.types import Example


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        (" ", set()),
        ("0-0", {(0, 0)}),
        ("2-1  0-10\t2-1", {(2, 1), (0, 10)}),
        ("0", None),
        ("0-0 1:1", None),
        ("0-0 -1-1", None),
        ("0-0,1-1", None),
        ("0?0", None),
        ("\u0663-0", None),
        ("9999999999-0", None),
    ],
)
def test_a_line_is_read_or_refused(text: str, expected: set[tuple[int, int]] | None) -> None:
    assert links.read(text) == expected


@given(st.frozensets(st.tuples(st.integers(0, 999), st.integers(0, 999))))
def test_what_is_written_is_read_again(found: frozenset[tuple[int, int]]) -> None:
    assert links.read(links.write(found)) == found


def test_links_are_written_sorted() -> None:
    assert links.write({(10, 0), (2, 1), (2, 0)}) == "2-0 2-1 10-0"


def test_links_fit_within_the_words() -> None:
    assert links.fit(frozenset({(1, 0)}), "a b", "x")
    assert not links.fit(frozenset({(2, 0)}), "a b", "x")
    assert not links.fit(frozenset({(0, 1)}), "a b", "x")


def test_links_move_behind_another_pair() -> None:
    assert links.shift(frozenset({(0, 1)}), Example("a b c", "x")) == {(3, 2)}


def test_every_token_of_a_word_is_linked_to_every_token_of_its_partner() -> None:
    source, target = ("▁a", "▁b", "b", "</s>"), ("▁x", "x", "▁y", "</s>")
    assert links.of_tokens(frozenset({(1, 0), (0, 1)}), source, target) == [(0, 2), (1, 0), (1, 1), (2, 0), (2, 1)]
