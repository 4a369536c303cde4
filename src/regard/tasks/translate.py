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
from regard.types import BOS, EOS, SPECIALS, UNK, Copyable, Example, Hypothesis, Record

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
        self.copies, self.points = config.copies, config.points
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

    def source(self, text: str) -> Sequence[int]:
        """The ids of a line, the end sign last; none if it holds nothing but space. What may be copied says so."""
        tokens = self.source_codec.split(text)
        return self.copyable([*self.source_codec.ids(tokens), EOS], tokens) if tokens else []

    def copyable(self, ids: list[int], tokens: Sequence[str]) -> Sequence[int]:
        """The ids of a source with what each of its tokens is as an output, if anything is to be copied; no sign is."""
        if not self.copies:
            return ids
        copies = [*self._copies(tokens, tokens), EOS]
        return Copyable(tuple(ids), tuple(i if i == BOS else copy for i, copy in zip(ids, copies, strict=True)))

    def fitted(self, text: str) -> Fitted:
        """The text, as far as the rule for long ones lets it."""
        return fit(text, self.length, rule=self.rule, limit=self.longest)

    def length(self, text: str) -> int:
        """Of a text, in tokens of a source, without the end sign."""
        return len(self.source_codec.split(text))

    def written(self, text: str) -> tuple[str, ...]:
        """The tokens of a source as they are written, even those that the vocabulary lacks, the end sign last."""
        return (*self.source_codec.split(text), SPECIALS[EOS])

    def target(self, text: str, source: str = "") -> list[int]:
        """The ids of a line, the end sign last."""
        if not (self.copies and source):
            return self.target_codec.encode(text)
        return [*self._copies(self.target_codec.split(text), self.written(source)[:-1]), EOS]

    def _copies(self, tokens: Sequence[str], source: Sequence[str]) -> list[int]:
        """Ids of the target; of what its vocabulary lacks and the source has, one beyond it, by the first place."""
        first = {token: place for place, token in reversed(list(enumerate(source, self.target_codec.size)))}
        known = zip(tokens, self.target_codec.ids(tokens), strict=True)
        return [first.get(token, UNK) if i == UNK else i for token, i in known]

    def drawn(self, source: Sequence[int], target: list[int], random: Generator) -> tuple[Sequence[int], list[int]]:
        """As the codecs draw them; where words are copied they stay as they are."""
        if self.copies:
            return source, target
        return self.source_codec.drawn(list(source), random), self.target_codec.drawn(target, random)

    def tokens(self, source: str, target: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Both sides cut by their codecs, the end sign last."""
        return self.written(source), (*self.target_codec.split(target), SPECIALS[EOS])

    def spelled(self, ids: Iterable[int], source: str = "") -> list[str]:
        """As the target codec writes them, or as they stand in the source."""
        ids, size = list(ids), self.target_codec.size
        if not (self.copies and max(ids, default=0) >= size):
            return self.target_codec.tokens(ids)
        known = iter(self.target_codec.tokens(i for i in ids if i < size))
        own = self.written(source)
        return [next(known) if i < size else own[i - size] for i in ids]

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
        tokens = tuple(self.spelled(hypothesis.tokens.tolist(), text))
        return Record(
            text,
            self.join(tokens),
            source,
            tokens,
            hypothesis.log_probs,
            hypothesis.attention,
            p_gen=hypothesis.p_gen,
        )

    def _codecs(self) -> list[tuple[str, Codec]]:
        if self.source_codec is self.target_codec:
            return [("codec", self.source_codec)]
        return [("source_codec", self.source_codec), ("target_codec", self.target_codec)]
