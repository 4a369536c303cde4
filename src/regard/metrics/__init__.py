"""Metrics: hypotheses x references -> score."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from regard.sentences.plain import cut
from regard.types import Example

References = Sequence[Sequence[str]]  # of each hypothesis one or more, in any order
Counts = NDArray[np.int64] | NDArray[np.float64]
Judge = Callable[[Sequence[str], References], list[float]]  # the value of each line


@dataclass(frozen=True, slots=True)
class Score:
    """A metric's value, and the signature by which others can compute the same."""

    value: float
    signature: str


class Metric(ABC):
    """Compares outputs with references, line by line; higher is better.

    `label`: what people call it; `most`: the value of outputs that are their only references.
    `judges`: whether higher is better; if not, it describes outputs, and nothing is chosen by it.
    """

    label: str
    most: float = 100.0
    judges: bool = True

    @abstractmethod
    def __call__(self, hypotheses: Sequence[str], references: References) -> Score:
        """Score a whole corpus."""

    def beside(self, example: Example) -> Sequence[str]:
        """What an output for this is compared with: its references."""
        return example.references

    def learn(self, references: Iterable[Sequence[str]], folder: Path) -> None:  # noqa: B027  most need nothing
        """Write down what single lines are judged by besides their own references."""

    def judge(self, folder: Path) -> Judge:
        """What values each line on its own, by what `learn` wrote there."""
        return self._each

    def _each(self, hypotheses: Sequence[str], references: References) -> list[float]:
        return [self([text], [given]).value for text, given in lines(hypotheses, references)]


class Counted(Metric, ABC):
    """A metric that is a function of sums over lines, so that any choice of lines has a value at little cost."""

    @abstractmethod
    def signature(self, references: References) -> str:
        """How others can compute the same from such references."""

    @abstractmethod
    def counts(self, hypotheses: Sequence[str], references: References) -> Counts:
        """What is counted in each line: a row for each."""

    @abstractmethod
    def value(self, totals: Counts) -> float:
        """The value of lines whose counts sum to `totals`."""

    def __call__(self, hypotheses: Sequence[str], references: References) -> Score:
        """Score a whole corpus."""
        return Score(self.value(self.counts(hypotheses, references).sum(0)), self.signature(references))


class Described(Counted, ABC):
    """What share of outputs is so and so, in words or sequences of them, compared with the sources or with nothing."""

    judges = False

    def beside(self, example: Example) -> Sequence[str]:
        """The source: what was read, and not what should be said."""
        return (example.source,)

    @abstractmethod
    def count(self, words: Sequence[str], source: Sequence[str]) -> tuple[int, int]:
        """How many of an output's are so, and how many there are."""

    def counts(self, hypotheses: Sequence[str], references: References) -> Counts:
        """Both, of each line; of several sources, which no task has, the first in order of letters counts."""
        pairs = lines(hypotheses, references)
        return np.array([self.count(cut(text), cut(min(given))) for text, given in pairs], np.int64).reshape(-1, 2)

    def value(self, totals: Counts) -> float:
        """100 x the share; 0 of nothing."""
        found, every = totals.tolist()
        return 100 * found / every if every else 0.0


def lines(hypotheses: Sequence[str], references: References) -> Iterator[tuple[str, Sequence[str]]]:
    """Each hypothesis with its references. ValueError where the two do not go together, TypeError for bare texts."""
    for line, (hypothesis, given) in enumerate(zip(hypotheses, references, strict=True), start=1):
        if isinstance(given, str):  # a text is a sequence of texts too, of its letters
            raise TypeError(f"the references of line {line} are one text; they should be a sequence of texts.")
        if not given:
            raise ValueError(f"line {line} has no reference.")
        yield hypothesis, given


def number(references: References) -> str:
    """How many references there are to a line, as sacreBLEU writes it: "1", "5", or "var" where it differs."""
    found = {len(given) for given in references} or {1}
    return str(*found) if len(found) == 1 else "var"
