"""Tasks: what goes into a model and what comes out of it, in the user's terms."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.random import Generator

from regard.config import Config
from regard.types import Example, Hypothesis, Record


class Task(ABC):
    """The raw side of a model: examples to ids before it, hypotheses to records behind it.

    `metrics` are the scores that its users ask for, the deciding one first: the name that a
    score is shown by, and the section of the part that gives it.
    """

    metrics: Mapping[str, Mapping[str, Any]]

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

    @abstractmethod
    def source(self, text: str) -> list[int]:
        """The ids of a source, as a user typed it; none for one that is empty."""

    @abstractmethod
    def target(self, text: str) -> list[int]:
        """The ids of a target."""

    @abstractmethod
    def drawn(self, source: list[int], target: list[int], random: Generator) -> tuple[list[int], list[int]]:
        """Both sides of a pair anew, for a step of training, if the codec draws how it cuts words."""

    @abstractmethod
    def tokens(self, source: str, target: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Both sides of a pair as the model cuts them, written as they are; the end sign is last in each."""

    @abstractmethod
    def spelled(self, ids: Iterable[int]) -> list[str]:
        """The token of each id of a target."""

    @abstractmethod
    def join(self, tokens: Iterable[str]) -> str:
        """The text of tokens of a target."""

    @abstractmethod
    def records(self, text: str, hypotheses: Sequence[Hypothesis]) -> list[Record]:
        """What the model makes of a source, in words; one empty record if it was empty."""
