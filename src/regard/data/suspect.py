"""Signs that a pair is not what it should be; a sign is a reason to look, not to throw away."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regard.types import Example

FAR = 4.0  # times longer or shorter than the corpus's usual target is far ...
SCATTERS = 4.5  # ... or so many median deviations (three standard ones), where that is more ...
APART = 60  # ... but only from so many characters apart, about ten words

COPY = "target is a copy of the source"
LENGTH = "target far longer or shorter than usual here"
MARKUP = "HTML tag or entity left"
SIGNS = "no letter and no digit on one side"
GARBLED = "garbled encoding, or Latin and Cyrillic letters in one word"
NUMBERS = "digits of the two sides do not match"

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>|&(?:[A-Za-z]{2,8}|#[0-9]{1,6});")
# UTF-8 read as Latin-1 or Windows-1252 shows an accented capital before a sign that no word goes on with;
# U+FFFD stands where another program gave up.
_MISREAD = "[\u00c2\u00c3\u00d0\u00d1][\u00a1-\u00bf]|\u00e2\u20ac|\u00ef\u00bf\u00bd|\ufffd"
_LATIN, _CYRILLIC = "[A-Za-z\u00c0-\u024f]", "[\u0400-\u052f]"
_GARBLED = re.compile(f"{_MISREAD}|{_LATIN}{_CYRILLIC}|{_CYRILLIC}{_LATIN}")
_DIGIT = re.compile(r"\d")


def signs_of(example: Example) -> list[str]:
    """Every sign that the texts of one pair show by themselves."""
    source, target = example.source, example.target
    signs = []
    if source == target:
        signs.append(COPY)
    if _has_markup(source) or _has_markup(target):
        signs.append(MARKUP)
    if _only_signs(source) or _only_signs(target):
        signs.append(SIGNS)
    if _is_garbled(source) or _is_garbled(target):
        signs.append(GARBLED)
    if _DIGIT.search(source) and not _digits_match(source, target):
        signs.append(NUMBERS)
    return signs


@dataclass(frozen=True, slots=True)
class Usual:
    """How long targets usually are: `ratio` characters for each of the source, give or take a `factor`.

    Measured on the corpus itself, so that summaries, and languages that need
    fewer signs or vary more, are judged by their like.
    """

    ratio: float
    factor: float

    @classmethod
    def of(cls, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> "Usual":
        """From the lengths of some pairs: the median ratio, and how far they scatter around it."""
        logs = np.log(targets / sources)
        middle = np.median(logs)
        scatter = float(np.median(np.abs(logs - middle)))
        return cls(float(np.exp(middle)), max(FAR, float(np.exp(SCATTERS * scatter))))

    def far(self, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> NDArray[np.intp]:
        """The indices of pairs whose target is far longer or shorter than usual."""
        expected = sources * self.ratio
        far = (targets > self.factor * expected) | (self.factor * targets < expected)
        return np.flatnonzero(far & (np.abs(targets - expected) > APART * min(1.0, self.ratio)))


def _has_markup(text: str) -> bool:
    return ("<" in text or "&" in text) and _TAG.search(text) is not None


def _only_signs(text: str) -> bool:
    return not text[0].isalnum() and not any(map(str.isalnum, text))


def _is_garbled(text: str) -> bool:
    return not text.isascii() and _GARBLED.search(text) is not None


def _digits_match(source: str, target: str) -> bool:
    """Whether one side's digits, of any script and in any order, are among the other's.

    So 1,000 matches 1 000, 7:00 matches 7, and digits match their spelling in letters.
    """
    left, right = (Counter(map(int, _DIGIT.findall(text))) for text in (source, target))
    return left <= right or right <= left
