"""Joined pairs: all words in order, no group too long, the same each time."""

import random
from itertools import pairwise

from regard.data.join import Joined
from regard.types import Example

PAIRS = [Example(" ".join([f"s{i}"] * (1 + i % 7)), f"t{i} u{i}", i + 1) for i in range(300)]


def test_every_word_comes_once_and_in_order() -> None:
    found = list(Joined(PAIRS, 20, 1))
    assert " ".join(example.source for example in found) == " ".join(pair.source for pair in PAIRS)
    assert " ".join(example.target for example in found) == " ".join(pair.target for pair in PAIRS)


def test_sources_are_of_all_lengths_and_never_longer() -> None:
    lengths = [len(example.source.split()) for example in Joined(PAIRS, 20, 1)]
    assert max(lengths) <= 20
    assert set(range(7, 20)) <= set(lengths)


def test_a_pair_that_is_longer_alone_is_kept_alone() -> None:
    found = list(Joined([Example("a b c d", "e"), Example("f", "g")], 2, 1))
    assert [example.source for example in found] == ["a b c d", "f"]


def test_groups_depend_on_pairs_and_seed_alone() -> None:
    joined = Joined(PAIRS, 20, 1)
    assert list(joined) == list(joined) == list(Joined(iter(PAIRS), 20, 1))
    assert list(joined) != list(Joined(PAIRS, 20, 2))


def test_the_line_of_a_group_is_that_of_its_first_pair() -> None:
    lines = [example.line for example in Joined(PAIRS, 20, 1)]
    assert lines[0] == 1
    assert all(a < b for a, b in pairwise(lines))


def test_alignments_move_with_their_words() -> None:
    pairs = [
        Example("a b", "x", 1, frozenset({(1, 0)})),
        Example("c", "y z", 2, frozenset({(0, 1)})),
        Example("d", "w"),
    ]
    (found,) = {joined for seed in range(20) for joined in Joined(pairs, 9, seed) if joined.source == "a b c d"}
    assert found == Example("a b c d", "x y z w", 1, frozenset({(1, 0), (2, 2)}))


def test_nothing_gives_nothing() -> None:
    assert list(Joined([], 20, 1)) == []


def test_references_are_joined_as_far_as_all_have_them() -> None:
    pairs = [Example("a", "x", others=("y", "z")), Example("b", "v", others=("w",)), Example("c", "u", others=("t",))]
    (found,) = Joined(pairs, 3, next(seed for seed in range(99) if random.Random(seed).randint(1, 3) == 3))
    assert found.references == ("x v u", "y w t")
