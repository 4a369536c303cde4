"""Names in a config to parts, and options to values that are checked."""

import re
from typing import Any, Literal

import pytest

from regard.build import Amount, Count, Range, Share, Size, build, complete, complete_part, describe, find, fit, names
from regard.build import options as options_of
from regard.encoders import Encoder
from regard.errors import ConfigError


def test_parts_are_the_files_of_a_folder() -> None:
    assert names("encoders") == ["backbone", "convolutional", "flow", "picture", "pixels", "recurrent", "transformer"]
    assert find("attention", "none").__name__ == "Nothing"
    assert issubclass(find("encoders", "recurrent"), Encoder)


@pytest.mark.parametrize(
    ("kind", "name", "says"),
    [
        (
            "attention",
            "aditive",
            "There is no attention called 'aditive'. Did you mean 'additive'? There are: additive, concat,",
        ),
        ("decoders", "attend_and_step", "Did you mean 'attend_then_step'?"),
        (
            "encoders",
            "zzz",
            "There is no encoder called 'zzz'. There are: backbone, convolutional, flow, picture, pixels, recurrent, "
            "transformer.",
        ),
        ("attention", "", "There is no attention called ''."),
        ("attention", "../errors", "There is no attention called '../errors'."),
        ("attention", "__init__", "There is no attention called '__init__'."),
    ],
)
def test_a_wrong_name_is_told_the_nearest_right_one(kind: str, name: str, says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        find(kind, name)


class Widget:
    """Something to build.

    Options:
        size: how big it is,
            in cells
        kind: of what: wool or silk
        share: of the whole
        names: by which it goes

    And more about it: here.
    """

    def __init__(
        self,
        known: int,
        *,
        size: Size = 3,
        kind: Literal["wool", "silk"] = "wool",
        share: Share = 0.5,
        names: str | list[str] = "",
        count: Count,
    ) -> None:
        self.known = known


def test_options_are_the_keyword_only_arguments_with_their_help() -> None:
    found = options_of(Widget)
    assert list(found) == ["size", "kind", "share", "names", "count"]
    assert found["size"].help == "how big it is, in cells"
    assert found["kind"].help == "of what: wool or silk"
    assert (found["count"].help, found["size"].default) == ("", 3)
    assert [option.wants for option in found.values()] == [
        "a whole number >= 1",
        "wool | silk",
        "a number from 0 to 1",
        "text or a list of text",
        "a whole number >= 0",
    ]


def test_a_section_is_completed_with_defaults_in_the_order_of_the_constructor() -> None:
    values = complete(Widget, {"count": 2, "share": 1}, "[widget]")
    assert values == {"size": 3, "kind": "wool", "share": 1.0, "names": "", "count": 2}
    assert isinstance(values["share"], float)


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({}, "[widget] needs count (a whole number >= 0)."),
        (
            {"cuont": 1},
            "[widget] has no option 'cuont'. Did you mean 'count'? There are: count, kind, names, share, size.",
        ),
        ({"known": 1, "count": 1}, "[widget] has no option 'known'."),
        ({"count": -1}, "[widget]: count is -1; it wants a whole number >= 0."),
        ({"count": True}, "[widget]: count is True; it wants a whole number"),
        ({"count": 2.0}, "[widget]: count is 2.0; it wants a whole number"),
        ({"count": "2"}, "[widget]: count is '2'; it wants a whole number"),
        ({"count": 1, "share": 1.01}, "[widget]: share is 1.01; it wants a number from 0 to 1."),
        ({"count": 1, "share": False}, "[widget]: share is False; it wants a number"),
        ({"count": 1, "share": float("nan")}, "[widget]: share is nan; it wants a number from 0 to 1."),
        ({"count": 1, "kind": "cotton"}, "[widget]: kind is 'cotton'; it wants wool | silk."),
        ({"count": 1, "kind": ["wool"]}, "[widget]: kind is ['wool']; it wants wool | silk."),
        ({"count": 1, "names": ["a", 1]}, "[widget]: names is ['a', 1]; it wants text or a list of text."),
        ({"count": 1, "names": {"a": 1}}, "[widget]: names is {'a': 1}; it wants text or a list of text."),
    ],
)
def test_a_wrong_option_or_value_is_refused_with_what_is_right(chosen: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        complete(Widget, chosen, "[widget]")


@pytest.mark.parametrize(
    ("value", "wanted", "fitted"),
    [(2, float, 2.0), (0, Amount, 0.0), (7, int, 7), ("a", str, "a"), (["a"], list[str], ["a"]), (False, bool, False)],
)
def test_a_value_fits_its_type(value: Any, wanted: Any, fitted: Any) -> None:
    found = fit(value, wanted, "here")
    assert (found, type(found)) == (fitted, type(fitted))


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 10**400, -1e-9])
def test_an_amount_is_finite_and_not_negative(value: float) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"rate is {value!r}; it wants a number >= 0.")):
        fit(value, Amount, "rate")


def test_ranges_include_their_ends() -> None:
    assert fit(1, Share, "x") == fit(1.0, Share, "x") == 1.0
    assert fit(0, Share, "x") == 0.0
    assert (str(Range(1)), str(Range(0, 0.5))) == (">= 1", "from 0 to 0.5")
    assert describe(bool) == "true or false"


def test_a_part_is_built_from_its_section_and_what_the_model_knows() -> None:
    part = build("attention", {"name": "additive", "size": 5}, 7, 11, build("normalisers", {"name": "softmax"}))
    assert part.query.weight.shape == (5, 7)
    assert build("objectives", {"name": "cross_entropy"}).smoothing == 0.1


def test_a_sections_fault_names_the_part() -> None:
    with pytest.raises(ConfigError, match=re.escape("[attention] additive has no option 'sise'. Did you mean 'size'?")):
        complete_part("attention", {"name": "additive", "sise": 3}, "attention")
    assert complete_part("attention", {"size": 3, "name": "additive"}, "attention") == {"name": "additive", "size": 3}
