"""Two locales that say the same thing: codes -> a pair -> sayings."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, Protocol, TypeVar

from babel import Locale, UnknownLocaleError
from babel.lists import format_list
from babel.localedata import locale_identifiers

from regard.errors import ConfigError, UsageError

Saying = tuple[str, str]
Name = TypeVar("Name", bound=str)
Thing = TypeVar("Thing")
# Signs without a shape (soft hyphen, direction marks); the joiners stay, they are spelling.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


class Way(Protocol):
    """A way of writing: a Babel function of which all but the locale is fixed."""

    def __call__(self, *, locale: Locale) -> str:
        """The text in one language."""
        ...


def tidy(text: str) -> str:
    """One line, plain single spaces, composed letters, no invisible marks."""
    return unicodedata.normalize("NFC", " ".join(_INVISIBLE.sub("", text).split()))


@dataclass(frozen=True)
class Pair:
    """The locale to translate from and the one to translate to."""

    source: Locale
    target: Locale

    def say(self, way: Way, *plainer: Way) -> Saying:
        """Write something in both languages.

        If a plainer way of writing the same thing reads the same in the source
        ("May 5" with the month in full and in short), the plainest of them is
        used: a source must not have two translations.
        """
        text = tidy(way(locale=self.source))
        for other in plainer:
            if tidy(other(locale=self.source)) == text:
                return text, tidy(other(locale=self.target))
        return text, tidy(way(locale=self.target))

    def one_of(self, random: Random, ways: Sequence[Way]) -> Saying:
        """One of several ways of writing the same thing, the plainest first."""
        place = random.randrange(len(ways))
        return self.say(ways[place], *ways[:place])

    def listed(self, random: Random, sayings: Sequence[Saying]) -> Saying:
        """Several sayings joined as each language joins a list, with "and" or "or"."""
        return self.joined(sayings, random.choice(("standard", "or")))

    def joined(self, sayings: Sequence[Saying], style: Literal["standard", "or"] = "standard") -> Saying:
        """Several sayings joined by "and", or by what `style` says."""
        sources, targets = zip(*sayings, strict=True)
        return (
            tidy(format_list(sources, style, locale=self.source)),
            tidy(format_list(targets, style, locale=self.target)),
        )

    def both(self, has: Callable[[Locale], bool]) -> bool:
        """Whether both locales have something."""
        return has(self.source) and has(self.target)

    def shared(self, names: Iterable[Name], known: Callable[[Locale], Container[object]]) -> list[Name]:
        """Those of the names that both locales know."""
        return [name for name in names if name in known(self.source) and name in known(self.target)]


def unambiguous(things: Iterable[Thing], readings: Callable[[Thing], Iterable[Saying]]) -> list[Thing]:
    """The things no source text of which was taken, with another target, by a thing before it."""
    taken: dict[str, str] = {}
    clear: list[Thing] = []
    for thing in things:
        said = dict(readings(thing))
        if all(taken.get(source, target) == target for source, target in said.items()):
            taken |= said
            clear.append(thing)
    return clear


def open_pair(source: str, target: str) -> Pair:
    """Two CLDR codes such as `en`, `pt-BR` or `zh_Hant` -> the pair of locales."""
    pair = Pair(_open(source), _open(target))
    if pair.source.language == pair.target.language and pair.source.script == pair.target.script:
        raise UsageError(
            f"The phrasebook needs two languages; {source!r} and {target!r} are the same one, "
            f"{pair.source.english_name}."
        )
    return pair


def _open(code: str) -> Locale:
    try:
        return Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        codes = sorted(locale_identifiers())
        near = difflib.get_close_matches(code.replace("-", "_"), codes, n=5, cutoff=0.3)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        others = f" The nearest are: {', '.join(near)}." if near else ""
        raise ConfigError(
            f"CLDR has no locale {code!r}.{hint}{others} There are {len(codes)}, such as en, fr, pt_BR and zh_Hant."
        ) from None
