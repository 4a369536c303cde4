"""Names of countries, languages, scripts, weekdays and months, alone and in lists."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from random import Random

from babel import Locale
from babel.localedata import locale_identifiers

from regard.data.phrasebook.kind import Draw, Kind
from regard.data.phrasebook.pair import Pair, Saying, tidy, unambiguous

# Codes: what CLDR holds beside countries: groups of countries, and places where nobody lives.
_NO_COUNTRIES = "AC BV CP CQ DG EA EU EZ GS HM IC IO QO TA TF UM UN XA XB ZZ"
_LANGUAGES = (
    "af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy id is it "
    "ja ka kk km kn ko ky la lo lt lv mi mk ml mn mr ms mt my nb ne nl pa pl ps pt ro ru sa sd si sk sl "
    "so sq sr sv sw ta te tg th tk tr uk ur uz vi yi yo zh zu"
)
_SCRIPTS = (
    "Arab Armn Beng Cher Cyrl Deva Ethi Geor Goth Grek Gujr Guru Hang Hebr Hira Kana Khmr Knda Laoo "
    "Latn Mlym Mong Mymr Orya Runr Sinh Syrc Taml Telu Thaa Thai Tibt"
)


def kinds(pair: Pair) -> Iterator[Kind]:
    """Lists of names, and languages as they are written or spoken somewhere."""
    countries = _named(pair, _places(pair), lambda locale: locale.territories)
    languages = _named(pair, _LANGUAGES.split(), lambda locale: locale.languages)
    scripts = _named(pair, _SCRIPTS.split(), lambda locale: locale.scripts)
    # "Latin" names a language and a script: kept only where the target, too, has one word for both.
    every = [*countries.values(), *languages.values(), *scripts.values()]
    clear = frozenset(unambiguous(every, lambda saying: [saying]))
    families = (
        ("countries", 6, tuple(saying for saying in countries.values() if saying in clear)),
        ("languages", 4, tuple(saying for saying in languages.values() if saying in clear)),
        ("scripts", 2, tuple(saying for saying in scripts.values() if saying in clear)),
    )
    for name, weight, sayings in families:
        if len(sayings) > 1:
            yield Kind(name, weight, _some_of(pair, sayings, 2), sayings)
    variants = _variants(languages, countries | scripts, clear)
    if variants:
        yield Kind("variants", 4, _some_of(pair, variants, 1))
    calendar = _calendar(pair)
    yield Kind("calendar", 3, _of_one_sort(pair, calendar), tuple(name for sort in calendar for name in sort))


def _places(pair: Pair) -> list[str]:
    """The codes of countries; those of three digits are parts of the world."""
    codes = sorted(str(code) for code in pair.source.territories)
    return [code for code in codes if len(code) == 2 and code not in _NO_COUNTRIES.split()]


def _named(pair: Pair, codes: list[str], names: Callable[[Locale], Mapping[str, str]]) -> dict[str, Saying]:
    """What both languages call each of the codes that both know."""
    shared = pair.shared(codes, names)
    return {code: (tidy(names(pair.source)[code]), tidy(names(pair.target)[code])) for code in shared}


def _variants(
    languages: dict[str, Saying], qualities: dict[str, Saying], clear: Container[Saying]
) -> tuple[Saying, ...]:
    """The languages as CLDR has them in places and scripts: "French (Canada)", "Serbian (Latin)"."""
    parts = [code.split("_")[:2] for code in sorted(locale_identifiers()) if "_" in code]
    real = [(languages[one], qualities[two]) for one, two in parts if one in languages and two in qualities]
    return tuple(
        dict.fromkeys(
            (f"{language[0]} ({quality[0]})", f"{language[1]} ({quality[1]})")
            for language, quality in real
            if language in clear and quality in clear and "(" not in "".join(quality)
        )
    )


def _calendar(pair: Pair) -> list[list[Saying]]:
    """The weekdays and the months, as they stand alone."""

    def stand(locale: Locale) -> tuple[Mapping[int, str], Mapping[int, str]]:
        return locale.days["stand-alone"]["wide"], locale.months["stand-alone"]["wide"]

    sorts = zip(stand(pair.source), stand(pair.target), strict=True)
    both = [[(tidy(one[key]), tidy(other[key])) for key in sorted(one)] for one, other in sorts]
    return [unambiguous(sort, lambda saying: [saying]) for sort in both]


def _some_of(pair: Pair, sayings: Sequence[Saying], fewest: int) -> Draw:
    """Up to four of the sayings in a list."""

    def draw(random: Random) -> Saying:
        return pair.listed(random, random.sample(sayings, min(len(sayings), random.randint(fewest, 4))))

    return draw


def _of_one_sort(pair: Pair, sorts: list[list[Saying]]) -> Draw:
    def draw(random: Random) -> Saying:
        sort = random.choice(sorts)
        return pair.listed(random, random.sample(sort, min(len(sort), random.randint(2, 5))))

    return draw
