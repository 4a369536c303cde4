"""Formats that give each record a line, and can therefore be written while records come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from regard.types import Record

R = TypeVar("R", bound=Record, contravariant=True)


@dataclass(frozen=True, slots=True)
class Lines(Generic[R]):
    """What stands before all records, between two of them, and behind all; and the line of one."""

    line: Callable[[R], str]
    before: str = ""
    between: str = ""
    behind: str = ""

    def whole(self, records: Sequence[R]) -> bytes:
        """The file of these records."""
        return (self.before + self.between.join(map(self.line, records)) + self.behind).encode("utf-8")
