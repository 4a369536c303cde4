"""A lexical table from the model's own attention: which target tokens a source token yields in its training pairs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from regard.build import build
from regard.data.store import Store
from regard.decode.backend import GRAPHS, Backend
from regard.decode.constraint import FREE
from regard.decode.engine import Engine
from regard.decode.exported import Exported
from regard.decode.shortlist import Shortlist
from regard.errors import UsageError
from regard.export.export import NO_LIST, Say, examples_of, into_card
from regard.export.listed import listed
from regard.files import replacing
from regard.loading import load
from regard.predictor import Predictor
from regard.sections import Decode
from regard.types import PAD, SPECIALS, Example, Hypothesis

LIKELY = 50  # target tokens of each source token, if nothing else is asked for
COMMON = 500  # the most frequent target tokens, which every source may have
PAIRS = 100_000  # that the table is gathered from at most, evenly spaced
DUST = 0.01  # attention below this is not counted
LEAST = 1e-9  # what counts less than all that was seen
LOSS = 0.2  # of the task's first score, in its points: a shortlist that costs more is not kept
WINDOW = 4096  # pairs that are sorted by length together, and whose counts are added up at once

Ints = NDArray[np.int64]
Doubles = NDArray[np.float64]
Pair = tuple[Sequence[int], list[int]]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a shortlist does to the outputs for some sources: scores without and with it, and how many outputs change.

    tokens: in a source's list, on average, of all that there are.
    """

    metric: str
    before: float
    after: float
    outputs: int
    changed: int
    tokens: tuple[int, int]

    @property
    def kept(self) -> bool:
        """Whether it costs no more than is tolerated."""
        return self.after >= self.before - LOSS

    def __str__(self) -> str:
        """In one line for people."""
        return (
            f"{self.metric} {self.before:.2f} without, {self.after:.2f} with it ({self.after - self.before:+.2f}); "
            f"{self.changed:,} of {self.outputs:,} outputs change; "
            f"{self.tokens[0]:,} of {self.tokens[1]:,} tokens in a list"
        )

    def to_json(self) -> dict[str, Any]:
        """As the card has it."""
        return {
            "shortlist": "kept" if self.kept else f"not kept, for it costs more than {LOSS} {self.metric}",
            f"shortlist {self.metric} without": round(self.before, 2),
            f"shortlist {self.metric} with": round(self.after, 2),
            "shortlist outputs": self.outputs,
            "shortlist outputs changed": self.changed,
            "shortlist tokens in a list": self.tokens[0],
        }


def gather(
    backend: Backend[Any],
    pairs: Iterable[Pair],
    sizes: tuple[int, int],
    weights: str,
    keep: int = LIKELY,
    *,
    shared: bool,
) -> Shortlist:
    """The `keep` target tokens on which each source token has the most attention, summed over forced pairs.

    weight[s, t] = the sum over all steps that emit t of the attention on places that hold s.
    What is common needs no place in a row. Where both sides have a `shared` vocabulary, a
    token may be carried over, if there is room: names that no pair holds are.
    """
    engine, size = Engine(backend, Decode()), sizes[1]
    frequency, sums, rest = np.zeros(size, np.int64), _Sums(), iter(pairs)
    while some := list(islice(rest, WINDOW)):
        for place, forced in engine.force([source for source, _ in some], [target for _, target in some]):
            sums.add(*_seen(np.array(some[place][0]), forced, size))
            np.add.at(frequency, forced.tokens, 1)
        sums.settle()
    if shared:
        own = np.arange(size)
        sums.add(own * size + own, np.full(size, LEAST))
        sums.settle()
    often = np.argsort(-frequency, kind="stable")[:COMMON]
    common = np.union1d(np.arange(len(SPECIALS)), often[frequency[often] > 0]).astype(np.int32)
    return Shortlist(_rows(sums, common, sizes, keep), common, size, weights)


