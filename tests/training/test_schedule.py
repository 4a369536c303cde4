"""The learning rate of each step."""

import math

import pytest

from regard.sections import Train
from regard.training.schedule import rate


def rates(steps: int = 20, **options: object) -> list[float]:
    return [rate(step, steps, Train(rate=1.0, **options)) for step in range(steps)]  # type: ignore[arg-type]


def test_warm_up_rises_by_equal_amounts_from_above_zero() -> None:
    assert rates(warmup=0.2)[:4] == pytest.approx([0.2, 0.4, 0.6, 0.8])


def test_the_peak_is_the_rate_and_comes_right_after_the_warm_up() -> None:
    for schedule in ("cosine", "linear", "constant"):
        found = rates(warmup=0.2, schedule=schedule)
        assert found[4] == max(found) == 1.0


def test_cosine_linear_and_constant_fall_as_their_names_say() -> None:
    assert rates(warmup=0, schedule="linear")[10] == pytest.approx(0.5)
    assert rates(warmup=0, schedule="cosine")[5] == pytest.approx((1 + math.cos(math.pi / 4)) / 2)
    assert set(rates(warmup=0, schedule="constant")) == {1.0}


@pytest.mark.parametrize("warmup", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_every_step_moves_the_weights_a_little(steps: int, warmup: float) -> None:
    for schedule in ("cosine", "linear", "constant"):
        assert all(0 < value <= 1 for value in rates(steps, warmup=warmup, schedule=schedule))
