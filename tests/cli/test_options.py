"""Every part is listed, with what may be chosen."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from regard.build import find, names, options
from regard.config import PARTS, SCHEMAS

EVERY = [(section, kind, name) for section, kind in PARTS.items() for name in names(kind)]


def test_every_part_is_listed_with_its_options_types_and_defaults(call: Callable[..., Any]) -> None:
    done = call("options")
    assert (done.code, done.err) == (0, "")
    for section, kind, name in EVERY:
        shown = done.out.partition(f'[{section}] name = "{name}"\n')[2].partition("\n\n")[0]
        assert shown
        for option in options(find(kind, name)).values():
            default = "required" if option.default is inspect.Parameter.empty else repr(option.default)
            assert f"    {option.name} = {default}  ({option.wants})\n        {option.help}" in shown


def test_every_section_is_listed_and_every_option_is_explained(call: Callable[..., Any]) -> None:
    out = call("options").out
    for section, schema in SCHEMAS.items():
        shown = out.partition(f"[{section}]\n")[2].partition("\n\n")[0]
        for option in options(schema).values():
            assert option.help
            assert option.help in shown
    assert "train = required" in out


@pytest.mark.parametrize("asked", ["additive", "attention.additive"])
def test_one_part_is_shown_by_its_name(call: Callable[..., Any], asked: str) -> None:
    out = call("options", asked).out
    assert out.startswith('[attention] name = "additive"\n')
    assert out.count("[") == 1


@pytest.mark.parametrize("asked", ["attention", "codec", "codecs"])
def test_the_parts_of_a_section_are_shown(call: Callable[..., Any], asked: str) -> None:
    out = call("options", asked).out
    (kind,) = {kind for section, kind in PARTS.items() if asked in (section, kind)}
    assert out.count("] name = ") == len(names(kind))


def test_the_options_of_a_section_are_shown(call: Callable[..., Any]) -> None:
    out = call("options", "train").out
    assert out.startswith("[train]\n")
    assert "    rate = 0.002  (a number >= 0)\n" in out
    assert out.count("\n\n") == 1


def test_a_wrong_name_is_told_with_the_nearest(call: Callable[..., Any]) -> None:
    done = call("options", "aditive")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("regard: There is no section or part 'aditive'. Did you mean 'additive'? There are: ")
    assert done.err.count("\n") == 1
