"""Numbers in words: cardinals, ordinals, years, and counted things ("seventy-five kilometers")."""

from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import chain
from random import Random

from babel import Locale
from num2words import CONVERTER_CLASSES, num2words

from regard.data.phrasebook.amounts import currencies, currency_name, measure, units
from regard.data.phrasebook.kind import Draw, Kind
from regard.data.phrasebook.pair import Pair, Saying, Way
from regard.data.phrasebook.phrase import Phrase

# Enough to meet every word of the languages that write numbers in several words.
_ATOMS = (*range(102), *range(200, 1000, 100), 250, 1000, 1250, 2000, 5000)
# Where num2words has another code, or another script, than CLDR.
_CODES = {"nb": "no", "kk": "kz", "sr": "", "sr_Latn": "sr"}
# Languages in which a number above two still agrees with, or changes, what it counts.
_AGREEING = frozenset({"ar", "cy", "he", "is", "lt", "lv"})


def kinds(pair: Pair) -> Iterator[Kind]:
    """All kinds that num2words can spell in both languages."""
    speller = Speller(pair)
    if not speller.cardinals:
        return
    yield Kind("cardinals", 7, _either(pair, speller, "cardinal", 5), tuple(speller.cardinals))
    if speller.ordinals:
        yield Kind("ordinals", 4, _either(pair, speller, "ordinal", 4), tuple(speller.ordinals))
    if speller.distinct(1984, "year", pair.source):
        yield Kind("years", 3, lambda random: speller.say(random.randrange(1100, 2100), "year"))
    if not {pair.source.language, pair.target.language} & _AGREEING:
        yield Kind("counted", 6, _counted(pair))


@lru_cache(maxsize=4096)
def spell(number: int, form: str, *, locale: Locale) -> str:
    """A number in words, or an empty text where num2words cannot."""
    try:
        text = str(num2words(number, lang=_code(locale), to=form))  # type: ignore[no-untyped-call]
    except (NotImplementedError, LookupError, TypeError, AttributeError):
        return ""  # its converters fail in all these ways where a language is incomplete
    return "" if "tsième" in text else text  # it keeps the plural s inside French 80th and 200th


def _code(locale: Locale) -> str:
    """The name that num2words has for the language of a locale, or an empty one."""
    names = [f"{locale.language}_{part}" for part in (locale.script, locale.territory) if part]
    codes = [_CODES.get(name, name) for name in (*names, locale.language)]
    return next((code for code in codes if code in CONVERTER_CLASSES), "")


class Speller:
    """Spells numbers of which every word is among the words of its atoms.

    German writes 275 in one word: it could be drawn only once, and nothing
    would be learned from it. English and French build it of known words.
    """

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.cardinals = self._atoms("cardinal")
        self.ordinals: list[Saying] = []
        if pair.both(partial(self.distinct, 7, "ordinal")):
            self.ordinals = self._atoms("ordinal")
        atoms = [Phrase(*saying, "") for saying in (*self.cardinals, *self.ordinals)]
        self.known = set(chain.from_iterable(atom.vocabulary() for atom in atoms))

    def _atoms(self, form: str) -> list[Saying]:
        sayings = [self.pair.say(partial(spell, number, form)) for number in _ATOMS]
        return [saying for saying in sayings if all(saying)]

    @staticmethod
    def distinct(number: int, form: str, locale: Locale) -> bool:
        """Whether a language has this form and does not use the cardinal for it."""
        return spell(number, form, locale=locale) not in ("", spell(number, "cardinal", locale=locale))

    def say(self, number: int, form: str) -> Saying | None:
        """The number in words, if both languages have them and all are known."""
        saying = self.pair.say(partial(spell, number, form), partial(spell, number, "cardinal"))
        known = all(saying) and Phrase(*saying, "").vocabulary() <= self.known
        return saying if known else None


def _either(pair: Pair, speller: Speller, form: str, digits: int) -> Draw:
    """One number in words, or two small ones joined."""

    def draw(random: Random) -> Saying | None:
        if random.random() < 0.7:
            return speller.say(random.randrange(10 ** random.randint(3, digits)), form)
        sayings = [speller.say(random.randint(1, 100), form) for _ in range(2)]
        joined = [saying for saying in sayings if saying]
        return pair.listed(random, joined) if len(joined) == 2 else None

    return draw


def _counted(pair: Pair) -> Draw:
    measured, paid = units(pair), currencies(pair)

    def draw(random: Random) -> Saying | None:
        number = 10 * random.randrange(10) + random.randint(3, 9)  # one and two agree with what they count
        thing = random.choice((*measured, *paid))
        way = currency_name(number, thing) if thing in paid else measure(number, thing, "long")
        return pair.say(partial(in_words, number, way))

    return draw


def in_words(number: int, way: Way, *, locale: Locale) -> str:
    """What `way` writes, with the number (below 1,000) spelled; empty if it does not write it."""
    before, digits, after = way(locale=locale).partition(str(number))
    return before + spell(number, "cardinal", locale=locale) + after if digits else ""
