"""HTML -> the sentences in it, and the HTML again with other sentences in their place."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Literal, NamedTuple

from regard.serve.placing import Element, Point, Sentence, placed
from regard.types import Record

# A comment; a declaration; a tag, whose quoted values may hold what ends it; one whose quotes are not in order.
TAG = re.compile(
    r"""<!--.*?(?:-->|\Z)|<[!?][^>]*>"""
    r"""|</?[A-Za-z][^\s<>/"'=]*(?:"[^"]*"|'[^']*'|[^<>"'])*>|</?[A-Za-z][^<>]*>""",
    re.DOTALL,
)
NAME = re.compile(r"</?([A-Za-z][^\s<>/\"'=]*)")
LEFT_ALONE = re.compile(r"""\btranslate\s*=\s*["']?no\b|\bclass\s*=\s*["'][^"']*\bnotranslate\b""", re.IGNORECASE)
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")  # which the model reads as spaces


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What stands within a sentence; every other tag ends one.
INLINE = _names(
    "a abbr acronym b bdi bdo big cite data del dfn em font i img input ins label mark q s small span strike strong "
    "sub sup time tt u wbr code kbd samp var svg math"
)
ALONE = _names("area base br col embed hr img input link meta source track wbr")  # without an end tag
# What is never translated, with all that is in it.
WHOLE = _names(
    "script style template noscript iframe object audio video canvas pre textarea code kbd samp var svg math"
)
Kind = Literal["open", "close", "whole"]


class Tag(NamedTuple):
    """A tag as it is written; a `whole` one stands for itself and all up to its end tag."""

    raw: str
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Markup:
    """A document: what stays as it is, and the sentences between."""

    parts: tuple[str | Sentence, ...]

    @property
    def sources(self) -> list[str]:
        """The sentences, as text."""
        return [part.text for part in self.parts if isinstance(part, Sentence)]

    def render(self, records: Sequence[Record]) -> str:
        """The document with an output for each sentence."""
        rest = iter(records)
        return "".join(placed(part, next(rest)) if isinstance(part, Sentence) else part for part in self.parts)


def read(html: str) -> Markup:
    """Find the sentences of a document or of a part of one; what is broken in it stays as broken as it is."""
    parts: list[str | Sentence] = []
    some: list[str | Tag] = []
    for item in _items(html):
        if isinstance(item, Tag) and item.name not in INLINE:
            parts += [_sentence(some), item.raw]
            some = []
        else:
            some.append(item)
    return Markup((*parts, _sentence(some)))


def _items(html: str) -> Iterator[str | Tag]:
    """Text and tags in turn."""
    place = 0
    while found := TAG.search(html, place):
        if found.start() > place:
            yield html[place : found.start()]
        tag, place = _tag(html, found)
        yield tag
    if place < len(html):
        yield html[place:]


def _tag(html: str, found: re.Match[str]) -> tuple[Tag, int]:
    """The tag that was found, and where it ends."""
    raw = found[0]
    named = NAME.match(raw)
    if not named:  # a comment, or a declaration: it may stand anywhere
        return Tag(raw, "wbr", "whole"), found.end()
    name = named[1].lower()
    if raw.startswith("</"):
        return Tag(raw, name, "close"), found.end()
    if name in ALONE or raw.endswith("/>"):
        return Tag(raw, name, "whole"), found.end()
    if name in WHOLE or LEFT_ALONE.search(raw):
        end = _end(html, name, found.end())
        return Tag(html[found.start() : end], name, "whole"), end
    return Tag(raw, name, "open"), found.end()


def _end(html: str, name: str, place: int) -> int:
    """Where the element ends that was opened before a place."""
    depth = 1
    for found in re.finditer(rf"<(/?){re.escape(name)}\b[^>]*>", html[place:], re.IGNORECASE):
        depth += -1 if found[1] else 0 if found[0].endswith("/>") else 1
        if not depth:
            return place + found.end()
    return len(html)


def _sentence(items: Sequence[str | Tag]) -> str | Sentence:
    """What lies between two ends: a sentence, or as it is if there is nothing to read in it."""
    if not any(isinstance(item, str) and unescape(item).strip() for item in items):
        return "".join(item if isinstance(item, str) else item.raw for item in items)
    text, elements, points = "", list[Element](), list[Point]()
    opened: list[tuple[int, Tag, int]] = []  # its number, and how much text is before it
    for number, item in enumerate(items):
        if isinstance(item, str):
            text += CONTROLS.sub(" ", unescape(item).replace("\ufeff", ""))
            continue
        inside = tuple(order for order, _, _ in opened)
        fitting = [one for one in opened if one[1].name == item.name]
        if item.kind == "open":
            opened.append((number, item, len(text)))
        elif item.kind == "close" and fitting:
            order, tag, start = fitting[-1]
            opened.remove(fitting[-1])
            elements.append(Element(order, tag.raw, item.raw, start, len(text)))
        else:
            points.append(Point(number, item.raw, len(text), inside))
    points += [Point(number, tag.raw, start, ()) for number, tag, start in opened]
    return Sentence(text, tuple(sorted(elements)), tuple(sorted(points)))
