"""Dates, times, moments, spans, zones, and how long ago: where words change places most."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Literal

from babel import Locale
from babel.dates import (
    format_date,
    format_interval,
    format_skeleton,
    format_time,
    format_timedelta,
    get_datetime_format,
    get_time_format,
)

from regard.data.phrasebook.kind import Kind
from regard.data.phrasebook.pair import Pair, Saying, Way, tidy, unambiguous

# A hundred years, so that two digits name one year only.
_FIRST, _LAST = date(1950, 1, 1).toordinal(), date(2049, 12, 31).toordinal()
Style = Literal["full", "long", "medium", "short"]
Unit = Literal["second", "minute", "hour", "day", "week", "month", "year"]
_UNITS: dict[Unit, timedelta] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),  # what Babel counts as a month and as a year
    "year": timedelta(days=365),
}
_ZONES = (
    "America_Central America_Eastern America_Pacific Arabian Australia_Eastern Brasilia China "
    "Europe_Central Europe_Eastern Europe_Western GMT India Japan Moscow"
)


def kinds(pair: Pair) -> Iterator[Kind]:
    """All kinds that tell when."""
    styles = _styles(pair)
    yield Kind("dates", 9, lambda random: pair.one_of(random, _date_ways(_some_day(random), styles)))
    days, months = _skeletons(pair, "MMMMd MMMEd"), _skeletons(pair, "yMMMM yMMM yQQQQ yQQQ")
    if days:
        yield Kind("days", 3, lambda random: _by_skeleton(pair, random, days))
    if months:
        yield Kind("months", 3, lambda random: _by_skeleton(pair, random, months))
    yield Kind("times", 4, lambda random: pair.one_of(random, _time_ways(_some_time(random))))
    yield Kind("moments", 6, lambda random: _moment(pair, random, styles))
    spans = _spans(pair, "yMMMd MMMd yMMMEd")
    if spans:
        yield Kind("date spans", 4, lambda random: _date_span(pair, random, spans))
    if pair.both(_has_clock_spans):
        yield Kind("time spans", 3, lambda random: _time_span(pair, random))
    yield Kind("relative", 6, lambda random: _relative(pair, random))
    zones = _zones(pair)
    if zones:
        yield Kind("zones", 4, lambda random: _zoned(pair, random, zones), tuple(zones))


def _some_day(random: Random) -> date:
    return date.fromordinal(random.randint(_FIRST, _LAST))


def _some_time(random: Random) -> time:
    minute = random.choice((0, 15, 30, 45, random.randrange(60)))
    return time(random.randrange(24), minute, random.randrange(60))


def _styles(pair: Pair) -> list[Style]:
    """CLDR's lengths of a date; a few locales leave the weekday out of the full one."""
    full = pair.both(lambda locale: bool({"E", "c"} & set(locale.date_formats["full"].pattern)))
    shorter: list[Style] = ["long", "medium", "short"]
    return ["full", *shorter] if full else shorter


def _skeletons(pair: Pair, names: str) -> list[str]:
    """Those that both have exactly: the nearest one may tell more or less than was asked for."""
    return pair.shared(names.split(), lambda locale: locale.datetime_skeletons)


def _spans(pair: Pair, names: str) -> list[str]:
    return pair.shared(names.split(), lambda locale: locale.interval_formats)


def _has_clock_spans(locale: Locale) -> bool:
    """Babel cannot write the parts of the day ("in the afternoon") that some locales put in a span."""
    spans = locale.interval_formats
    parts = [part for parts in spans.get("hm", {}).values() for part in parts]
    return "Hm" in spans and bool(parts) and not any("B" in part for part in parts)


def _date_ways(day: date, styles: list[Style]) -> list[Way]:
    return [partial(format_date, day, style) for style in styles]


def _time_ways(moment: time) -> list[Way]:
    return [partial(format_time, moment, style) for style in ("short", "medium")]


def _by_skeleton(pair: Pair, random: Random, skeletons: list[str]) -> Saying:
    moment = datetime.combine(_some_day(random), time())
    return pair.one_of(random, [partial(format_skeleton, name, moment) for name in skeletons])


def _moment(pair: Pair, random: Random, styles: list[Style]) -> Saying:
    when = datetime.combine(_some_day(random), _some_time(random))
    return pair.one_of(random, [partial(date_and_time, when, style) for style in styles])


def date_and_time(when: datetime, style: Style, *, locale: Locale) -> str:
    """A date in some length with a short time, in the locale's order."""
    pattern = str(get_datetime_format(style, locale=locale)).replace("'", "")
    clock = format_time(when.time(), "short", locale=locale)
    return pattern.replace("{0}", clock).replace("{1}", format_date(when.date(), style, locale=locale))


def _date_span(pair: Pair, random: Random, skeletons: list[str]) -> Saying | None:
    start = _some_day(random)
    end = start + timedelta(days=random.choice((random.randint(1, 20), random.randint(1, 200))))
    if end.year > start.year:
        return None  # "MMMd" would not tell
    return pair.say(partial(format_interval, start, end, random.choice(skeletons)))


def _time_span(pair: Pair, random: Random) -> Saying | None:
    moments = sorted(_some_time(random).replace(second=0) for _ in range(2))
    return pair.say(partial(hours, *moments)) if moments[0] < moments[1] else None


def hours(start: time, end: time, *, locale: Locale) -> str:
    """From one time to a later one, on the 12- or 24-hour clock that the locale uses."""
    clock = "Hm" if "H" in str(get_time_format("short", locale=locale).pattern) else "hm"
    day = date(2000, 1, 1)
    return format_interval(datetime.combine(day, start), datetime.combine(day, end), clock, locale=locale)


def _relative(pair: Pair, random: Random) -> Saying:
    unit = random.choice(list(_UNITS))
    number = random.choice((random.randint(1, 12), random.randint(1, 300)))
    return pair.say(from_now(random.choice((-number, number)), unit))


def from_now(number: int, unit: Unit) -> Way:
    """So many units ago (negative) or from now, in exactly this unit."""
    never = 10**9  # the threshold at which Babel would take a larger unit
    return partial(format_timedelta, number * _UNITS[unit], unit, never, True)


def _zones(pair: Pair) -> list[Saying]:
    """Names of time zones that both languages have: "Central European Summer Time"."""
    source, target = _zone_names(pair.source), _zone_names(pair.target)
    names = [(source[key], target[key]) for key in source if key in target]
    return unambiguous(names, lambda saying: [saying])


def _zone_names(locale: Locale) -> dict[tuple[str, str], str]:
    """The long names of each zone's generic, standard and summer time."""
    zones = {zone: locale.meta_zones.get(zone, {}).get("long", {}) for zone in _ZONES.split()}
    forms = ("generic", "standard", "daylight")
    return {(zone, form): tidy(names[form]) for zone, names in zones.items() for form in forms if form in names}


def _zoned(pair: Pair, random: Random, zones: list[Saying]) -> Saying:
    clock = pair.say(partial(format_time, _some_time(random), "short"))
    zone = random.choice(zones)
    return f"{clock[0]} {zone[0]}", f"{clock[1]} {zone[1]}"
