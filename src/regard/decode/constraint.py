"""What the output for one source must look like."""

from dataclasses import dataclass

Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Constraint:
    """In ids of the target, without end signs.

    prefix: the output begins so; required: it has each of these sequences, as whole
    words; forbidden: it has none of these, as whole words.
    """

    prefix: Ids = ()
    required: tuple[Ids, ...] = ()
    forbidden: tuple[Ids, ...] = ()


FREE = Constraint()
