"""Greedy search told step by step: what a beam of one finds."""

import numpy as np
import pytest

from regard.decode.search import search
from regard.decode.stream import stream
from regard.errors import ModelError
from regard.sections import Decode
from regard.types import EOS
from toy import Toy

OPTIONS = Decode(beam=1, ratio=1.0, extra=3)


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_beam_of_one(seed: int) -> None:
    source = [5, 4, 3, 5, 2][seed % 4 :]
    steps = list(stream(Toy(seed=seed), source, OPTIONS))
    ((found,),) = search(Toy(seed=seed), [source], OPTIONS)
    assert [step.token for step in steps] == found.tokens.tolist()
    np.testing.assert_array_equal(np.array([step.log_prob for step in steps], np.float32), found.log_probs)
    np.testing.assert_array_equal(np.stack([step.attention for step in steps]), found.attention)


def test_it_ends_at_the_limit() -> None:
    steps = list(stream(Toy(seed=3, sharpness=0.1), [4, 2], Decode(ratio=0.0, extra=2)))
    assert len(steps) <= 2
    assert steps[-1].token == EOS
    assert [step.token for step in stream(Toy(seed=3), [4, 2], Decode(ratio=0.0, extra=0))] == [EOS]


def test_an_empty_source_gives_nothing() -> None:
    assert list(stream(Toy(seed=3), [], OPTIONS)) == []


def test_a_step_is_told_before_the_next_is_taken() -> None:
    class Counted(Toy):
        def step(self, *arguments):  # type: ignore[no-untyped-def]
            steps.append(1)
            return super().step(*arguments)

    steps: list[int] = []
    told = stream(Counted(seed=1), [4, 5, 6, 2], OPTIONS)
    next(told)
    assert len(steps) == 1


def test_damaged_weights_are_told() -> None:
    class Damaged(Toy):
        def log_probs(self, source, prefix):  # type: ignore[no-untyped-def]
            return super().log_probs(source, prefix) * np.nan

    with pytest.raises(ModelError, match="not numbers"):
        list(stream(Damaged(seed=1), [4, 2], OPTIONS))
