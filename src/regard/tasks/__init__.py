"""Tasks: what goes into a model and what comes out of it, in the user's terms."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from numpy.random import Generator

from regard.config import Config
from regard.data.links import of_tokens
from regard.data.long import Fitted, Rule
from regard.data.read import Examples, open_corpus
from regard.data.rows import Rows
from regard.sections import Data
from regard.types import Example, Hypothesis, Image, Record, Source


class Task(ABC):
    """The raw side of a model: examples to ids before it, hypotheses to records behind it.

    `metrics` are the scores that its users ask for, the deciding one first: the name that a
    score is shown by, and the section of the part that gives it. `reads` says what its
    sources are, and `defaults` what is usual for it in a config. `window`: so many sources
    of it may lie in memory at once. `rules` are what can be done to long sources, and `given` is one as a user
    types it. `plain`: whether a source is running text that is read as it stands; then strings in it can be
    protected, and neighbours joined. `guides`: what attention can be guided by, links between words or the
    sentences that an output follows from. `pointed`: whether an output may be a part of its source, told by its ends.
    `filmed`: whether its records make a film, of looks at parts of a picture or of steps of drawing. `writes` says
    what outputs are, and `sections` which sections of a config are of it alone.
    """

    metrics: Mapping[str, Mapping[str, Any]]
    reads: Literal["text", "pictures"] = "text"
    writes: Literal["text", "pictures"] = "text"
    sections: tuple[str, ...] = ()
    defaults: Mapping[str, Mapping[str, Any]] = {}
    window = 1 << 20
    rules: tuple[Rule, ...] = ("leave_out",)
    given = '"a line of text"'
    plain = True
    guides: Literal["words", "sentences"] = "words"
    pointed = False
    filmed = False

    @classmethod
    def typed(cls, data: Data) -> str:
        """A source as a user of a model of these data types it."""
        return cls.given

    @abstractmethod
    def __init__(self, config: Config) -> None:
        """Prepare codecs that have yet to be fitted or loaded."""

    @property
    @abstractmethod
    def sizes(self) -> tuple[int, int]:
        """What the model must know: the sizes of the source and target vocabularies."""

    @abstractmethod
    def fit(self, examples: Iterable[Example]) -> None:
        """Learn the vocabularies; `examples` is iterated more than once."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write what was learned into a model folder."""

    @abstractmethod
    def load(self, folder: Path) -> None:
        """Read it from there."""

    @classmethod
    def examples(cls, files: str | Path | Sequence[str | Path], data: Data, *, align: str = "") -> Examples:
        """The examples of files, as the section `data` of a config has them. DataError if they are of no use."""
        return open_corpus(files, source=data.source, target=data.target, align=align)

    @abstractmethod
    def source(self, text: str) -> Source:
        """A source as the model takes it, given as a user typed it; no ids for one that is empty."""

    @abstractmethod
    def target(self, text: str, source: str = "") -> list[int]:
        """The ids of a target. Where words may be copied, a word that only this source has gets its id there.

        Where it is a part of its source, the ids of its first and last place there, or none.
        """

    def wanted(self, text: str, source: str = "") -> Source:
        """A target as the model is judged by it: its ids, or a picture."""
        return self.target(text, source)

    def pictured(self, example: Example) -> str:
        """The name of the picture of an example, if it has one."""
        return ""

    def look(self, rows: Rows, known: Mapping[str, int]) -> None:
        """Take pictures from these rows: stored ones by number, and the `known` ones by name. Most tasks have none."""
        raise TypeError(f"{type(self).__name__} has no pictures to look at.")

    def fitted(self, text: str) -> Fitted:
        """A source in the texts that are read of it, each of which `source` takes: itself, unless it is too long."""
        return Fitted((text,))

    def teaches(self, text: str, answer: str) -> bool:
        """Whether this one of several texts of a source is to be trained on with a target."""
        return True

    def stored(self, text: str) -> Sequence[int]:
        """What is stored of a source for training: its ids."""
        found = self.source(text)
        assert not isinstance(found, Image)
        return found

    @abstractmethod
    def drawn(self, source: Sequence[int], target: list[int], random: Generator) -> tuple[Source, Source]:
        """Both sides of a stored pair as a step of training is to see them; what differs each time is drawn."""

    @abstractmethod
    def tokens(self, source: str, target: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Both sides of a pair as the model cuts them, written as they are; the end sign is last in each."""

    def links(self, example: Example) -> list[tuple[int, int]]:
        """What attention is to be guided by, as it is stored: (place of the source, what it belongs to).

        That is a token of the target, or, where `guides` says sentences, which of those that the target follows from.
        """
        return of_tokens(example.alignment, *self.tokens(example.source, example.target))

    @abstractmethod
    def spelled(self, ids: Iterable[int], source: str = "") -> list[str]:
        """The token of each id of a target; what was copied is spelled as this source has it."""

    @abstractmethod
    def join(self, tokens: Iterable[str]) -> str:
        """The text of tokens of a target."""

    @abstractmethod
    def records(self, text: str, hypotheses: Sequence[Hypothesis]) -> list[Record]:
        """What the model makes of a source, in words; one empty record if it was empty."""
