"""Codecs: raw text <-> ids. One file here is one way to cut text into tokens.

Whatever the codec, a token that begins a new word begins with the space sign,
so the tokens of any text simply put together are the text again, and words
are merged by one rule (`regard.types.word_spans`).
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

from numpy.random import Generator

from regard.build import Range
from regard.errors import DataError, ModelError, UsageError
from regard.files import write_text
from regard.types import BOS, EOS, PAD, SPACE, SPECIALS, UNK

SILENT = frozenset((SPECIALS[PAD], SPECIALS[BOS], SPECIALS[EOS]))  # signs that no text shows

VocabularySize = Annotated[int, Range(len(SPECIALS) + 1)]


class Codec(ABC):
    """Text <-> ids, with a vocabulary that is learned once; ids 0 to 3 are the special signs.

    `split` never gives a token that reads like a special sign, even where the
    text does: no input can end a sentence or pose as padding.
    """

    def __init__(self) -> None:
        self._vocabulary: tuple[str, ...] = ()
        self._ids: dict[str, int] = {}

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Every token; its place is its id. UsageError before `fit` or `load`."""
        self._must_know()
        return self._vocabulary

    @property
    def size(self) -> int:
        """The number of ids, the four special signs included."""
        return len(self.vocabulary)

    @abstractmethod
    def fit(self, lines: Iterable[str]) -> None:
        """Learn the vocabulary, the same from the same lines, which are read once. DataError without text."""

    @abstractmethod
    def split(self, text: str) -> list[str]:
        """The text's tokens, unknown ones as they are written."""

    def save(self, folder: Path) -> None:
        """Write `vocabulary.txt`: one token a line, line 1 is id 0."""
        text = "".join(f"{token}\n" for token in self.vocabulary)
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / "vocabulary.txt", text)

    def load(self, folder: Path) -> None:
        """Read `vocabulary.txt`. ModelError if it is missing or damaged, with the line."""
        path = folder / "vocabulary.txt"
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise ModelError(f"{path} is missing: it holds the codec's tokens, one a line.") from error
        except UnicodeDecodeError as error:
            raise ModelError(f"{path} is damaged: byte {error.start} is not UTF-8.") from error
        tokens = text.split("\n")
        if tokens.pop():
            raise ModelError(f"{path} is cut off: its last line {len(tokens) + 1} has no end.")
        seen: dict[str, int] = {}
        for line, token in enumerate(tokens, start=1):
            if token.split() != [token]:
                raise ModelError(f"{path}:{line}: got {token!r}, expected one token without white space.")
            if seen.setdefault(token, line) != line:
                raise ModelError(f"{path}:{line}: {token!r} is there twice, first in line {seen[token]}.")
        self._adopt(tokens, path)

    def join(self, tokens: Iterable[str]) -> str:
        """The text of tokens: the inverse of `split`. Of the special signs only the unknown one shows."""
        text = self._glue([token for token in tokens if token not in SILENT])
        return " ".join(text.replace(SPACE, " ").split())

    def ids(self, tokens: Iterable[str]) -> list[int]:
        """The id of each token; that of the unknown sign for a token outside the vocabulary."""
        self._must_know()
        return [self._ids.get(token, UNK) for token in tokens]

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """The token of each id. ModelError for an id outside the vocabulary."""
        vocabulary = self.vocabulary
        found = []
        for i in ids:
            if not 0 <= i < len(vocabulary):
                raise ModelError(f"The id {i} is outside the vocabulary, which has {len(vocabulary)} tokens.")
            found.append(vocabulary[i])
        return found

    def encode(self, text: str) -> list[int]:
        """The ids of a text, the end sign last."""
        return [*self.ids(self.split(text)), EOS]

    def drawn(self, ids: list[int], random: Generator) -> list[int]:
        """Other ids of the same text, for training, from a codec that draws how it cuts words; else the same ones."""
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids, special signs left out."""
        return self.join(self.tokens(ids))

    def _must_know(self) -> None:
        if not self._vocabulary:
            raise UsageError(f"This {type(self).__name__} codec has no vocabulary yet: fit or load it first.")

    def _glue(self, tokens: Iterable[str]) -> str:
        return "".join(tokens)

    def _adopt(self, vocabulary: Sequence[str], where: Path | str) -> None:
        signs = len(SPECIALS)
        if tuple(vocabulary[:signs]) != SPECIALS:
            expected, got = " ".join(SPECIALS), " ".join(vocabulary[:signs])
            raise ModelError(f"{where}: a vocabulary begins with {expected}; this one with {got or 'nothing'}.")
        self._vocabulary = tuple(vocabulary)
        self._ids = {token: i for i, token in enumerate(vocabulary)}


class Counted(Codec):
    """A codec whose vocabulary is the most frequent tokens, kept in a file that a person can read."""

    def __init__(self, limit: int, minimum: int) -> None:
        super().__init__()
        self._limit = limit
        self._minimum = minimum

    def fit(self, lines: Iterable[str]) -> None:
        """Count the tokens: the more frequent, the lower the id; equally frequent ones are sorted."""
        counts: Counter[str] = Counter()
        for line in lines:
            counts.update(self.split(line))
        if not counts:
            raise DataError("There is no text to learn a vocabulary from: no line holds anything.")
        frequent = [token for token, count in counts.items() if count >= self._minimum]
        if not frequent:
            most = max(counts.values())
            raise DataError(f"No token occurs {self._minimum} times, but at most {most}: lower `minimum`.")
        frequent.sort(key=lambda token: (-counts[token], token))
        self._adopt([*SPECIALS, *frequent[: self._limit - len(SPECIALS)]], "fit")
