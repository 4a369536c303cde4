"""Answer: a question and a passage to an answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from regard.data.answered import open_answered
from regard.data.asking import SIGN, joined, parted, sentence_spans
from regard.data.located import located
from regard.data.long import Fitted, Rule, fit
from regard.data.read import Examples
from regard.decode.spans import Passage
from regard.errors import DataError, UsageError
from regard.sections import Data
from regard.sentences.periods import sentences
from regard.sentences.squad import normal
from regard.tasks.translate import Translate
from regard.text import clean
from regard.types import BOS, EOS, SPECIALS, UNK, Example


class Answer(Translate):
    """A source is the question, the start sign, and the passage: `QUESTION ||| PASSAGE`, or JSON with both.

    The start sign stands nowhere else in a source, so a model and a record can tell the two segments apart.
    The question comes first, so that no rule for long sources cuts it.
    """

    metrics: Mapping[str, Mapping[str, Any]] = {
        measure: {"name": "squad", "measure": measure} for measure in ("exact", "f1")
    }
    rules: tuple[Rule, ...] = ("window", "truncate", "leave_out", "error")
    defaults: Mapping[str, Mapping[str, Any]] = {
        "data": {"source": "context", "target": "", "longest": 400, "long": "window"},
        "decode": {"ratio": 0.0, "extra": 30},
    }
    given = f'"QUESTION {SIGN} PASSAGE"'
    plain = False
    guides = "sentences"
    pointed = True

    @classmethod
    def examples(cls, files: str | Path | Sequence[str | Path], data: Data, *, align: str = "") -> Examples:
        """The rows of one file: JSON lines, a table, or SQuAD's JSON."""
        given = [files] if isinstance(files, str | Path) else list(files)
        if len(given) != 1 or align:
            raise UsageError(
                f"got {len(given)} files{' and word alignments' if align else ''}; passages, questions and answers "
                "are in one file."
            )
        return open_answered(given[0], passage=data.source, question=data.question, answers=data.target)

    def fit(self, examples: Iterable[Example]) -> None:
        """Learn the vocabularies from questions, passages and all answers."""
        if self.source_codec is self.target_codec:
            self.source_codec.fit(text for example in examples for text in (*_sides(example), *example.references))
        else:
            self.source_codec.fit(text for example in examples for text in _sides(example))
            self.target_codec.fit(text for example in examples for text in example.references)

    def fitted(self, text: str) -> Fitted:
        """The question with the whole passage, its first tokens, or with each window of it."""
        if not clean(text):
            return Fitted((text,))
        try:
            question, passage = parted(text)
        except DataError as error:
            return Fitted((), str(error))
        head = joined(question, ""), len(self.source_codec.split(question)) + 1
        return fit(passage, self.length, rule=self.rule, limit=self.longest, head=head)

    def teaches(self, text: str, answer: str) -> bool:
        """Whether a window holds an answer, in its words, or so that it can be pointed at."""
        if self.points:
            return bool(self.target(answer, text))
        return f" {normal(answer)} " in f" {normal(parted(text)[1])} "

    def source(self, text: str) -> Sequence[int]:
        """The ids of the question, the start sign, those of the passage, and the end sign; none of an empty line."""
        if not clean(text):
            return []
        question, passage = parted(text)
        codec = self.source_codec
        return self.copyable([*codec.ids(codec.split(question)), BOS, *codec.encode(passage)], self.written(text)[:-1])

    def copyable(self, ids: list[int], tokens: Sequence[str]) -> Sequence[int]:
        """As of other sources; where an answer is pointed at, each place of the passage is a token of its own."""
        if not self.points:
            return super().copyable(ids, tokens)
        size, start = self.target_codec.size, ids.index(BOS)
        copies = (size + place if start < place < len(ids) - 1 else UNK for place in range(len(ids)))
        return Passage(tuple(ids), tuple(copies), size)

    def target(self, text: str, source: str = "") -> list[int]:
        """The ids of an answer, the end sign last; or the places of its first and last token, none if it has none."""
        if not self.points:
            return super().target(text, source)
        tokens = self.written(source)[:-1] if source else ()
        start = tokens.index(SPECIALS[BOS]) + 1 if tokens else 0
        span = located(tokens[start:], text)
        return [self.target_codec.size + start + place for place in span] if span else []

    def links(self, example: Example) -> list[tuple[int, int]]:
        """The places of each sentence that the answer follows from, with its number among these.

        None where the codec keeps no marks, so that its tokens do not tell where sentences end.
        """
        spans = sentence_spans(self.written(example.source)) if example.supports else []
        if len(spans) != len(sentences(parted(example.source)[1].split())):
            return []
        return [(place, i) for i, number in enumerate(example.supports) for place in range(*spans[number])]

    def written(self, text: str) -> tuple[str, ...]:
        """The tokens of a source as they are written, with the signs."""
        question, passage = parted(text)
        split = self.source_codec.split
        return *split(question), SPECIALS[BOS], *split(passage), SPECIALS[EOS]


def _sides(example: Example) -> Iterator[str]:
    return iter(parted(example.source))
