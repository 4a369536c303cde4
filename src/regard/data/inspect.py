"""What a corpus is like, before anyone trains on it: sizes, repetitions and lines worth a look."""

from array import array
from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from regard.data.findings import Tally
from regard.data.read import Examples
from regard.data.report import Report
from regard.data.suspect import LENGTH, Usual, signs_of
from regard.types import Example

REMEMBERED = 20_000_000  # pairs compared for repetitions: 24 bytes each, so at most half a gigabyte

REPEATED = "same source and target as an earlier pair"
AMBIGUOUS = "source of an earlier pair with another target"

_CHUNK = 8192  # pairs looked at together, so that the counting runs inside NumPy


def inspect(corpus: Examples) -> Report:
    """Read a corpus once, to its end, and describe it."""
    report = Report(str(corpus))
    seen = _Seen()
    usual: Usual | None = None
    for chunk in _chunks(corpus):
        characters = [np.array([len(text) for text in side]) for side in _sides(chunk)]
        usual = usual or Usual.of(*characters)  # the first chunk stands for all
        _measure(report, chunk, characters)
        _suspect(report.suspicious, corpus, chunk, usual.far(*characters))
        seen.add(chunk)
    report.findings, report.fingerprint = corpus.findings, corpus.fingerprint
    report.compared = len(seen.lines)
    for line in seen.repeated():
        report.repetitions.add(REPEATED, corpus.place(line))
    for line in seen.ambiguous():
        report.repetitions.add(AMBIGUOUS, corpus.place(line))
    return report


def _chunks(corpus: Examples) -> Iterator[list[Example]]:
    examples = iter(corpus)
    while chunk := list(islice(examples, _CHUNK)):
        yield chunk


def _sides(chunk: list[Example]) -> tuple[list[str], list[str]]:
    return [example.source for example in chunk], [example.target for example in chunk]


def _measure(report: Report, chunk: list[Example], characters: list[NDArray[np.int64]]) -> None:
    sources, targets = _sides(chunk)
    # Cleaned text holds single spaces only, so that counting them counts the words.
    report.source_words.add(np.array([text.count(" ") + 1 for text in sources]))
    report.target_words.add(np.array([text.count(" ") + 1 for text in targets]))
    report.source_characters.add(characters[0])
    report.target_characters.add(characters[1])
    steps = np.rint(characters[1] / characters[0] / report.ratio.unit)
    report.ratio.add(steps.astype(np.int64))


def _suspect(suspicious: Tally, corpus: Examples, chunk: list[Example], far: NDArray[np.intp]) -> None:
    for index in far:
        suspicious.add(LENGTH, corpus.place(chunk[index].line))
    for example in chunk:
        for sign in signs_of(example):
            suspicious.add(sign, corpus.place(example.line))


class _Seen:
    """Eight bytes for each source and each pair instead of their texts, up to REMEMBERED pairs."""

    def __init__(self) -> None:
        self.lines = array("q")
        self._sources = array("q")
        self._pairs = array("q")

    def add(self, chunk: list[Example]) -> None:
        """Remember a chunk while there is room."""
        chunk = chunk[: REMEMBERED - len(self.lines)]
        self.lines.extend(example.line for example in chunk)
        self._sources.extend(hash(example.source) for example in chunk)
        self._pairs.extend(hash((example.source, example.target)) for example in chunk)

    def repeated(self) -> list[int]:
        """The lines of pairs that stood before."""
        return self._lines(_repeats(np.array(self._pairs)))

    def ambiguous(self) -> list[int]:
        """The lines of new pairs whose source stood before."""
        fresh = np.delete(np.arange(len(self._pairs)), _repeats(np.array(self._pairs)))
        return self._lines(fresh[_repeats(np.array(self._sources)[fresh])])

    def _lines(self, indices: NDArray[np.intp]) -> list[int]:
        return [self.lines[index] for index in indices]


def _repeats(values: NDArray[np.int64]) -> NDArray[np.intp]:
    """The indices, rising, of all values that stand at a smaller index too."""
    order = np.argsort(values, kind="stable")
    again = values[order[1:]] == values[order[:-1]]
    return np.sort(order[1:][again])
