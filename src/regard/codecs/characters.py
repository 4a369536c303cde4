"""Characters as tokens: no word is unknown, but sentences are long."""

from regard.build import Size
from regard.codecs import Counted, VocabularySize
from regard.text import clean
from regard.types import SPACE


class Characters(Counted):
    """Every character is a token.

    A character is a code point. The space sign is a token of its own, before
    each word, the first one included.

    Options:
        size: the most tokens that the vocabulary may hold, the four special signs included
        minimum: how often a character must occur to be in the vocabulary
    """

    def __init__(self, *, size: VocabularySize = 10_000, minimum: Size = 1) -> None:
        super().__init__(size, minimum)

    def split(self, text: str) -> list[str]:
        """The characters, with the space sign before each word."""
        words = clean(text).split()
        return [character for word in words for character in SPACE + word]
