"""Pictures and what is said of them, the other way round: words to a picture."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from regard.data.captioned import Captioned, open_captioned
from regard.data.findings import Findings
from regard.types import Example


class Described:
    """An example for each text of a picture: the text is its source, the picture's path its target.

    Without `words` every source is empty, and each picture comes once.
    """

    def __init__(self, corpus: Captioned, *, words: bool) -> None:
        self.aligned = False
        self.paths = corpus.paths
        self._corpus, self._words = corpus, words

    def __iter__(self) -> Iterator[Example]:
        for found in self._corpus:
            for text in found.references if self._words else ("",):
                yield replace(found, source=text, target=found.source, others=())

    @property
    def findings(self) -> Findings:
        """What the latest pass met."""
        return self._corpus.findings

    @property
    def fingerprint(self) -> str:
        """That of the pictures and their texts."""
        return self._corpus.fingerprint

    def place(self, line: int) -> str:
        """Where an example stands."""
        return self._corpus.place(line)

    def __str__(self) -> str:
        return str(self._corpus)


def open_described(data: str | Path, *, image: str, words: str) -> Described:
    """Open a file of pictures and texts, by the names of its fields; `words` left empty, the texts do not count.

    DataError for anything that makes the whole of it unusable.
    """
    return Described(open_captioned(data, image=image, texts=words), words=bool(words))