def add(
    folder: str | Path, keep: int = LIKELY, data: Sequence[str] = (), judged_by: Sequence[str] = (), say: Say = print
) -> Effect:
    """Give an exported model a shortlist, if its outputs stay as good: `shortlist.safetensors`, and a step to use it.

    Gathered over `data`, or the pairs that the model was trained on; tried on `judged_by`, or
    the validation pairs. If it costs more than `LOSS` it is not kept, and the folder stays as
    it is. What came of it goes into the card. ModelError, UsageError.
    """
    folder = Path(folder)
    predictor = load(folder, settings=NO_LIST)
    if predictor.task.reads != "text":
        raise UsageError(f"{folder} reads pictures, which have no tokens that a shortlist could follow from.")
    if predictor.config.copies:
        raise UsageError(f"{folder} copies words of its source, which no shortlist could hold.")
    if not isinstance(predictor.backend, Exported):
        raise UsageError(f"{folder} is not exported; a shortlist goes with its graphs: run `regard export {folder}`.")
    examples = examples_of(folder, predictor, judged_by)
    if not examples:
        raise UsageError(f"{folder} has no validation pairs to try a shortlist on: name some as --data.")
    pairs = training_pairs(folder, predictor, data)
    say(f"shortlist from {len(pairs):,} pairs ...")
    weights, shared = predictor.backend.facts["weights"], predictor.config.embedding.shared
    shortlist = gather(predictor.backend, pairs, predictor.task.sizes, weights, keep, shared=shared)
    encoder, step = ((folder / name).read_bytes() for name in GRAPHS)
    if not predictor.backend.listed:
        step = listed(onnx.load_from_string(step)).SerializeToString()
    backend = Exported(encoder, step, predictor.backend.workers)
    found = effect(Predictor(predictor.config, predictor.task, backend), shortlist, examples)
    if found.kept:
        with replacing(folder / GRAPHS[1]) as temporary:
            temporary.write_bytes(step)
        shortlist.save(folder)
    into_card(folder, found.to_json(), beside=True)
    return found


def _seen(source: Ints, forced: Hypothesis, size: int) -> tuple[Ints, Doubles]:
    """Keys source x size + target with their attention, without dust."""
    step, place = np.nonzero(forced.attention > DUST)
    return source[place] * size + forced.tokens[step], forced.attention[step, place].astype(np.float64)


def _rows(sums: "_Sums", common: NDArray[np.int32], sizes: tuple[int, int], keep: int) -> NDArray[np.int32]:
    """The largest `keep` of each source token that are not common; padding where there are fewer."""
    source, target = np.divmod(sums.keys, sizes[1])
    rare = np.flatnonzero(~np.isin(target, common))
    best = rare[np.lexsort((target[rare], -sums.weights[rare], source[rare]))]
    source, target = source[best], target[best]
    place = np.arange(len(source)) - np.searchsorted(source, source)
    near = place < keep
    rows = np.full((sizes[0], keep), PAD, np.int32)
    rows[source[near], place[near]] = target[near]
    return rows


class _Sums:
    """Weights by key, without a table of all that there could be: most tokens never meet."""

    def __init__(self) -> None:
        self.keys, self.weights = np.zeros(0, np.int64), np.zeros(0, np.float64)
        self.waiting: list[tuple[Ints, Doubles]] = []

    def add(self, keys: Ints, weights: Doubles) -> None:
        """More of them, which count after `settle`."""
        self.waiting.append((keys, weights))

    def settle(self) -> None:
        """Add up what has come since."""
        keys, weights = zip((self.keys, self.weights), *self.waiting, strict=True)
        self.keys, places = np.unique(np.concatenate(keys), return_inverse=True)
        self.weights = np.bincount(places, np.concatenate(weights), len(self.keys)).astype(np.float64)
        self.waiting = []


def training_pairs(folder: Path, predictor: Predictor, data: Sequence[str]) -> list[Pair]:
    """At most `PAIRS` pairs to gather from: of `data`, or of what the model was trained on. UsageError without any."""
    if data:
        task = predictor.task
        examples = islice(task.examples(list(data), predictor.config.data), PAIRS)
        return [(task.stored(example.source), task.target(example.target)) for example in examples]
    if not Store.exists(folder / "training"):
        raise UsageError(f"{folder} has no training pairs to gather a shortlist from: name some as --shortlist-data.")
    store = Store(folder / "training")
    chosen = np.linspace(0, len(store) - 1, min(len(store), PAIRS)).astype(int)
    return [store[i] for i in chosen.tolist()]


def effect(predictor: Predictor, shortlist: Shortlist, examples: Sequence[Example]) -> Effect:
    """The outputs of one model without and with a shortlist, compared with the references and with each other."""
    sources, (metric, section) = [example.source for example in examples], next(iter(predictor.task.metrics.items()))
    texts = []
    for given in (None, shortlist):
        outputs = Predictor(predictor.config, predictor.task, predictor.backend, given)(sources)
        texts.append([output.text for output in outputs])
    measure = build("metrics", section)
    before, after = (measure(found, [example.references for example in examples]).value for found in texts)
    changed = sum(one != other for one, other in zip(*texts, strict=True))
    own = [ids for ids in map(predictor.task.source, sources) if len(ids)]
    listed = shortlist.of(own, [FREE] * len(own)).own.sum(1).mean() if own else 0
    return Effect(metric, before, after, len(sources), changed, (round(float(listed)), shortlist.size))
