"""A record with the rest of the n-best list behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from regard.types import Record


@dataclass(frozen=True, slots=True)
class NBest(Record):
    """The best record for a source; `alternatives` are the others that the search kept, best first."""

    alternatives: tuple[Record, ...] = ()

    @classmethod
    def best_of(cls, records: Sequence[Record]) -> Self:
        """Make one record of an n-best list, best first."""
        best, *rest = records
        parts = {field.name: getattr(best, field.name) for field in fields(Record)}
        return cls(**parts, alternatives=tuple(rest))

    def to_json(self) -> dict[str, Any]:
        """As plain data; an n-best list is under "nbest", whole and best first."""
        best = Record.to_json(self)  # not super(): `slots` makes a second class, which super() misses
        if not self.alternatives:
            return best
        return best | {"nbest": [best, *(record.to_json() for record in self.alternatives)]}
