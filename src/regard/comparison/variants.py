"""What is compared: names for the settings in which runs differ."""

import itertools
import re
from dataclasses import dataclass

from regard.errors import UsageError
from regard.sections import Compare


@dataclass(frozen=True, slots=True)
class Variant:
    """A name, and the `section.option=value` settings that it stands for."""

    name: str
    settings: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """The name as a folder can have it."""
        return re.sub(r"[^\w.=-]+", "-", self.name).strip("-.") or "variant"


def variants(options: Compare) -> list[Variant]:
    """Every combination of what `vary` says, then what `also` says. UsageError for what cannot be read."""
    choices = [_choices(text) for text in listed(options.vary)]
    combined = [_combined(*parts) for parts in itertools.product(*choices)] if choices else []
    found = combined + [_named(text) for text in listed(options.also)] or [Variant("as configured")]
    for one, other in itertools.combinations(found, 2):
        if one.folder == other.folder:
            raise UsageError(f"two variants are called {one.name!r}: give each a name of its own.")
    return found


def listed(value: str | list[str]) -> list[str]:
    """One text or several as several; none for an empty one."""
    return [value] if isinstance(value, str) and value else list(value)


def _choices(text: str) -> list[Variant]:
    key, equals, values = text.partition("=")
    key, option = key.strip(), key.strip().rpartition(".")[2]
    if not (key and equals and values.strip()):
        raise UsageError(f"--vary {text!r} is not of the form section.option=a,b, such as attention.name=none,dot.")
    parts = [value.strip() for value in values.split(",")]
    return [Variant(part if option == "name" else f"{option}={part}", (f"{key}={part}",)) for part in parts if part]


def _combined(*parts: Variant) -> Variant:
    return Variant(" ".join(part.name for part in parts), tuple(s for part in parts for s in part.settings))


def _named(text: str) -> Variant:
    name, colon, settings = text.partition(":")
    if not (name.strip() and colon and settings.split()):
        raise UsageError(f"compare.also {text!r} is not of the form 'name: section.option=value section.option=value'.")
    return Variant(name.strip(), tuple(settings.split()))
