"""Attention in numbers, against values worked by hand."""

from math import log

import numpy as np
import pytest

from regard.comparison.gaze import coverage_deviation, entropy
from regard.types import Record


def record(*rows: list[float]) -> Record:
    source = (*(f"\u2581{i}" for i in range(len(rows[0]) - 1)), "</s>")
    tokens = tuple(f"\u2581{i}" for i in range(len(rows)))
    return Record("", "", source, tokens, np.zeros(len(rows), np.float32), np.array(rows, np.float32))


def test_entropy_is_zero_on_one_place_and_log_n_on_n_alike() -> None:
    assert entropy([record([1, 0, 0])]) == 0
    assert entropy([record([0.25] * 4)]) == pytest.approx(log(4))
    assert entropy([record([1, 0, 0, 0], [0.25] * 4)]) == pytest.approx(log(4) / 2)


def test_coverage_is_how_far_from_once_each_place_is_looked_at() -> None:
    assert coverage_deviation([record([1, 0, 0], [0, 1, 0])]) == 0
    assert coverage_deviation([record([1, 0, 0], [1, 0, 0])]) == 1  # one place twice, one never
    assert coverage_deviation([record([0.5, 0.25, 0.25])]) == pytest.approx(
        (0.5 + 0.75) / 2
    )  # the end sign is left out


def test_what_looks_nowhere_has_neither() -> None:
    nowhere = [record([0, 0, 0])]
    assert entropy(nowhere) is None
    assert coverage_deviation(nowhere) is None
    assert entropy([*nowhere, record([1, 0, 0])]) == 0
