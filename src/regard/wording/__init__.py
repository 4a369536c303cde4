"""What a user wants of the words, beside what the model finds best: all of it text, before and behind the model."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regard.text import clean
from regard.types import Record
from regard.wording.glossary import NO_TERMS, Glossary, contains
from regard.wording.protect import USUAL, Masked, mask, pattern
from regard.wording.restore import restore
from regard.wording.unknown import replace_unknown

__all__ = ["NO_TERMS", "NO_WISHES", "USUAL", "Glossary", "Line", "Wishes", "contains", "continues", "pattern"]

Join = Callable[[Iterable[str]], str]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What every output must be like.

    prefix: it begins so; require: it has these terms, as whole words; forbid: it has none of
    these; glossary: if the source has its terms, the output has their translations; protect:
    what fits is carried over as it is; replace_unknown: the sign for an unknown word becomes
    the source word that it looked at most.
    """

    prefix: str = ""
    require: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    glossary: Glossary = NO_TERMS
    protect: re.Pattern[str] | None = None
    replace_unknown: bool = False

    @property
    def of_source(self) -> bool:
        """Whether the words of a source matter to any of them."""
        return self.glossary is not NO_TERMS or self.protect is not None or self.replace_unknown

    def line(self, source: str) -> "Line":
        """What they come to for one source."""
        masked = mask(source, self.protect)
        return Line(self, masked, tuple(dict.fromkeys((*self.require, *self.glossary(source)))))


NO_WISHES = Wishes()


@dataclass(frozen=True, slots=True)
class Line:
    """A source as the model is to read it, and the terms that its output must have."""

    wishes: Wishes
    masked: Masked
    require: tuple[str, ...]

    @property
    def text(self) -> str:
        """What the model reads."""
        return self.masked.text

    def finish(self, record: Record, join: Join) -> Record:
        """The record with every protected string back, and with words for the unknown."""
        if not record.tokens:
            return record
        record = restore(record, self.masked, join)
        if self.wishes.replace_unknown:
            record = replace_unknown(record, join, self.wishes.glossary, [one.string for one in self.masked.kept])
        return record

    def unmet(self, text: str) -> list[str]:
        """What an output fails to be, each in a few words."""
        prefix = clean(self.wishes.prefix)
        return [
            *([f"does not begin with {prefix!r}"] if not text.startswith(prefix) else []),
            *(f"lacks {term!r}" for term in self.require if not contains(text, term)),
            *(f"has {term!r}" for term in self.wishes.forbid if contains(text, term)),
        ]


def continues(tokens: Sequence[str]) -> NDArray[np.bool_]:
    """Which tokens continue the word before them: those that begin with a letter or a digit.

    What begins with the space sign begins a word, and punctuation without one ends a word.
    """
    return np.array([token[:1].isalnum() for token in tokens], np.bool_)
