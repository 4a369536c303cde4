"""Which words belong together: by hand, and against trying every way."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from regard.sentences.matching import Match, match
from regard.sentences.stem import stem

few_words = st.lists(st.sampled_from(["a", "b", "dog", "dogs", "run", "running"]), max_size=5)


def exhaustive(words: list[str], reference: list[str]) -> tuple[int, int]:
    """The most that pairs can be worth, and the fewest chunks that pairs of that worth form."""
    best = (0, 0)
    places = [*range(len(words)), *([None] * len(reference))]
    for chosen in set(permutations(places, len(reference))):
        pairs = [(i, j) for j, i in enumerate(chosen) if i is not None]
        if any(stem(words[i]) != stem(reference[j]) for i, j in pairs):
            continue
        worth = sum(2 if words[i] == reference[j] else 1 for i, j in pairs)
        chunks = sum((i - 1, j - 1) not in pairs for i, j in pairs)
        best = min(best, (-worth, chunks))
    return best


@settings(max_examples=60, deadline=None)
@given(words=few_words, reference=st.lists(st.sampled_from(["a", "b", "dog", "dogs", "runs"]), max_size=4))
def test_no_way_is_better(words: list[str], reference: list[str]) -> None:
    found = match(words, reference)
    assert (-2 * found.exact - found.stems, found.chunks) == exhaustive(words, reference)


def test_the_same_words_are_preferred_to_the_same_stems() -> None:
    assert match(["dog", "dogs"], ["dogs"]) == Match(1, 0, 1)
    assert match(["dogs"], ["dog"]) == Match(0, 1, 1)


def test_of_ways_with_as_many_pairs_the_one_in_longer_runs_is_taken() -> None:
    assert match(["the", "cat", "and", "the", "dog"], ["the", "dog"]) == Match(2, 0, 1)
    assert match(["a", "b", "c", "a", "b", "d"], ["a", "b", "d", "a", "b", "c"]) == Match(6, 0, 2)


def test_nothing_matches_nothing() -> None:
    assert match([], []) == match(["a"], []) == match([], ["a"]) == match(["a"], ["b"]) == Match(0, 0, 0)


def test_words_that_come_many_times_take_no_more_than_a_moment() -> None:
    found = match(["a", "b"] * 30, ["b", "a"] * 30)
    assert found.exact == 60
    assert match(["a"] * 50, ["a"] * 50) == Match(50, 0, 1)
    assert match(["a"] * 50, ["a"] * 40) == Match(40, 0, 1)
