"""Every way to read links, beside gold alignments: which model, what is compared, how it is symmetrised."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import get_args

from regard.alignment.attention import Both, Reading, Weigh, to_source, to_target
from regard.alignment.gold import Gold, Rates, error_rate
from regard.alignment.symmetrise import SYMMETRIES
from regard.types import Links
from regard.view.words import Look, between_words

LOOKS: tuple[Look, ...] = get_args(Look)
WEIGHTS: tuple[Weigh, ...] = get_args(Weigh)
NAMES = ("AER", "precision", "recall")


def rates(pairs: Sequence[Both], gold: Sequence[Gold]) -> Iterator[tuple[str, list[Rates]]]:
    """A name and the rates of each look: of the model, of the reverse one, and of both by every reading."""
    compared = partial(error_rate, gold=gold)
    yield "--model", [compared(to_source(between_words(forward, look)) for forward, _ in pairs) for look in LOOKS]
    turned = [backward for _, backward in pairs if backward is not None]
    if turned:
        yield "--reverse", [compared(to_target(between_words(back, look).T) for back in turned) for look in LOOKS]
        for weights in WEIGHTS:
            for name in SYMMETRIES:
                readings = [Reading(look=look, weights=weights, symmetrise=name) for look in LOOKS]
                yield f"{weights} {name}", [compared(_links(reading, pairs)) for reading in readings]


def lines(pairs: Sequence[Both], gold: Sequence[Gold]) -> Iterator[str]:
    """The rates as a table in text, in per cent."""
    yield f"{'':28}" + "".join(f"{look:^30}" for look in LOOKS).rstrip()
    yield f"{'':28}" + "".join(f"{name:>10}" for _ in LOOKS for name in NAMES)
    for name, found in rates(pairs, gold):
        shares = (share for rate in found for share in (rate.error, rate.precision, rate.recall))
        yield f"{name:28}" + "".join(f"{100 * share:10.1f}" for share in shares)


def _links(reading: Reading, pairs: Sequence[Both]) -> Iterator[Links]:
    return (reading.links(*both) for both in pairs)
