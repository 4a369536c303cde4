"""The engine: lines keep their places however they are batched."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.decode.engine import TOKENS, Engine, batches
from regard.decode.search import search
from regard.sections import Decode
from toy import Toy

OPTIONS = Decode(beam=3, ratio=1.0, extra=2)
SOURCES = [[4, 2], [], [5, 6, 7, 2], [2], [], [4, 2], [9, 9, 9, 9, 9, 2]]


@pytest.mark.parametrize("workers", [1, 2, 9])
@pytest.mark.parametrize("rows", [1, 2, 3, 64])
def test_results_are_in_the_order_of_the_sources_whatever_the_batch(rows: int, workers: int) -> None:
    found = Engine(Toy(seed=5, workers=workers), OPTIONS, rows=rows).run(SOURCES, nbest=2)
    for source, hypotheses in zip(SOURCES, found, strict=True):
        expected = search(Toy(seed=5), [source], OPTIONS, nbest=2)[0] if source else []
        assert len(hypotheses) == (2 if source else 0)
        for a, b in zip(hypotheses, expected, strict=True):
            np.testing.assert_array_equal(a.tokens, b.tokens)
            np.testing.assert_array_equal(a.attention, b.attention)


def test_an_empty_source_gives_no_hypothesis_and_never_reaches_the_model() -> None:
    class Touchy(Toy):
        def start(self, sources, among=None):  # type: ignore[no-untyped-def]
            assert all(sources)
            return super().start(sources, among)

    assert Engine(Touchy(seed=1), OPTIONS).run([[], []]) == [[], []]
    assert Engine(Touchy(seed=1), OPTIONS).run([]) == []
    assert [len(h) for h in Engine(Touchy(seed=1), OPTIONS).run([[], [4, 2], []])] == [0, 1, 0]


@pytest.mark.parametrize("workers", [1, 2, 9])
@pytest.mark.parametrize("rows", [1, 2, 64])
def test_what_is_forced_comes_with_its_place_and_is_what_it_is_alone(rows: int, workers: int) -> None:
    targets = [[4, 2], [5, 2], [2], [3, 5, 2], [4, 2], [5, 5, 5, 2], [4, 2]]
    forced = dict(Engine(Toy(seed=5, workers=workers), OPTIONS, rows=rows).force(SOURCES, targets))
    assert sorted(forced) == [i for i, source in enumerate(SOURCES) if source]
    for i, hypothesis in forced.items():
        alone = Toy(seed=5).forced(SOURCES[i], targets[i])
        assert hypothesis.tokens.tolist() == targets[i]
        np.testing.assert_array_equal(hypothesis.log_probs, alone.log_probs)
        np.testing.assert_array_equal(hypothesis.attention, alone.attention)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(lengths=st.lists(st.one_of(st.integers(0, 9), st.integers(0, 5000)), max_size=99), rows=st.integers(1, 70))
def test_every_line_is_in_one_batch_and_no_batch_is_too_big(lengths: list[int], rows: int) -> None:
    groups = batches(lengths, rows)
    assert sorted(i for group in groups for i in group) == [i for i, n in enumerate(lengths) if n]
    for group in groups:
        assert len(group) <= rows
        assert len(group) == 1 or len(group) * max(lengths[i] for i in group) <= TOKENS
    longest = [max(lengths[i] for i in group) for group in groups]
    assert longest == sorted(longest, reverse=True)
