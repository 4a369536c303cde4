"""Plain text -> the lines in it, which a model reads one by one, and the text again with others in their place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from regard.types import Record

LINE = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]*\S[^\r\n\x0b\x0c\x85\u2028\u2029]*")


@dataclass(frozen=True, slots=True)
class Plain:
    """A text: what stays as it is, in even places, and the lines between, in odd ones."""

    parts: tuple[str, ...]

    @property
    def sources(self) -> list[str]:
        """The lines that hold anything."""
        return list(self.parts[1::2])

    def render(self, records: Sequence[Record]) -> str:
        """The text with an output for each line."""
        parts = list(self.parts)
        parts[1::2] = [record.text for record in records]
        return "".join(parts)


def read(text: str) -> Plain:
    """Find the lines of a text."""
    parts, place = list[str](), 0
    for found in LINE.finditer(text):
        parts += [text[place : found.start()], found[0]]
        place = found.end()
    return Plain((*parts, text[place:]))
