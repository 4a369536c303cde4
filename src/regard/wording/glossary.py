"""Terms and how they must be translated: a file of source term, tab, target term or terms."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from regard.data.lines import existing, read_lines
from regard.errors import DataError
from regard.text import clean
from regard.wording.units import whole

_WORD = re.compile(r"\w+|[^\w\s]")
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A source term, cut into words and marks, and the target terms that it asks for, as they are inflected there."""

    words: Words
    targets: tuple[str, ...]


class Glossary:
    """Finds terms in a text as whole words: the longest first, and of equally long ones that in the same case."""

    def __init__(self, terms: Iterable[tuple[str, tuple[str, ...]]] = ()) -> None:
        self._terms: defaultdict[str, list[Term]] = defaultdict(list)
        for source, targets in terms:
            words = tuple(_WORD.findall(clean(source)))
            if words and targets:
                self._terms[words[0].casefold()].append(Term(words, tuple(map(clean, targets))))
        for found in self._terms.values():
            found.sort(key=lambda term: -len(term.words))

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a file of tab-separated terms, UTF-8; empty lines are passed over. DataError names a wrong line."""
        path, terms, seen = existing(path), [], dict[str, int]()
        for line, (text, broken) in enumerate(read_lines(path), 1):
            source, *targets = map(clean, text.split("\t"))
            if not (source or any(targets)):
                continue
            if broken:
                raise DataError(f"{path}:{line}: holds bytes that are not UTF-8.")
            if not (source and targets and all(targets)):
                raise DataError(f"{path}:{line}: got {text!r}, expected a source term, a tab, and a target term.")
            if seen.setdefault(source, line) != line:
                raise DataError(f"{path}:{line}: the term {source!r} is there twice, first in line {seen[source]}.")
            terms.append((source, tuple(targets)))
        return cls(terms)

    def __call__(self, text: str) -> tuple[str, ...]:
        """The target terms that a source asks for, each once, in the order of the source; found terms never overlap."""
        words, place, found = tuple(_WORD.findall(clean(text))), 0, dict[str, None]()
        while place < len(words):
            term = self._at(words, place)
            found.update(dict.fromkeys(term.targets if term else ()))
            place += len(term.words) if term else 1
        return tuple(found)

    def translation(self, word: str) -> str | None:
        """What one whole term becomes, if it is one."""
        words = tuple(_WORD.findall(clean(word)))
        term = self._at(words, 0) if words else None
        return " ".join(term.targets) if term and len(term.words) == len(words) else None

    def _at(self, words: Words, place: int) -> Term | None:
        """The longest term that begins at a place; two that differ in nothing but case are told apart by it."""
        fitting: list[Term] = []
        for term in self._terms.get(words[place].casefold(), ()):
            here = words[place : place + len(term.words)]
            if fitting and len(term.words) < len(fitting[0].words):
                break
            if here == term.words:
                return term
            if tuple(map(str.casefold, here)) == tuple(map(str.casefold, term.words)):
                fitting.append(term)
        return fitting[0] if fitting else None


NO_TERMS = Glossary()


def contains(text: str, term: str) -> bool:
    """Whether a text has a term as whole words, in the same case."""
    return re.search(whole(clean(term)), text) is not None
