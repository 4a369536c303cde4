"""What is trained on of sources that are longer than the limit; all of it counted."""

from collections import Counter
from dataclasses import dataclass, field, replace

from regard.data.findings import Tally
from regard.data.long import Fitted
from regard.data.read import Examples
from regard.errors import DataError
from regard.sections import Data
from regard.tasks import Task
from regard.types import Example

DONE = {"truncate": "cut", "window": "read in windows"}


@dataclass(frozen=True, slots=True)
class Cuts:
    """The texts that are read of a source, as examples of their own; `long` and `left_out` are told what was done."""

    task: Task
    data: Data
    long: Tally = field(default_factory=Tally)
    left_out: Tally = field(default_factory=Tally)

    def reads(self, example: Example, corpus: Examples) -> Fitted:
        """The texts of a source; none if it cannot be read. DataError for a long one if that is the rule."""
        fitted, place, most = self.task.fitted(example.source), corpus.place(example.line), self.data.longest
        if not fitted.texts and self.data.long == "error":
            raise DataError(f"{place}: {fitted.note}; data.long = 'error' lets none pass.")
        if not fitted.texts:
            self.left_out.add(f"a question of more than {most:,} tokens", place)
        elif fitted.note:
            self.long.add(f"a source of more than {most:,} tokens, {DONE[self.data.long]}", place)
        return fitted

    def __call__(self, example: Example, corpus: Examples) -> list[Example]:
        """Each text with the targets that it is to be trained on with; none if it is left out."""
        fitted = self.reads(example, corpus)
        if len(fitted.texts) < 2:
            return [_shortened(example, text) for text in fitted.texts]
        windows = [self._window(example, text) for text in fitted.texts]
        found = [window for window in windows if window]
        if not found:
            self.left_out.add("no window holds the answer", corpus.place(example.line))
        return found

    def counts(self) -> dict[str, Counter[str]]:
        """How often what was done, counted on as examples are read: as it is kept beside the pairs."""
        return {"left_out": self.left_out.counts, "long": self.long.counts}

    def lines(self) -> list[str]:
        """What to tell at the end."""
        return [*self.long.lines("pair"), *self.left_out.lines("pair", " left out")]

    def _window(self, example: Example, text: str) -> Example | None:
        right = [answer for answer in example.references if self.task.teaches(text, answer)]
        if not right:
            return None
        return replace(example, source=text, target=right[0], others=tuple(right[1:]), supports=())


def _shortened(example: Example, text: str) -> Example:
    """An example with the beginning of its source; links of words that are gone go too, and what it follows from."""
    if text == example.source:
        return example
    words = len(text.split())
    kept = frozenset((source, target) for source, target in example.alignment if source < words)
    return replace(example, source=text, alignment=kept, supports=())
