"""From names in a config to parts: the folder and the file name are the registry.

A part is one file with one class, `regard/<kind>/<name>.py`. What the model
knows (sizes) comes before the `*` of its constructor; what a user may choose
comes after it, typed, with its default: the constructor is the schema.
"""

import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from regard.errors import ConfigError, unknown

LARGEST = 2**63  # what TOML promises to hold; so neither infinity nor "not a number" is a number


@dataclass(frozen=True, slots=True)
class Range:
    """The values that a number may have, both ends included."""

    least: float
    most: float = float("inf")

    def __str__(self) -> str:
        """As it reads in a message."""
        return f">= {self.least:g}" if self.most == float("inf") else f"from {self.least:g} to {self.most:g}"


Size = Annotated[int, Range(1)]
Count = Annotated[int, Range(0)]
Share = Annotated[float, Range(0, 1)]
Amount = Annotated[float, Range(0)]


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a user may choose: its name, type and default, and what it does."""

    name: str
    type: Any
    default: Any
    help: str

    @property
    def wants(self) -> str:
        """The type and the range, as a person says them."""
        return describe(self.type)


def names(kind: str) -> list[str]:
    """Every part of a kind: simply the files in its folder."""
    package = importlib.import_module(f"regard.{kind}")
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def find(kind: str, name: str) -> type[Any]:
    """The class that a part's file defines: its subclass of the folder's abstract class."""
    if name not in names(kind):
        raise ConfigError(unknown(f"There is no {kind.removesuffix('s')} called", name, names(kind)))
    package = importlib.import_module(f"regard.{kind}")
    bases = tuple(c for c in vars(package).values() if inspect.isabstract(c) and c.__module__ == package.__name__)
    module = importlib.import_module(f"regard.{kind}.{name}")
    own = [c for c in vars(module).values() if inspect.isclass(c) and c.__module__ == module.__name__]
    (part,) = (c for c in own if issubclass(c, bases) and not inspect.isabstract(c))
    return part


def options(schema: Callable[..., Any]) -> dict[str, Option]:
    """What a user may choose: the keyword-only arguments, in their order."""
    # A class's own help comes from the `Options:` block of its docstring, one `name: text` a line.
    target = schema.__init__ if inspect.isclass(schema) else schema
    hints = typing.get_type_hints(target, include_extras=True)
    told = _told(inspect.getdoc(schema) or "")
    return {
        name: Option(name, hints.get(name, Any), parameter.default, told.get(name, ""))
        for name, parameter in inspect.signature(schema).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def complete(schema: Callable[..., Any], chosen: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The chosen options, checked, with a default for each that was not chosen.

    Raises ConfigError for a name that is not an option, a value of the wrong
    type or out of range, and for an option without default that is missing.
    """
    known = options(schema)
    for name in chosen:
        if name not in known:
            raise ConfigError(unknown(f"{where} has no option", name, known))
    values: dict[str, Any] = {}
    for name, option in known.items():
        value = chosen.get(name, option.default)
        if value is inspect.Parameter.empty:
            raise ConfigError(f"{where} needs {name} ({option.wants}).")
        values[name] = fit(value, option.type, f"{where}: {name}")
    return values


def complete_part(kind: str, section: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A part's section, checked and complete, its name first."""
    chosen = {key: value for key, value in section.items() if key != "name"}
    name = str(section["name"])
    return {"name": name, **complete(find(kind, name), chosen, f"[{where}] {name}")}


def build(kind: str, section: Mapping[str, Any], *known: Any) -> Any:
    """Construct a part from its options and what the model knows."""
    checked = complete_part(kind, section, kind)
    return find(kind, checked.pop("name"))(*known, **checked)


def fit(value: Any, wanted: Any, where: str) -> Any:
    """The value as the wanted type, or ConfigError: 2 is a good float, true is not a good int."""
    base, *limits = typing.get_args(wanted) if typing.get_origin(wanted) is Annotated else (wanted,)
    if not _is(value, base) or not all(limit.least <= value <= limit.most for limit in limits):
        raise ConfigError(f"{where} is {value!r}; it wants {describe(wanted)}.")
    return float(value) if base is float else value


def describe(wanted: Any) -> str:
    """A type as a person says it."""
    if typing.get_origin(wanted) is Annotated:
        base, *limits = typing.get_args(wanted)
        return " ".join([describe(base), *map(str, limits)])
    if typing.get_origin(wanted) is Literal:
        return " | ".join(typing.get_args(wanted))
    if isinstance(wanted, types.UnionType):
        return " or ".join(describe(part) for part in typing.get_args(wanted))
    if typing.get_origin(wanted) is list:
        return f"a list of {describe(typing.get_args(wanted)[0])}"
    return {str: "text", int: "a whole number", float: "a number", bool: "true or false"}.get(wanted, str(wanted))


def _is(value: Any, wanted: Any) -> bool:
    if typing.get_origin(wanted) is Literal:
        return value in typing.get_args(wanted)
    if isinstance(wanted, types.UnionType):
        return any(_is(value, part) for part in typing.get_args(wanted))
    if typing.get_origin(wanted) is list:
        return isinstance(value, list) and all(_is(item, typing.get_args(wanted)[0]) for item in value)
    if wanted in (int, float):
        return isinstance(value, (int, wanted)) and not isinstance(value, bool) and abs(value) < LARGEST
    return isinstance(value, wanted)


def _told(doc: str) -> dict[str, str]:
    lines = iter(doc.partition("Options:\n")[2].splitlines())
    told: dict[str, str] = {}
    for line in lines:
        name, colon, text = line.strip().partition(": ")
        if not line.startswith("    "):
            break
        if colon and name.isidentifier():
            told[name] = text
        elif told:  # a continued line
            told[list(told)[-1]] += " " + line.strip()
    return told
