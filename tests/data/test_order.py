"""The order of training: a pure function of the seed and the step."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from regard.data.order import Lengths, Order

lists = st.lists(st.integers(1, 40), min_size=1, max_size=120)
quick = settings(max_examples=60, deadline=None, derandomize=True)


def lengths_of(lengths: list[int]) -> Lengths:
    array = np.array(lengths, np.int64)
    return lambda rows: array[rows]


def order(lengths: list[int], tokens: int, pool: int, seed: int = 3) -> Order:
    return Order(len(lengths), lengths_of(lengths), tokens, seed, pool)


def epoch(given: Order, number: int) -> list[NDArray[np.int64]]:
    return [given(step) for step in range(number * given.steps, (number + 1) * given.steps)]


@quick
@given(lengths=lists, tokens=st.integers(1, 200), pool=st.integers(1, 150))
def test_an_epoch_visits_every_pair_exactly_once(lengths: list[int], tokens: int, pool: int) -> None:
    given = order(lengths, tokens, pool)
    for number in range(3):
        visits = Counter(int(pair) for batch in epoch(given, number) for pair in batch)
        assert visits == dict.fromkeys(range(len(lengths)), 1)


@quick
@given(lengths=lists, tokens=st.integers(1, 200), pool=st.integers(1, 150))
def test_no_batch_has_more_padded_tokens_than_wanted_but_a_single_long_pair(
    lengths: list[int], tokens: int, pool: int
) -> None:
    for batch in epoch(order(lengths, tokens, pool), 0):
        assert len(batch) >= 1
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= tokens


@quick
@given(lengths=lists, tokens=st.integers(1, 200), pool=st.integers(1, 150), data=st.data())
def test_a_step_is_the_same_whoever_asks_and_whenever(
    lengths: list[int], tokens: int, pool: int, data: st.DataObject
) -> None:
    one, other = order(lengths, tokens, pool), order(lengths, tokens, pool)
    steps = data.draw(st.lists(st.integers(0, 4 * one.steps), min_size=1, max_size=8))
    for step in steps:
        np.testing.assert_array_equal(one(step), order(lengths, tokens, pool)(step))
    for step in reversed(steps):
        np.testing.assert_array_equal(one(step), other(step))


LENGTHS = np.random.default_rng(1).integers(1, 30, 500).tolist()


@pytest.mark.parametrize("pool", [50, 499, 500, 1000])
def test_epochs_differ_and_so_do_seeds(pool: int) -> None:
    def flat(seed: int, number: int) -> list[int]:
        return [int(i) for batch in epoch(order(LENGTHS, 100, pool, seed), number) for i in batch]

    assert flat(3, 0) != flat(3, 1)
    assert flat(3, 0) != flat(4, 0)


@pytest.mark.parametrize("pool", [50, 1000])
def test_batches_hold_pairs_of_like_length_in_random_order(pool: int) -> None:
    batches = epoch(order(LENGTHS, 100, pool), 0)
    padded = sum(len(batch) * max(LENGTHS[i] for i in batch) for batch in batches)
    assert padded < (1.5 if pool == 50 else 1.1) * sum(LENGTHS)
    longest = [max(LENGTHS[i] for i in batch) for batch in batches]
    assert longest != sorted(longest)
    assert longest != sorted(longest, reverse=True)


def test_pairs_of_one_length_are_mixed_anew_in_each_epoch() -> None:
    given = order([5] * 200, 50, 1000)
    first, second = ({frozenset(batch.tolist()) for batch in epoch(given, number)} for number in range(2))
    assert len(first) == len(second) == given.steps == 20
    assert not first & second


def test_each_pool_is_a_sample_of_the_whole_corpus() -> None:
    given = order(LENGTHS, 100, 100)
    assert given.pools == 5
    first = epoch(given, 0)[0]
    assert len({int(i) % given.pools for i in first}) == 1
    assert given.steps == sum(given.counts)


def test_memory_is_asked_for_a_pool_at_a_time() -> None:
    asked: list[int] = []

    def lengths(rows: slice) -> NDArray[np.int64]:
        found = np.array(LENGTHS, np.int64)[rows]
        asked.append(len(found))
        return found

    given = Order(500, lengths, 100, 1, 50)
    asked.clear()
    epoch(given, 0)
    assert asked == [50] * 10
