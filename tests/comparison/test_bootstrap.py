"""Intervals by resampling: they narrow with more lines, and pairing sees what single intervals hide."""

import numpy as np
import pytest

from regard.comparison.bootstrap import interval, resampled
from regard.metrics.bleu import Bleu
from regard.metrics.cider import Cider
from regard.metrics.exact import Exact


def marks(right: int, lines: int) -> np.ndarray:
    return np.array([[i < right, 1] for i in range(lines)], np.int64)


def test_the_interval_is_that_of_a_share() -> None:
    low, high = interval(resampled(Exact(), [marks(50, 100)], 4000))
    # the normal approximation of a binomial share: 1.96 sqrt(.25 / 100)
    assert (low, high) == (pytest.approx(50 - 9.8, abs=1.1), pytest.approx(50 + 9.8, abs=1.1))
    wider = interval(resampled(Exact(), [marks(500, 1000)], 4000))
    assert wider[1] - wider[0] < (high - low) / 2.5


def test_the_same_lines_are_drawn_alike_so_differences_are_paired() -> None:
    one, other = (resampled(Exact(), [marks(right, 100)], 1000) for right in (50, 60))
    assert np.array_equal(one, resampled(Exact(), [marks(50, 100)], 1000))
    low, _ = interval(other - one)
    assert low > 0  # ten lines more, none fewer: certain, though the two intervals overlap
    assert interval(one)[1] > interval(other)[0]


def test_several_runs_are_their_mean_on_each_drawing() -> None:
    tables = [marks(20, 50), marks(40, 50)]
    together = resampled(Exact(), tables, 300)
    np.testing.assert_allclose(
        together, (resampled(Exact(), tables[:1], 300) + resampled(Exact(), tables[1:], 300)) / 2
    )


def test_a_drawing_of_bleu_is_the_bleu_of_the_drawn_lines() -> None:
    hypotheses, references = ["a b c d", "a b x d e", "q r"], [["a b c d"], ["a b c d e"], ["q r s"]]
    table = Bleu().counts(hypotheses, references)
    weights = np.random.default_rng(3).multinomial(3, np.full(3, 1 / 3), 5)
    drawn = [
        [given for given, n in zip(side, row, strict=True) for _ in range(n)]
        for row in weights
        for side in (hypotheses, references)
    ]
    expected = [Bleu()(h, r).value for h, r in zip(drawn[::2], drawn[1::2], strict=True)]
    np.testing.assert_allclose(resampled(Bleu(), [table], 5), expected)


def test_a_drawing_of_cider_keeps_the_frequencies_of_the_whole_set() -> None:
    hypotheses, references = ["a b c", "a b d", "q r"], [["a b c", "a c"], ["a b e"], ["q r s"]]
    table = Cider().counts(hypotheses, references)
    drawn = resampled(Cider(), [table], 300)
    assert table.dtype == np.float64
    assert drawn.mean() == pytest.approx(Cider()(hypotheses, references).value, rel=0.1)
    assert drawn.max() <= 100 * table[:, 0].max() + 1e-9
