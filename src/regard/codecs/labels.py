"""Labels between commas as tokens: what is in a picture, or what a text is about."""

from collections.abc import Iterable

from regard.build import Size
from regard.codecs import Counted, VocabularySize
from regard.text import clean
from regard.types import SPACE


class Labels(Counted):
    """Each label is a token, however many words it has.

    Options:
        size: the most labels that the vocabulary may hold, the four special signs included
        minimum: how often a label must occur to be in the vocabulary
    """

    def __init__(self, *, size: VocabularySize = 20_000, minimum: Size = 1) -> None:
        super().__init__(size, minimum)

    def split(self, text: str) -> list[str]:
        """The labels; the space sign stands before each, and in place of the spaces in it."""
        labels = (label.split() for label in clean(text).split(","))
        return [SPACE + SPACE.join(words) for words in labels if words]

    def _glue(self, tokens: Iterable[str]) -> str:
        return ", ".join(tokens)
