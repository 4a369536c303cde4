"""What a kind of phrase is: a name, a share, its atoms and a way to draw more."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from regard.data.phrasebook.pair import Saying

Draw = Callable[[Random], Saying | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of phrase; `draw` gives None when the dice fell on nothing sayable."""

    name: str
    weight: float
    draw: Draw
    atoms: tuple[Saying, ...] = ()
