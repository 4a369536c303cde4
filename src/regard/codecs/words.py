"""Words, digits and punctuation marks as tokens: short, easy to read, good to align."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from regard.build import Size
from regard.codecs import Counted, VocabularySize
from regard.text import clean
from regard.types import SPACE, SPECIALS, UNK

LETTER = r"[^\W\d_]"
APOSTROPHE = "['\u2019]"  # typed and printed
ENGLISH_END = rf"{APOSTROPHE}(?i:s|t|m|d|ll|re|ve)(?!\w)"
ELIDED = rf"(?!{ENGLISH_END}){APOSTROPHE}(?={LETTER})"
# Marks belong to the letter before them; format characters (joiners, soft hyphens) stand within words.
INNER = frozenset(("Mn", "Mc", "Me", "Cf"))


class Words(Counted):
    """Words, numbers and punctuation marks are tokens.

    An apostrophe stays with the little word that it makes, which is what the
    other language has a word for: l' + homme, qu' + il, but man + 's, we + 're.
    A script written without spaces gives one token for a whole clause: it wants
    pieces or characters.

    Options:
        size: the most tokens that the vocabulary may hold, the four special signs included
        minimum: how often a token must occur to be in the vocabulary
        digits: whether each digit is a token, so that no number is unknown; if not, runs of digits are
        lower: whether the text is put into lower case
        marks: whether punctuation marks are kept; if not, those before and behind a word are left out
    """

    def __init__(
        self,
        *,
        size: VocabularySize = 20_000,
        minimum: Size = 1,
        digits: bool = True,
        lower: bool = False,
        marks: bool = True,
    ) -> None:
        super().__init__(size, minimum)
        self._lower, self._marks = lower, marks
        number = r"\d" if digits else r"\d+"
        self._token = re.compile(rf"(?<=\w){ENGLISH_END}|{LETTER}+(?:{ELIDED})?|{number}|.", re.DOTALL)

    def split(self, text: str) -> list[str]:
        """The words, numbers and marks; the first of each run without spaces has the space sign."""
        plain = clean(text.lower() if self._lower else text)
        words = (word if self._marks else _bare(word) for word in plain.split())
        return [token for word in words if word for token in _cut(word, self._token)]

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """The token of each id; what is unknown is nearly always a whole word, so it gets the space sign."""
        unknown = SPECIALS[UNK]
        return [SPACE + token if token == unknown else token for token in super().tokens(ids)]


def _bare(word: str) -> str:
    """A word without the marks around it."""
    inside = [place for place, sign in enumerate(word) if not unicodedata.category(sign).startswith("P")]
    return word[inside[0] : inside[-1] + 1] if inside else ""


@lru_cache(maxsize=2**16)  # few words make up most of any text
def _cut(word: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
    # Python's letters hold no combining marks: they are looked for in a copy where marks are letters.
    plain = "".join("a" if unicodedata.category(character) in INNER else character for character in word)
    first, *rest = (word[found.start() : found.end()] for found in pattern.finditer(plain))
    return SPACE + first, *rest
