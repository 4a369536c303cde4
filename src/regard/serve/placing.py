"""The tags of a sentence, placed in its translation: each goes with the words that looked at the words it held.

An element holds the target words whose attention is largest on one of its source words; where that leaves a
small gap, the gap too. Where its words come apart, it is opened again around each part. What holds no words, such
as a picture, stands before the word that the word behind it became. No tag is ever lost.
"""

import html
import re
from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple

import numpy as np

from regard.types import Record
from regard.view.words import between_words

GAP = 2  # words between those of an element that are taken into it
MARKS = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


class Element(NamedTuple):
    """A pair of tags around some of a sentence's characters; in the order of their numbers they contain each other."""

    order: int
    opens: str
    closes: str
    start: int
    end: int


class Point(NamedTuple):
    """What stands between two characters, and the numbers of the elements that it stands in."""

    order: int
    raw: str
    at: int
    inside: tuple[int, ...]


class Sentence(NamedTuple):
    """A sentence as text, and the tags in it."""

    text: str
    elements: tuple[Element, ...]
    points: tuple[Point, ...]


class Atom(NamedTuple):
    """A piece of the result: what it is, the elements around it, and whether a space is before it."""

    raw: str
    around: tuple[Element, ...]
    space: bool


class _Words:
    """Source and target words of a record, and who looked at whom."""

    def __init__(self, sentence: Sentence, record: Record) -> None:
        self.source = [match.span() for match in re.finditer(r"\S+", sentence.text)]
        self.target = record.text.split()
        shape = len(self.target), len(self.source)
        weights = between_words(record) if record.tokens else np.zeros(shape)
        if weights.shape != shape:  # a source that was cut, or words that were put in from elsewhere
            whole = np.zeros(shape)
            rows, columns = (min(a, b) for a, b in zip(shape, weights.shape, strict=True))
            whole[:rows, :columns] = weights[:rows, :columns]
            weights = whole
        self.weights = weights
        self.looked = [int(row.argmax()) if row.any() else None for row in weights]

    def of(self, element: Element) -> tuple[int, int]:
        """The source words that an element touches, as a first and one past the last."""
        touched = [i for i, (start, end) in enumerate(self.source) if start < element.end and end > element.start]
        return (touched[0], touched[-1] + 1) if touched else (0, 0)

    def become(self, first: int, end: int) -> set[int]:
        """The target words that some source words became, never none of them if there are any."""
        rows, columns = self.weights.shape
        if (first, end) == (0, columns):
            return set(range(rows))
        found = {j for j, i in enumerate(self.looked) if i is not None and first <= i < end}
        if found or not rows:
            return _joined(found)
        looks = self.weights[:, first:end].sum(1)
        if looks.any():
            return {int(looks.argmax())}
        return set(range(first * rows // columns, max(first * rows // columns + 1, end * rows // columns)))

    def slot(self, at: int) -> int:
        """Before which target word something stands that is between two characters of the source."""
        rows, columns = self.weights.shape
        behind = sum(start < at for start, _ in self.source)
        if behind in (0, columns):
            return rows if behind else 0
        after = [j for j, i in enumerate(self.looked) if i == behind]
        before = [j for j, i in enumerate(self.looked) if i == behind - 1]
        return after[0] if after else before[-1] + 1 if before else round(behind * rows / columns)


def placed(sentence: Sentence, record: Record) -> str:
    """The translation of a sentence with all its tags, escaped."""
    words = _Words(sentence, record)
    if not words.target:
        tags = [(one.order, one.raw) for one in sentence.points]
        tags += [(one.order, one.opens + one.closes) for one in sentence.elements]
        return "".join(raw for _, raw in sorted(tags))
    held, points = _held(sentence, words)
    atoms: list[Atom] = []
    slots = [words.slot(point.at) for point in points]
    for j in range(len(words.target) + 1):
        spaced = bool(j and j < len(words.target))
        for point, slot in zip(points, slots, strict=True):
            if slot == j:
                around = tuple(e for e in held if e.order in point.inside and held[e] & {j, j - 1})
                before, behind = (sentence.text[i : i + 1].isspace() for i in (point.at - 1, point.at))
                atoms.append(Atom(point.raw, around, bool(j and point.at and before)))
                spaced = behind if before or not j or j == len(words.target) else spaced
        if j < len(words.target):
            atoms += _word(words, j, held, sentence, spaced)
    start, end = _edges(sentence, words, points)
    return sentence.text[:start] + _written(atoms) + sentence.text[end:]


def _held(sentence: Sentence, words: _Words) -> tuple[dict[Element, set[int]], list[Point]]:
    """The target words of each element, and all points: an element without words is two of them."""
    held: dict[Element, set[int]] = {}
    points = list(sentence.points)
    for element in sentence.elements:
        first, end = words.of(element)
        if end:
            held[element] = words.become(first, end)
        else:
            points.append(Point(element.order, element.opens + element.closes, element.start, ()))
    for inner in held:
        for outer in held:
            if outer.order < inner.order and outer.start <= inner.start and inner.end <= outer.end:
                held[outer] |= held[inner]
    return held, sorted(points)


def _word(words: _Words, j: int, held: dict[Element, set[int]], sentence: Sentence, space: bool) -> list[Atom]:
    """A target word; marks at the ends of an element's words are outside of it if it had none there."""
    around = tuple(e for e in held if j in held[e])
    head, core, tail = MARKS.match(words.target[j]).groups()  # type: ignore[union-attr]
    if not core:
        return [Atom(html.escape(words.target[j], quote=False), around, space)]
    inside = {e: sentence.text[e.start : e.end].strip() for e in around}  # an empty one stands in the middle of a word
    left = {e for e in around if j == min(held[e]) and inside[e][:1].isalnum()}
    right = {e for e in around if j == max(held[e]) and inside[e][-1:].isalnum()}
    parts = [(head, left), (core, set()), (tail, right)]
    if not (head and left):
        parts = [(head + core, set()), (tail, right)]
    if not (tail and right):
        parts = [*parts[:-2], (parts[-2][0] + tail, parts[-2][1])]
    atoms = [Atom(html.escape(raw, quote=False), _outside(around, out), False) for raw, out in parts]
    return [atoms[0]._replace(space=space), *atoms[1:]]


def _outside(around: tuple[Element, ...], out: set[Element]) -> tuple[Element, ...]:
    """The elements around something that are not left out, nor in one that is."""
    return tuple(takewhile(lambda element: element not in out, around))


def _joined(words: set[int]) -> set[int]:
    """The words with small gaps between them filled."""
    places = sorted(words)
    gaps = [range(a, b) for a, b in pairwise(places) if b - a <= GAP + 1]
    return words | {j for gap in gaps for j in gap}


def _edges(sentence: Sentence, words: _Words, points: Sequence[Point]) -> tuple[int, int]:
    """Where the white space ends that the sentence begins with, and where the one begins that it ends with."""
    first, last = words.source[0][0], words.source[-1][1]
    return min([first, *(p.at for p in points)]), max([last, *(p.at for p in points)])


def _written(atoms: Sequence[Atom]) -> str:
    """The atoms one behind the other; tags close before a space and open behind it."""
    out, open_now = list[str](), tuple[Element, ...]()
    for raw, around, space in atoms:
        same = 0
        while same < min(len(open_now), len(around)) and open_now[same] == around[same]:
            same += 1
        out += [element.closes for element in reversed(open_now[same:])]
        out += [" "] if space else []
        out += [element.opens for element in around[same:]]
        out.append(raw)
        open_now = around
    return "".join([*out, *(element.closes for element in reversed(open_now))])
