"""Numbers of groups against counting with dictionaries."""

from collections import Counter
from itertools import chain
from pathlib import Path
from random import Random

import pytest

from regard.errors import DataError
from regard.sentences.frequencies import Frequencies, count
from regard.sentences.ngrams import ngrams

Groups = list[list[list[str]]]


def drawn(groups: int, words: str, seed: int = 1) -> Groups:
    random = Random(seed)
    return [[random.choices(words, k=random.randint(0, 7)) for _ in range(random.randint(1, 4))] for _ in range(groups)]


@pytest.mark.parametrize("words", ["ab", "abcdefghäß", "x"])
def test_it_is_the_number_of_groups_that_have_a_sequence(tmp_path: Path, words: str) -> None:
    groups = drawn(40, words)
    count(groups, 4, tmp_path)
    known = Frequencies(tmp_path, 4)
    expected = Counter(chain.from_iterable({n for sentence in group for n in ngrams(sentence, 4)} for group in groups))
    assert known.groups == 40
    assert known.of(chain.from_iterable(groups)) == expected


def test_what_was_never_met_is_left_out(tmp_path: Path) -> None:
    known = count([[["a", "b"]], [["b", "c"], ["a"]]], 3, tmp_path)
    assert known.of([["a", "b", "c", "z", "a"]]) == {("a",): 2, ("b",): 2, ("c",): 1, ("a", "b"): 1, ("b", "c"): 1}
    assert known.of([[]]) == {}


@pytest.mark.parametrize("groups", [[], [[]], [[[]], [[]]]])
def test_nothing_has_no_sequences(tmp_path: Path, groups: Groups) -> None:
    known = count(groups, 2, tmp_path)
    assert known.groups == len(groups)
    assert known.of([["a", "b"]]) == {}


def test_files_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no frequencies of words"):
        Frequencies(tmp_path, 4)
