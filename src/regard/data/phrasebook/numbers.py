"""Numbers in digits: grouped, with decimals, in percent, and shortened ("1.2 million")."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from random import Random
from typing import Literal

from babel.numbers import format_compact_decimal, format_decimal, format_percent

from regard.data.phrasebook.kind import Kind
from regard.data.phrasebook.pair import Pair, Saying, Way

Length = Literal["long", "short"]
_LENGTHS: tuple[Length, ...] = ("long", "short")


def kinds(pair: Pair) -> Iterator[Kind]:
    """All kinds that are digits."""
    yield Kind("numbers", 3, lambda random: pair.say(partial(format_decimal, some_decimal(random))))
    yield Kind("percents", 2, lambda random: pair.say(some_percent(random)))
    lengths = pair.shared(_LENGTHS, lambda locale: locale.compact_decimal_formats)
    if lengths:
        yield Kind("compact", 3, lambda random: _compact(pair, random, lengths))


def some_decimal(random: Random) -> Decimal:
    """A number of one to seven digits, every second one with one or two decimals."""
    number = Decimal(random.randrange(10 ** random.randint(1, 7)))
    places = random.choice((0, 0, 1, 2))
    return number.scaleb(-places) if places else number


def some_percent(random: Random) -> Way:
    """A share of up to a thousand in a hundred, every second one with a decimal."""
    share = Decimal(random.randint(1, 1000)).scaleb(-random.choice((2, 3)))
    return partial(format_percent, share, decimal_quantization=False)


def compact(number: int, length: Length) -> Way:
    """A large number with a word or a letter for its size."""
    return partial(format_compact_decimal, number, format_type=length, fraction_digits=2)


def _compact(pair: Pair, random: Random, lengths: list[Length]) -> Saying:
    # Three digits that count: more would be rounded away in one language and not in the other.
    number = random.randint(1, 999) * 10 ** random.randint(3, 9)
    plain = partial(format_decimal, number)  # what some locales write instead
    length = random.randrange(len(lengths))
    plainer = [compact(number, name) for name in lengths[:length]]
    return pair.say(compact(number, lengths[length]), plain, *plainer)
