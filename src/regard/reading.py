"""Lines to the sources that are read of them, and what several sources of one line come to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from regard.decode.ranking import rank
from regard.errors import DataError
from regard.sections import Decode
from regard.tasks import Task
from regard.types import Hypothesis, Record, Source

Part = tuple[str, list[Hypothesis]]  # a text that was read, and what was found for it, best first


@dataclass(slots=True)
class Reading:
    """What is read of some lines: the texts of all of them, the source of each text, and the line that it is of.

    faults: why a line cannot be read, by its place; such a line has one source, which is empty.
    notes: what was done to lines that are too long.
    """

    texts: list[str] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)

    def by_line(self, found: Sequence[list[Hypothesis]]) -> Iterator[list[Part]]:
        """What was found for the sources of each line."""
        parts = zip(self.owners, self.texts, found, strict=True)
        for _, some in groupby(parts, key=lambda part: part[0]):
            yield [(text, hypotheses) for _, text, hypotheses in some]


def read(task: Task, lines: Sequence[str]) -> Reading:
    """Bring lines to what the model takes."""
    reading = Reading()
    for place, line in enumerate(lines):
        fitted = task.fitted(line)
        texts = fitted.texts or (line,)
        try:
            sources = [task.source(text) for text in fitted.texts]
        except DataError as error:
            sources, reading.faults[place] = [], str(error)
        if not fitted.texts:
            reading.faults[place] = fitted.note
        elif fitted.note:
            reading.notes[place] = fitted.note
        reading.texts += texts if sources else texts[:1]
        reading.sources += sources or [[]]
        reading.owners += [place] * max(1, len(sources))
    return reading


def records(task: Task, parts: Sequence[Part], options: Decode, nbest: int) -> list[Record]:
    """The best outputs for a line, of all its parts together; each text once, where it ranks highest.

    Outputs of different parts are compared as those of one search are. An empty one comes last: the answer
    is then in another part.
    """
    if len(parts) == 1:
        return task.records(*parts[0])
    found = [
        (bool(record.text), rank(hypothesis, options), record)
        for text, hypotheses in parts
        for hypothesis, record in zip(hypotheses, task.records(text, hypotheses), strict=True)
    ]
    best: dict[str, Record] = {}
    for *_, record in sorted(found, key=lambda one: one[:2], reverse=True):
        best.setdefault(record.text, record)
    return list(best.values())[:nbest]
