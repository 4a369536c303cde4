"""The phrasebook: as many bilingual pairs as wanted, out of what Babel and num2words know.

    phrases("en", "fr")      pairs without end, no source twice
    split("en", "fr")        train, valid and test, where only combinations are new

Dates, times, spans, numbers in digits and in words, money, measures, names:
short texts that a person can check, in which words change places, agree and
multiply, so that attention has something to do.
"""

import itertools
from collections.abc import Iterator
from random import Random

from regard.data.phrasebook.phrase import Phrase
from regard.data.phrasebook.split import Split, hold_out
from regard.errors import UsageError

__all__ = ["Phrase", "Split", "phrases", "split"]


def phrases(source: str = "en", target: str = "fr", *, seed: int = 1) -> Iterator[Phrase]:
    """Phrases in two locales (CLDR codes), no source twice, the same for the same seed.

    Every second one is an atom (a name or a number word alone), until all
    atoms have been said. Raises ConfigError for a code that CLDR lacks,
    UsageError for one language twice or if Babel or num2words is missing.
    """
    try:
        from regard.data.phrasebook import kinds, pair
    except ImportError as missing:
        raise UsageError(f'The phrasebook needs {missing.name}: pip install "regard[train]"') from missing
    return kinds.stream(kinds.all_kinds(pair.open_pair(source, target)), Random(seed))


def split(
    source: str,
    target: str,
    *,
    seed: int = 1,
    train: int = 30_000,
    valid: int = 500,
    test: int = 500,
) -> Split:
    """Three disjoint lists of examples; every word of valid and test is also in train."""
    stock = list(itertools.islice(phrases(source, target, seed=seed), train + valid + test))
    return hold_out(stock, valid, test, Random(seed))
