"""What a story is, and in which part of the data it belongs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from random import Random
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Story:
    """Sentences, a question, its only answer, and the sentences, from 0, that the answer follows from."""

    sentences: tuple[str, ...]
    question: str
    answer: str
    supports: tuple[int, ...]

    @classmethod
    def of(cls, sentences: Iterable[str], question: str, answer: str, supports: Iterable[int]) -> Self:
        """A story, its supports in their order, each once."""
        return cls(tuple(sentences), question, answer, tuple(sorted(set(supports))))

    @property
    def context(self) -> str:
        """The sentences as one text."""
        return " ".join(self.sentences)

    @property
    def place(self) -> int:
        """Which tenth of all stories it belongs to, from 0: the same whenever it is told, whatever the seed."""
        digest = blake2b(f"{self.context}\t{self.question}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") % 10

    def to_json(self) -> dict[str, Any]:
        """As a row of a data file."""
        supports = list(self.supports)
        return {"context": self.context, "question": self.question, "answers": [self.answer], "supports": supports}


Tell = Callable[[Random, int], Story]  # a story of about so many sentences
