"""Translate: a line of text to a line of text."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from regard.build import build
from regard.codecs import Codec
from regard.config import Config
from regard.data.long import Fitted, Rule, fit
from regard.tasks import Task
from regard.types import EOS, SPECIALS, Example, Hypothesis, Record

NOTHING = Record("", "", (), (), np.zeros(0, np.float32), np.zeros((0, 0), np.float32))


class Translate(Task):
    """One vocabulary for both languages if the embedding is shared, else one for each."""

    metrics: Mapping[str, Mapping[str, Any]] = {
        "bleu": {"name": "bleu"},
        "chrf": {"name": "chrf"},
        "exact": {"name": "exact"},
    }

    rules: tuple[Rule, ...] = ("leave_out", "error")

    def __init__(self, config: Config) -> None:
        """Prepare the codecs."""
        self.rule, self.longest = config.data.long, config.data.longest
        self.source_codec: Codec = build("codecs", config.codec)
        self.target_codec: Codec = self.source_codec if config.embedding.shared else build("codecs", config.codec)

    @property
    def sizes(self) -> tuple[int, int]:
        """Of the source and target vocabularies."""
        return self.source_codec.size, self.target_codec.size

    def fit(self, examples: Iterable[Example]) -> None:
        """Learn the vocabularies from both sides."""
        if self.source_codec is self.target_codec:
            self.source_codec.fit(text for example in examples for text in (example.source, example.target))
        else:
            self.source_codec.fit(example.source for example in examples)
            self.target_codec.fit(example.target for example in examples)

    def save(self, folder: Path) -> None:
        """Write each codec into a folder of its own."""
        for name, codec in self._codecs():
            codec.save(folder / name)

    def load(self, folder: Path) -> None:
        """Read the codecs."""
        for name, codec in self._codecs():
            codec.load(folder / name)

    def source(self, text: str) -> list[int]:
        """The ids of a line, the end sign last; none if it holds nothing but space."""
        ids = self.source_codec.encode(text)
        return ids if len(ids) > 1 else []

    def fitted(self, text: str) -> Fitted:
        """The text, as far as the rule for long ones lets it."""
        return fit(text, self.length, rule=self.rule, limit=self.longest)

    def length(self, text: str) -> int:
        """Of a text, in tokens of a source, without the end sign."""
        return len(self.source_codec.split(text))

    def written(self, text: str) -> tuple[str, ...]:
        """The tokens of a source as they are written, even those that the vocabulary lacks, the end sign last."""
        return (*self.source_codec.split(text), SPECIALS[EOS])

    def target(self, text: str) -> list[int]:
        """The ids of a line, the end sign last."""
        return self.target_codec.encode(text)

    def drawn(self, source: list[int], target: list[int], random: Generator) -> tuple[list[int], list[int]]:
        """As the codecs draw them."""
        return self.source_codec.drawn(source, random), self.target_codec.drawn(target, random)

    def tokens(self, source: str, target: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Both sides cut by their codecs, the end sign last."""
        return self.written(source), (*self.target_codec.split(target), SPECIALS[EOS])

    def spelled(self, ids: Iterable[int]) -> list[str]:
        """As the target codec writes them."""
        return self.target_codec.tokens(ids)

    def join(self, tokens: Iterable[str]) -> str:
        """As the target codec joins them."""
        return self.target_codec.join(tokens)

    def records(self, text: str, hypotheses: Sequence[Hypothesis]) -> list[Record]:
        """Put ids into words; source tokens keep their letters even where the vocabulary lacks them."""
        if not hypotheses:
            return [NOTHING]
        source = self.written(text)
        return [self._record(text, source, hypothesis) for hypothesis in hypotheses]

    def _record(self, text: str, source: tuple[str, ...], hypothesis: Hypothesis) -> Record:
        tokens = tuple(self.spelled(hypothesis.tokens.tolist()))
        return Record(text, self.join(tokens), source, tokens, hypothesis.log_probs, hypothesis.attention)

    def _codecs(self) -> list[tuple[str, Codec]]:
        if self.source_codec is self.target_codec:
            return [("codec", self.source_codec)]
        return [("source_codec", self.source_codec), ("target_codec", self.target_codec)]
