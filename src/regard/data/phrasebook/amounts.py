"""Money, measures, durations and rates: number agreement, and adjectives that change sides."""

import itertools
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from random import Random
from typing import Literal

from babel import Locale
from babel.numbers import format_currency, get_currency_precision
from babel.units import UnknownUnitError, format_compound_unit, format_unit

from regard.data.phrasebook.kind import Kind
from regard.data.phrasebook.pair import Pair, Saying, Way, unambiguous

Length = Literal["long", "short"]
_LENGTHS: tuple[Length, ...] = ("long", "short")
_CURRENCIES = "USD EUR GBP JPY CHF CAD AUD NZD CNY INR RUB BRL MXN KRW TRY DKK SEK NOK PLN CZK HUF UAH ILS EGP MAD ZAR"
_SIGNED = "USD EUR GBP JPY CAD AUD INR KRW"  # those that people write with a sign
_UNITS = (
    "length-kilometer length-meter length-centimeter length-millimeter length-mile length-yard "
    "length-foot length-inch length-nautical-mile length-light-year area-square-kilometer "
    "area-square-meter area-hectare area-square-mile area-square-foot area-acre volume-liter "
    "volume-milliliter volume-cubic-meter volume-cubic-centimeter volume-gallon volume-fluid-ounce "
    "mass-kilogram mass-gram mass-milligram mass-pound mass-ounce duration-second duration-minute "
    "duration-hour duration-day duration-week duration-month duration-year duration-millisecond "
    "speed-kilometer-per-hour speed-meter-per-second speed-mile-per-hour speed-knot temperature-celsius "
    "temperature-fahrenheit digital-byte digital-kilobyte digital-megabyte digital-gigabyte "
    "frequency-megahertz electric-volt power-watt power-kilowatt power-horsepower energy-kilojoule "
    "energy-kilowatt-hour pressure-hectopascal"
)
_DURATIONS = "year month week day hour minute second"
# No lengths: "miles per hour" is a unit of its own, with its own plural.
_PARTS = "volume-liter volume-cubic-meter mass-gram mass-kilogram digital-megabyte digital-gigabyte energy-kilojoule"
_WHOLES = "duration-second duration-minute duration-hour duration-day duration-week"


def kinds(pair: Pair) -> Iterator[Kind]:
    """All kinds that say how much."""
    money, measures = currencies(pair), units(pair)
    if money:
        yield Kind("money", 6, lambda random: _money(pair, random, money))
    if measures:
        yield Kind("measures", 8, lambda random: _measure(pair, random, measures))
    durations = [unit for unit in _DURATIONS.split() if f"duration-{unit}" in measures]
    if len(durations) > 2:
        yield Kind("durations", 6, lambda random: _duration(pair, random, durations))
    every = itertools.product(_PARTS.split(), _WHOLES.split())
    rates = [(part, whole) for part, whole in every if _has_rate(pair, part, whole)]
    if rates:
        yield Kind("rates", 4, lambda random: pair.say(rate(_number(random), *random.choice(rates))))


def currencies(pair: Pair) -> list[str]:
    """Currencies that the source does not confuse, by name or by sign."""

    def readings(code: str) -> list[Saying]:
        named = [pair.say(currency_name(number, code)) for number in (1, 2, 5)]
        return [*named, pair.say(price(Decimal(5), code), currency_name(5, code))]

    return unambiguous(_CURRENCIES.split(), readings)


def units(pair: Pair) -> list[str]:
    """Units that both languages have and that the source does not confuse."""
    both = [unit for unit in _UNITS.split() if pair.both(partial(_has_unit, unit))]
    return unambiguous(
        both,
        lambda unit: [
            pair.say(measure(number, unit, length), measure(number, unit, "long"))
            for number in (1, 2, 5)
            for length in _LENGTHS
        ],
    )


def currency_name(number: int | Decimal, code: str) -> Way:
    """So much money by its name, "12 Swiss francs"; decimals only if there are any."""
    whole = number == int(number)
    return partial(format_currency, Decimal(number), code, format_type="name", currency_digits=not whole)


def price(number: Decimal, code: str) -> Way:
    """So much money with its sign: "$12.00"."""
    return partial(format_currency, number, code)


def measure(number: int | Decimal, unit: str, length: Length) -> Way:
    """So many of a unit, "12 kilometers" or "12 km"."""
    return partial(_measured, number, unit, length)


def _measured(number: int | Decimal, unit: str, length: Length, *, locale: Locale) -> str:
    text = format_unit(number, unit, length, locale=locale)
    if unit in text:  # Babel writes the code where only the short pattern exists (CLDR inherits it)
        text = format_unit(number, unit, "short", locale=locale)
    return text


def rate(number: int, part: str, whole: str) -> Way:
    """So many of a unit in each of another: "25 liters per minute"."""
    return partial(_rate, number, part, whole)


def _rate(number: int, part: str, whole: str, *, locale: Locale) -> str:
    return format_compound_unit(number, part, denominator_unit=whole, locale=locale) or ""


def _has_unit(unit: str, locale: Locale) -> bool:
    try:
        return unit not in _measured(2, unit, "long", locale=locale)
    except UnknownUnitError:
        return False


def _has_rate(pair: Pair, part: str, whole: str) -> bool:
    """Where CLDR has no name for the whole, Babel writes its code."""
    if not pair.both(partial(_has_unit, part)):
        return False
    texts = pair.say(rate(25, part, whole))
    return all(text and whole not in text and not text.endswith("25") for text in texts)


def _number(random: Random) -> int:
    return random.randint(1, 10 ** random.randint(1, 3))


def _money(pair: Pair, random: Random, codes: list[str]) -> Saying:
    code = random.choice(codes)
    amount = Decimal(random.randint(1, 10 ** random.randint(1, 5)))
    if get_currency_precision(code) == 2 and random.random() < 0.3:
        amount += Decimal(random.randint(1, 99)).scaleb(-2)
    if code in _SIGNED.split() and random.random() < 0.6:
        return pair.say(price(amount, code), currency_name(amount, code))
    return pair.say(currency_name(amount, code))


def _measure(pair: Pair, random: Random, names: list[str]) -> Saying:
    unit, places = random.choice(names), random.choice((0, 0, 1))
    number = Decimal(_number(random)).scaleb(-places)
    if number == int(number):
        number = Decimal(int(number))  # "1.0" is written as 1, but would take the plural
    return pair.one_of(random, [measure(number, unit, length) for length in _LENGTHS])


def _duration(pair: Pair, random: Random, names: list[str]) -> Saying:
    """Two or three neighbouring units, the largest first: "3 hours and 20 minutes"."""
    count = random.choice((2, 2, 3))
    first = random.randrange(len(names) - count + 1)
    sizes = {"month": 11, "week": 4, "day": 6, "hour": 23}
    parts = [
        pair.say(measure(random.randint(1, sizes.get(unit, 59)), f"duration-{unit}", "long"))
        for unit in names[first : first + count]
    ]
    return pair.joined(parts)
