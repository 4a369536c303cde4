"""Given targets through the steps of a back end: what a search that finds them would say."""

import numpy as np

from regard.decode.force import force
from toy import Toy

SOURCES = [[4, 5, 2], [5, 2], [4, 4, 4, 4, 2]]
TARGETS = [[3, 2], [4, 5, 3, 5, 2], [2]]


def test_each_target_is_what_it_is_alone_whatever_the_lengths_of_the_others() -> None:
    toy = Toy(seed=3)
    for found, source, target in zip(force(toy, SOURCES, TARGETS), SOURCES, TARGETS, strict=True):
        expected = toy.forced(source, target)
        assert found.tokens.tolist() == target
        np.testing.assert_array_equal(found.log_probs, expected.log_probs)
        np.testing.assert_array_equal(found.attention, expected.attention)
