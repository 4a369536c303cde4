"""Single kinds of phrases: what stands where, in two languages."""

from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from random import Random

import pytest
from babel.dates import format_date, format_skeleton

from regard.data.phrasebook import amounts, dates, kinds, numbers, spelled
from regard.data.phrasebook.kind import Kind
from regard.data.phrasebook.pair import Pair, Way, open_pair, tidy, unambiguous
from regard.data.phrasebook.phrase import words


@pytest.fixture(scope="module")
def french() -> Pair:
    return open_pair("en", "fr")


@pytest.mark.parametrize(
    ("way", "english", "translated"),
    [
        (dates.from_now(-3, "day"), "3 days ago", "il y a 3 jours"),
        (dates.from_now(2, "week"), "in 2 weeks", "dans 2 semaines"),
        (dates.from_now(13, "month"), "in 13 months", "dans 13 mois"),
        (partial(format_date, date(2024, 3, 5), "long"), "March 5, 2024", "5 mars 2024"),
        (partial(format_date, date(2024, 3, 5), "full"), "Tuesday, March 5, 2024", "mardi 5 mars 2024"),
        (partial(dates.hours, time(15, 45), time(17, 0)), "3:45 \u2013 5:00 PM", "15:45 \u2013 17:00"),
        (numbers.compact(1_200_000, "long"), "1.2 million", "1,2 million"),
        (amounts.currency_name(12, "CHF"), "12 Swiss francs", "12 francs suisses"),
        (amounts.price(Decimal("1234.5"), "USD"), "$1,234.50", "1 234,50 $US"),
        (amounts.measure(12, "area-square-kilometer", "long"), "12 square kilometers", "12 kilomètres carrés"),
        (amounts.rate(25, "volume-liter", "duration-minute"), "25 liters per minute", "25 litres par minute"),
        (partial(spelled.spell, 75, "cardinal"), "seventy-five", "soixante-quinze"),
        (partial(spelled.spell, 1984, "year"), "nineteen eighty-four", "mille neuf cent quatre-vingt-quatre"),
        (
            partial(spelled.in_words, 75, amounts.measure(75, "length-kilometer", "long")),
            "seventy-five kilometers",
            "soixante-quinze kilomètres",
        ),
    ],
)
def test_words_change_places(french: Pair, way: Way, english: str, translated: str) -> None:
    assert french.say(way) == (english, translated)


def test_a_moment_joins_date_and_time_as_the_locale_does() -> None:
    way = partial(dates.date_and_time, datetime(2024, 3, 5, 15, 45), "medium")
    assert open_pair("en", "de").say(way) == ("Mar 5, 2024, 3:45 PM", "05.03.2024, 15:45")


def test_what_reads_the_same_in_the_source_has_the_plainest_translation() -> None:
    german = open_pair("en", "de")
    long, medium = (partial(format_date, date(2024, 5, 3), style) for style in ("long", "medium"))
    assert german.say(medium) == ("May 3, 2024", "03.05.2024")
    assert german.say(medium, long) == ("May 3, 2024", "3. Mai 2024")


def test_things_that_the_source_confuses_are_left_out() -> None:
    sayings = [("Latin", "Latein"), ("Latin", "Lateinisch"), ("Greek", "Griechisch"), ("Greek", "Griechisch")]
    assert unambiguous(sayings, lambda saying: [saying]) == [sayings[0], sayings[2], sayings[3]]


def test_german_numbers_in_one_word_are_drawn_only_up_to_a_hundred() -> None:
    speller = spelled.Speller(open_pair("en", "de"))
    assert speller.say(75, "cardinal") == ("seventy-five", "fünfundsiebzig")
    assert speller.say(4_376, "cardinal") is None
    assert spelled.Speller(open_pair("en", "fr")).say(4_376, "cardinal") == (
        "four thousand, three hundred and seventy-six",
        "quatre mille trois cent soixante-seize",
    )


def test_french_ordinals_that_num2words_misspells_are_not_said(french: Pair) -> None:
    assert spelled.spell(80, "ordinal", locale=french.target) == ""
    assert spelled.spell(81, "ordinal", locale=french.target) == "quatre-vingt-unième"


def test_units_without_a_long_name_take_the_short_one() -> None:
    way = amounts.measure(4, "duration-hour", "long")
    assert open_pair("en", "ja").say(way) == ("4 hours", "4 時間")


def test_a_kind_that_is_exhausted_ends() -> None:
    two = Kind("two", 1, lambda random: random.choice((("a", "b"), ("c", "d"))), atoms=(("e", "f"),))
    said = list(kinds.stream([two], Random(1)))
    assert sorted(phrase.source for phrase in said) == ["a", "c", "e"]
    assert [phrase.source for phrase in said if phrase.atom] == ["e"]


def test_texts_are_tidied() -> None:
    assert tidy(" 1\u202f234\u00a0e\u0301\u200f \n") == "1 234 é"


def test_words_are_letters_digits_marks_and_ideographs() -> None:
    assert words("l\u2019Est, 12:30") == ["l", "\u2019", "Est", ",", "1", "2", ":", "3", "0"]
    assert words("2024年3月") == ["2", "0", "2", "4", "年", "3", "月"]
    assert words("हिन्दी भाषा") == ["हिन्दी", "भाषा"]


def test_the_quarter_comes_from_the_skeleton(french: Pair) -> None:
    way = partial(format_skeleton, "yQQQQ", datetime(2024, 3, 5))
    assert french.say(way) == ("1st quarter 2024", "1er trimestre 2024")
