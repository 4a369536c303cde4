"""A long source in the terminal: what each output word looked at, and the sentences that were looked at most."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from regard.types import SPECIALS, Record
from regard.view.colours import DARK, ink, level
from regard.view.labels import fitted
from regard.view.periods import Period, periods
from regard.view.screen import Screen
from regard.view.words import Grid

SENTENCES = 5  # at most
WORDS = 3  # named at most of those that an output word looked at
LEAST = 0.05  # of a word's looks, for a place to be named
LONGEST = 20  # cells of a label


def attended(record: Record, drawn: Grid, screen: Screen, *, words: bool = True) -> list[Text]:
    """A line for each output word, then the sentences with their numbers and shares of all looks, largest first."""
    found = [one for one in periods(record, words) if drawn.source[one.first] not in SPECIALS]
    numbered = sorted(enumerate(found, start=1), key=lambda one: -one[1].share)
    shown = [(number, period) for number, period in numbered[:SENTENCES] if period.share >= 0.01]
    total, told = sum(one.share for one in found), sum(one.share for _, one in shown)
    rest = f"{total - told:4.0%}       in {len(found) - len(shown)} other sentences"
    signs = f", {1 - total:.0%} at signs" if drawn.weights.any() and total < 0.995 else ""
    return [*_looks(drawn, screen), Text(), *_sentences(drawn, shown, screen), Text(rest + signs, style="dim"), Text()]


def _looks(drawn: Grid, screen: Screen) -> Iterator[Text]:
    labels = fitted(drawn.target, max(8, min(LONGEST, screen.width // 3)), screen.cut)
    left = max(map(cell_len, labels))
    for row, label in enumerate(labels):
        line = Text(" " * (left - cell_len(label)) + label)
        line.append(f"{drawn.confidence[row]:5.0%}", style="dim")
        if drawn.p_gen is not None:
            line.append(f"{drawn.p_gen[row]:5.0%}", style="dim")
        weights = drawn.weights[row]
        places = [i for i in np.argsort(-weights, kind="stable")[:WORDS] if weights[i] >= LEAST]
        names = fitted([drawn.source[i] for i in places], LONGEST, screen.cut)
        seen = ", ".join(f"{name} {weights[i]:.0%}" for name, i in zip(names, places, strict=True))
        yield line.append(f"  {seen or 'many words a little'}")


def _sentences(drawn: Grid, shown: Sequence[tuple[int, Period]], screen: Screen) -> Iterator[Text]:
    peaks = drawn.weights.max(0, initial=0.0)
    shades = np.where(peaks >= LEAST, peaks / (peaks.max(initial=0.0) or 1.0), 0.0)
    for number, period in shown:
        yield from _wrapped(drawn.source, period, shades, f"{period.share:4.0%} {number:4}  ", screen)


def _wrapped(
    labels: Sequence[str], period: Period, shades: NDArray[np.float64], head: str, screen: Screen
) -> Iterator[Text]:
    """The words of a sentence behind its head; those that were looked at have a ground, or are bold."""
    line, empty, room = Text().append(head, style="dim"), True, max(8, screen.width - len(head))
    for place in range(period.first, period.end):
        (label,) = fitted([labels[place]], room, screen.cut)
        if not empty and line.cell_len + 1 + cell_len(label) > screen.width:
            yield line
            line, empty = Text(" " * len(head)), True
        line.append("" if empty else " ")
        line.append(label, _style(float(shades[place]), screen))
        empty = False
    yield line


def _style(weight: float, screen: Screen) -> Style:
    """Of a word that was looked at, beside the one that was looked at most."""
    if weight <= 0:
        return Style()
    ground = DARK[level(weight)]
    return Style(bgcolor=ground, color=ink(ground)) if screen.colour else Style(bold=True)
