"""Names of countries, languages, scripts, weekdays and months, alone and in lists."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from random import Random

from babel import Locale
from babel.localedata import locale_identifiers

from regard.data.phrasebook.kind import Draw, Kind
from regard.data.phrasebook.pair import Pair, Saying, tidy, unambiguous

# Few enough to be met often: a name that comes up ten times in training is not learned.
_COUNTRIES = (
    "AE AF AL AM AO AR AT AU AZ BA BD BE BG BO BR BY CA CD CF CH CI CL CM CN CO CR CU CY CZ DE DJ DK DO "
    "DZ EC EE EG ES ET FI FR GB GE GH GL GR GT HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KH KR KW "
    "KZ LA LB LI LK LT LU LV LY MA MC MD MG MK ML MM MN MT MX MY NA NE NG NI NL NO NP NZ PA PE PG PH PK "
    "PL PR PT PY QA RO RS RU SA SD SE SG SI SK SN SO SV SY TD TG TH TN TR TW TZ UA UG US UY UZ VE VN XK "
    "YE ZA ZW"
)
_LANGUAGES = (
    "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja "
    "ka kk km ko la lo lt lv mg mk mn ms my nb ne nl pa pl pt ro ru sk sl so sq sr sv sw ta te th tr uk "
    "ur uz vi yo zh zu"
)
_SCRIPTS = "Arab Armn Beng Cyrl Deva Ethi Geor Grek Gujr Guru Hang Hebr Hira Kana Khmr Latn Mlym Taml Telu Thaa Tibt"


def kinds(pair: Pair) -> Iterator[Kind]:
    """Lists of names, and languages as they are written or spoken somewhere."""
    countries = _named(pair, _COUNTRIES.split(), lambda locale: locale.territories)
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
            yield Kind(name, weight, _some_of(pair, sayings, 2, 4), sayings)
    variants = _variants(languages, countries | scripts, clear)
    if variants:
        yield Kind("variants", 4, _some_of(pair, variants, 1, 2))
    calendar = _calendar(pair)
    yield Kind("calendar", 3, _of_one_sort(pair, calendar), tuple(name for sort in calendar for name in sort))


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


def _some_of(pair: Pair, sayings: Sequence[Saying], fewest: int, most: int) -> Draw:
    """Some of the sayings in a list."""

    def draw(random: Random) -> Saying:
        return pair.listed(random, random.sample(sayings, min(len(sayings), random.randint(fewest, most))))

    return draw


def _of_one_sort(pair: Pair, sorts: list[list[Saying]]) -> Draw:
    def draw(random: Random) -> Saying:
        sort = random.choice(sorts)
        return pair.listed(random, random.sample(sort, min(len(sort), random.randint(2, 5))))

    return draw
