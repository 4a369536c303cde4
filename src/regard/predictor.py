"""A trained model, ready for use: `model = regard.load(folder); model("A man rides a bike.")`."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, overload

from numpy import bool_, float32
from numpy.typing import NDArray

from regard import reading
from regard.config import Config
from regard.decode.backend import Backend
from regard.decode.constraint import FREE, Constraint
from regard.decode.engine import ROWS, Engine
from regard.decode.shortlist import Shortlist
from regard.decode.spans import Passage, of_forced
from regard.decode.stream import stream
from regard.errors import DataError, UsageError
from regard.sections import Decode
from regard.tasks import Task
from regard.types import UNK, Hypothesis
from regard.view.record import Output
from regard.wording import NO_WISHES, Line, Wishes, continues

WINDOW = 2048  # sources that are sorted together: long enough to batch well, short enough for flat memory


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """A token of an output that is being written: the text so far, and what the model made of this token."""

    text: str
    token: str
    log_prob: float
    attention: NDArray[float32]
    p_gen: float | None = None


class Predictor:
    """A task, a back end and the options of its search; call it with a text or with many.

    `text in, Output out`: `.text`, `.words`, `.tokens`, `.score`, `.attention`, `.show()`, `.save("a.html")`.
    With a `shortlist`, outputs are made of what their sources list, and their probabilities are among that;
    given targets (`score`, `force`) are always judged among all tokens.
    """

    def __init__(self, config: Config, task: Task, backend: Backend[Any], shortlist: Shortlist | None = None) -> None:
        self.config, self.task, self.backend, self.shortlist = config, task, backend, shortlist

    @overload
    def __call__(
        self,
        source: str,
        *,
        beam: int | None = None,
        nbest: int = 1,
        prefix: str = "",
        require: Sequence[str] = (),
        forbid: Sequence[str] = (),
        wishes: Wishes = NO_WISHES,
    ) -> Output: ...
    @overload
    def __call__(
        self,
        source: list[str] | tuple[str, ...],
        *,
        beam: int | None = None,
        nbest: int = 1,
        prefix: str = "",
        require: Sequence[str] = (),
        forbid: Sequence[str] = (),
        wishes: Wishes = NO_WISHES,
    ) -> list[Output]: ...
    def __call__(
        self,
        source: str | list[str] | tuple[str, ...],
        *,
        beam: int | None = None,
        nbest: int = 1,
        prefix: str = "",
        require: Sequence[str] = (),
        forbid: Sequence[str] = (),
        wishes: Wishes = NO_WISHES,
    ) -> Output | list[Output]:
        """One output for each source; `beam` as configured, unless it is given.

        The output begins with `prefix`, has each of `require` and none of
        `forbid` as whole words, as far as that is possible; `wishes` are these
        and others in one. One source that cannot be read, such as a broken
        picture, is a DataError; among many it gives an empty output with a `fault`.
        """
        if prefix or require or forbid:
            wishes = replace(wishes, prefix=prefix, require=tuple(require), forbid=tuple(forbid))
        if isinstance(source, str):
            output = next(self.stream([source], beam=beam, nbest=nbest, wishes=wishes))
            if output.fault:
                raise DataError(output.fault)
            return output
        return list(self.stream(source, beam=beam, nbest=nbest, wishes=wishes))

    def stream(
        self,
        sources: Iterable[str],
        *,
        beam: int | None = None,
        nbest: int = 1,
        wishes: Wishes = NO_WISHES,
        rows: int = ROWS,
        window: int = WINDOW,
    ) -> Iterator[Output]:
        """One output for each source, in their order, in memory that does not grow with their number.

        `rows` sources are searched at once, chosen by length among `window` sources.
        """
        options = self.config.decode if beam is None else replace(self.config.decode, beam=beam)
        if self.task.reads != "text" and wishes.of_source:
            raise UsageError("a glossary, protected strings and --replace-unknown want a text, not a picture.")
        if wishes.protect and not self.task.plain:
            raise UsageError("--protect wants sources that are read as they stand, such as those to be translated.")
        if self.task.writes == "pictures" and options.temperature:
            options = replace(options, beam=max(nbest, options.beam))  # each is drawn by itself
        if options.beam < 1 or not 1 <= nbest <= options.beam:
            raise UsageError(f"beam is {options.beam} and nbest {nbest}; it must be 1 <= nbest <= beam.")
        if self.config.points:
            options = _of_spans(options, wishes)
        if self.task.writes == "pictures":
            _of_drawings(wishes)
        engine = Engine(self.backend, options, rows=rows, continues=self._continues, shortlist=self.shortlist)
        lines = map(wishes.line, sources)
        while some := list(itertools.islice(lines, min(window, self.task.window))):
            constraints = [self._constraint(line) for line in some]
            asked = None if all(constraint == FREE for constraint in constraints) else constraints
            found = reading.read(self.task, [line.text for line in some])
            asked = None if asked is None else [asked[owner] for owner in found.owners]
            for place, parts in enumerate(found.by_line(engine.run(found.sources, nbest, asked))):
                line = some[place]
                records = reading.records(self.task, parts, options, nbest)
                output = Output.best_of([line.finish(record, self.task.join) for record in records])
                fault, note = found.faults.get(place, ""), found.notes.get(place, "")
                yield replace(output, fault=fault, note=note) if fault or note else output

    def tokens(self, source: str) -> Iterator[Token]:
        """The output of a beam of one while it is being written, token by token; its end sign is the last.

        The text grows from token to token; the last one's is that of `self(source, beam=1)`.
        """
        said: list[str] = []
        fitted = self.task.fitted(source)
        if len(fitted.texts) != 1:
            raise DataError(f"the source cannot be read in one go: {fitted.note}.")
        (text,) = fitted.texts
        for step in stream(self.backend, self.task.source(text), self.config.decode, self.shortlist):
            said += self.task.spelled([step.token], text)
            yield Token(self.task.join(said), said[-1], step.log_prob, step.attention, step.p_gen)

    @cached_property
    def _continues(self) -> NDArray[bool_]:
        return continues(self.task.spelled(range(self.task.sizes[1])))

    def _constraint(self, line: Line) -> Constraint:
        """What the output must look like, in ids; a term that the vocabulary and the source lack is left out."""
        texts = line.wishes.prefix, *line.require, *line.wishes.forbid
        prefix, *both = (tuple(self.task.target(text, line.text)[:-1]) for text in texts)
        terms, forbidden = both[: len(line.require)], both[len(line.require) :]
        known = tuple(term for term in terms if term and UNK not in term)
        return Constraint(prefix, known, tuple(term for term in forbidden if term and UNK not in term))

    def score(self, sources: Sequence[str], targets: Sequence[str]) -> list[NDArray[float32]]:
        """The log probability of each token of given targets, the end sign last, in nats."""
        scores: list[NDArray[float32]] = []
        for forced in self._forced(sources, targets, ROWS, WINDOW):
            if not forced.hypotheses:
                why = f"has no {forced.target!r} to point at" if self.config.points else "is empty"
                raise UsageError(f"the source {forced.text!r} {why}: what follows from it has no probability.")
            scores.append(forced.hypotheses[0].log_probs)
        return scores

    def force(
        self, sources: Iterable[str], targets: Iterable[str], *, rows: int = ROWS, window: int = WINDOW
    ) -> Iterator[Output]:
        """What the model makes of given targets: outputs as if it had said them, in their order.

        Their tokens are as the targets are written, even those that the
        vocabulary lacks. Memory and `rows` are as in `stream`; an empty source
        gives an empty output. Of a source that is read in windows, the one in
        which the target is likeliest counts.
        """
        return (self._as_written(forced) for forced in self._forced(sources, targets, rows, window))

    def _forced(self, sources: Iterable[str], targets: Iterable[str], rows: int, window: int) -> Iterator["_Forced"]:
        """Each pair with the given target as a hypothesis; with none if the source is empty. DataError if it is bad."""
        engine, rest = Engine(self.backend, self.config.decode, rows=rows), zip(sources, targets, strict=True)
        while pairs := list(itertools.islice(rest, min(window, self.task.window))):
            found = reading.read(self.task, [source for source, _ in pairs])
            for fault in found.faults.values():
                raise DataError(fault)
            best: dict[int, tuple[str, Hypothesis]] = {}
            wanted = [
                self.task.wanted(pairs[owner][1], text) for text, owner in zip(found.texts, found.owners, strict=True)
            ]
            for part, hypothesis in engine.force(found.sources, wanted):
                owner = found.owners[part]
                if owner not in best or hypothesis.score > best[owner][1].score:
                    best[owner] = found.texts[part], hypothesis
            for place, (source, target) in enumerate(pairs):
                text, *hypotheses = best.get(place, (source,))
                yield _Forced(text, target, hypotheses, found.notes.get(place, ""))

    def _as_written(self, forced: "_Forced") -> Output:
        if self.config.points:
            source = self.task.source(forced.text) if forced.hypotheses else None
            found = [of_forced(source, h) for h in forced.hypotheses if isinstance(source, Passage)]
            return replace(Output.best_of(self.task.records(forced.text, found)), note=forced.note)
        record = self.task.records(forced.text, forced.hypotheses)[0]
        if forced.hypotheses:
            tokens = self.task.tokens(forced.text, forced.target)[1]
            record = replace(record, text=forced.target, tokens=tokens, note=forced.note)
        return Output.best_of([record])


def _of_spans(options: Decode, wishes: Wishes) -> Decode:
    """How spans are compared: by their probability alone, whatever their length. UsageError for words wished for."""
    if wishes.prefix or wishes.require or wishes.forbid:
        raise UsageError("this model points at a span of the passage: it has no words that could be asked for.")
    return replace(options, length_penalty=0.0, coverage_penalty=0.0)


def _of_drawings(wishes: Wishes) -> None:
    """UsageError for words wished for."""
    if wishes.prefix or wishes.require or wishes.forbid:
        raise UsageError("this model draws: a picture has no words that could be asked for.")


class _Forced(NamedTuple):
    """A given target: the text that was read, and what the model makes of it; nothing of an empty source."""

    text: str
    target: str
    hypotheses: list[Hypothesis]
    note: str
