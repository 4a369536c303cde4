"""The public face: what `import regard` promises."""

import importlib
import inspect
import pydoc
import re
import subprocess
import sys
from pathlib import Path

import pytest

import letters
import regard


def test_the_names_are_sorted_and_each_stands_once() -> None:
    assert regard.__all__ == sorted(set(regard.__all__))


@pytest.mark.parametrize("name", regard.__all__)
def test_every_name_is_there_and_documented(name: str) -> None:
    value = getattr(regard, name)
    assert inspect.getdoc(value)
    assert value.__module__.startswith("regard.")


@pytest.mark.parametrize("name", regard.__all__)
def test_every_public_method_is_documented(name: str) -> None:
    value = getattr(regard, name)
    for member, found in vars(value).items() if inspect.isclass(value) else ():
        if not member.startswith("_") and inspect.isfunction(found):
            assert inspect.getdoc(found), f"{name}.{member}"


def test_type_checkers_see_the_same_names_at_the_same_places() -> None:
    assert regard.__file__
    text = Path(regard.__file__).read_text(encoding="utf-8")
    seen = {
        alias or name: f"{module}.{name}"
        for module, name, alias in re.findall(
            r"^    from regard\.(\S+) import (\w+)(?: as (\w+))?$", text, re.MULTILINE
        )
    }
    assert seen == regard._HOMES


def test_importing_it_loads_nothing_heavy() -> None:
    script = "import sys, regard; regard.RegardError; regard.read_config; sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, env=letters.ENVIRONMENT)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_name_that_is_not_there_is_an_ordinary_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'regard' has no attribute 'lode'"):
        regard.lode  # noqa: B018


def test_a_star_import_gives_all_names() -> None:
    names: dict[str, object] = {}
    exec("from regard import *", names)
    assert names.keys() >= set(regard.__all__)


def test_the_help_page_of_the_package_shows_its_use() -> None:
    assert 'regard.load("runs/pairs")' in pydoc.render_doc(importlib.import_module("regard"))
