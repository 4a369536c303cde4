"""Long sources: nothing is lost in windows, nothing is longer than the limit, and everything is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.data.long import Fitted, fit

TEXT = "a b c d e f g h"


def words(text: str) -> int:
    return len(text.split())


def characters(text: str) -> int:
    return sum(len(word) + 1 for word in text.split())


@pytest.mark.parametrize("rule", ["truncate", "window", "error"])
def test_what_is_short_enough_is_left_alone(rule: str) -> None:
    assert fit(TEXT, words, rule=rule, limit=9) == Fitted((TEXT,))  # type: ignore[arg-type]
    assert fit(TEXT, words, rule=rule, limit=8) != Fitted((TEXT,))  # type: ignore[arg-type]


def test_the_rules_by_hand() -> None:
    assert fit(TEXT, words, rule="leave_out", limit=3) == Fitted((TEXT,))
    assert fit(TEXT, words, rule="truncate", limit=5) == Fitted(
        ("a b c d",), "9 tokens, of which the first 5 were read"
    )
    assert fit(TEXT, words, rule="window", limit=5) == Fitted(
        ("a b c d", "c d e f", "e f g h"), "9 tokens, read in 3 windows"
    )
    assert fit(TEXT, words, rule="error", limit=5) == Fitted((), "a source of 9 tokens; the limit, data.longest, is 5")


def test_a_head_stands_before_every_part_and_counts() -> None:
    found = fit(TEXT, words, rule="window", limit=7, head=("who? ||| ", 2))
    assert found.texts == ("who? ||| a b c d", "who? ||| c d e f", "who? ||| e f g h")
    assert found.note == "11 tokens, read in 3 windows"


def test_a_head_that_leaves_no_room_is_told() -> None:
    found = fit(TEXT, words, rule="truncate", limit=3, head=("w x y ||| ", 4))
    assert found == Fitted((), "a question of 3 tokens; the limit, data.longest, is 3")


def test_a_word_longer_than_a_window_is_cut_between_its_characters() -> None:
    assert fit("abcdefgh", characters, rule="window", limit=6).texts == ("abcd", "efgh")


@given(st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=30), st.integers(3, 40))
def test_windows_hold_everything_in_order_and_are_never_too_long(given_words: list[str], limit: int) -> None:
    text = " ".join(given_words)
    found = fit(text, characters, rule="window", limit=limit)
    assert all(characters(part) + 1 <= limit for part in found.texts)
    letters = "".join(given_words)
    end = 0
    for part in found.texts:  # each begins within what was read, and reads on
        plain = part.replace(" ", "")
        start = next(i for i in range(end, -1, -1) if letters.startswith(plain, i))
        end = start + len(plain)
    assert end == len(letters)
    assert bool(found.note) == (characters(text) + 1 > limit)


@given(st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=30), st.integers(3, 40))
def test_what_is_truncated_is_a_beginning(given_words: list[str], limit: int) -> None:
    (part,) = fit(" ".join(given_words), characters, rule="truncate", limit=limit).texts
    assert characters(part) + 1 <= limit
    assert "".join(given_words).startswith(part.replace(" ", ""))
