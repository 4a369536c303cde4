"""The tree of errors, and the sentence for a wrong name."""

import inspect

import pytest

from regard import errors
from regard.errors import RegardError, unknown

CLASSES = [c for c in vars(errors).values() if inspect.isclass(c) and c.__module__ == errors.__name__]


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_the_tree_that_is_drawn_is_the_tree_that_is(error: type[RegardError]) -> None:
    assert issubclass(error, RegardError)
    (line,) = (
        line for line in (errors.__doc__ or "").splitlines() if error.__name__ in line.split() and "exit" in line
    )
    assert f"exit {error.exit_code}:" in line


def test_a_wrong_name_is_told_the_nearest_right_one_and_all_of_them() -> None:
    assert (
        unknown("No part", "dott", ["general", "dot"]) == "No part 'dott'. Did you mean 'dot'? There are: dot, general."
    )
    assert unknown("No part", "xyz", ["dot"]) == "No part 'xyz'. There are: dot."
    assert unknown("No part", "xyz", []) == "No part 'xyz'. There are: none."
