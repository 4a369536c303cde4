"""Made-up tasks whose rule is known, to see what a mechanism can learn, and whether it holds at unseen lengths.

`TASKS` maps a name to the rule that draws one pair of a given length.
"""

import random
from collections.abc import Callable, Iterator, Sequence

from regard.types import Example

SYMBOLS = tuple("abcdefghijklmnopqrst")
VALUES = tuple("12345678")
TABLES = tuple("ABCDEF")

Rule = Callable[[random.Random, int], tuple[list[str], list[str]]]


def copy(draw: random.Random, length: int) -> tuple[list[str], list[str]]:
    """The source itself."""
    source = draw.choices(SYMBOLS, k=length)
    return source, source


def reverse(draw: random.Random, length: int) -> tuple[list[str], list[str]]:
    """The source from its end to its start."""
    source = draw.choices(SYMBOLS, k=length)
    return source, source[::-1]


def lookup(draw: random.Random, length: int) -> tuple[list[str], list[str]]:
    """A value and then tables: the value, then what each table in turn makes of it (Liska et al., 2018).

    "3 B A" asks for 3, B(3), A(B(3)). A table is a permutation of eight
    values; the six tables are the same in all data.
    """
    value, tables = draw.choice(VALUES), draw.choices(TABLES, k=length - 1)
    found = [value]
    for table in tables:
        found.append(_TABLES[table][found[-1]])
    return [value, *tables], found


def _tables() -> dict[str, dict[str, str]]:
    draw = random.Random(1)
    return {name: dict(zip(VALUES, draw.sample(VALUES, len(VALUES)), strict=True)) for name in TABLES}


_TABLES = _tables()
TASKS: dict[str, Rule] = {rule.__name__: rule for rule in (copy, reverse, lookup)}


def generate(task: str, lengths: Sequence[int], lines: int, seed: int) -> Iterator[Example]:
    """`lines` pairs of a task, going through the lengths in turn; equal arguments give equal pairs."""
    draw = random.Random(f"{task} {seed}")
    for line in range(lines):
        source, target = TASKS[task](draw, lengths[line % len(lengths)])
        yield Example(" ".join(source), " ".join(target), line + 1)
