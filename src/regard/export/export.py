"""A model folder gets its two graphs, which have proved that they say what the model says."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
from onnx import TensorProto, helper

from regard.build import build
from regard.card import Card
from regard.decode.backend import GRAPHS, Ask, Backend
from regard.decode.engine import Engine
from regard.decode.exported import WEIGHTS, Exported, digest, session
from regard.decode.pytorch import PyTorch
from regard.decode.shortlist import FILE
from regard.errors import ModelError, UsageError
from regard.export.graph import Graphs, facts_of, graphs
from regard.export.quantise import Seen, inputs_of_products, quantised
from regard.files import replacing
from regard.loading import load
from regard.predictor import Predictor
from regard.sections import Decode
from regard.types import BOS, EOS, UNK, Copyable, Example, Image, Source

Precision = Literal["int8", "fp32"]
Say = Callable[[str], None]
TOLERANCE = 1e-3  # nats by which the two may differ in single precision
SENTENCES = 1000  # that eight bits are judged by
NO_LIST = ("decode.shortlist=false",)  # an export begins without one
CALIBRATION = 200  # that scales are taken from


@dataclass(frozen=True, slots=True)
class Exports:
    """What an export came to: how far log probabilities differ at most, in nats, and the scores of both if judged."""

    precision: Precision
    difference: float
    bytes: int
    pairs: int = 0
    scores: tuple[float, float] | None = None  # of the model, and of the graphs
    metric: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the card has it."""
        facts: dict[str, Any] = {"precision": self.precision, "MiB": round(self.bytes / 2**20, 1)}
        facts["largest difference in nats"] = float(f"{self.difference:.2g}")
        if self.scores:
            facts |= {
                f"{self.metric} before": round(self.scores[0], 2),
                f"{self.metric} after": round(self.scores[1], 2),
            }
            facts["pairs"] = self.pairs
        return facts


def export(folder: str | Path, precision: Precision = "int8", data: Sequence[str] = (), say: Say = print) -> Exports:
    """Write `encoder.onnx` and `step.onnx` into a model folder.

    In single precision they must agree with PyTorch to `TOLERANCE`, or nothing
    is written. Eight bits are tried on the validation pairs, or on `data`, and the
    scores before and after are put into the card. A shortlist that is there is
    removed: it goes with its graphs (`export.shortlist.add`). ModelError, UsageError.
    """
    folder = Path(folder)
    predictor = load(folder, settings=NO_LIST, exported=False)
    if predictor.config.draws:
        raise UsageError(
            f"{folder} draws pictures step by step by chance, which is not exported: run it from its weights."
        )
    examples = examples_of(folder, predictor, data)
    sources = [source for source in (predictor.task.source(e.source) for e in examples[:CALIBRATION]) if len(source)]
    if precision == "int8" and not sources:
        raise UsageError(f"{folder} has no validation pairs to try eight bits on: name some as --data.")
    say("tracing ...")
    assert isinstance(predictor.backend, PyTorch)
    model = predictor.backend.model
    facts = {
        **facts_of(model),
        "regard": version("regard"),
        "weights": digest(folder / WEIGHTS),
    }
    plain = with_facts(graphs(model), {**facts, "precision": "fp32"})
    single = Exported(*in_bytes(plain))
    samples = sources[:16] or _made_up(predictor)
    difference = largest_difference(predictor.backend, single, samples)
    if not difference <= TOLERANCE:
        raise ModelError(f"{folder}: the graphs differ from the model by {difference:.2g} nats; nothing was written.")
    if precision == "fp32":
        done = Exports("fp32", difference, _write(folder, plain))
    else:
        say(f"scales from {len(sources):,} sentences ...")
        small = with_facts(in_eight_bits(plain, sources, predictor.config.decode), {**facts, "precision": "int8"})
        done = _judged(predictor, single, Exported(*in_bytes(small)), examples, samples)
        done = replace(done, bytes=_write(folder, small))
    into_card(folder, done.to_json())
    return done


def _made_up(predictor: Predictor) -> list[Source]:
    """Sources for a model that has no data beside it."""
    if predictor.task.reads == "text":
        texts = [(*[UNK] * n, EOS) for n in (1, 2, 7)]
        return [Copyable(ids, ids) if predictor.config.copies else ids for ids in texts]
    sight = predictor.config.picture
    shape = sight.side, sight.side, sight.channels
    pictures = [np.random.default_rng(seed).integers(0, 256, shape, np.uint8) for seed in range(3)]
    return [Image(picture, sight.places) for picture in pictures]


def largest_difference(one: Backend[Any], other: Backend[Any], sources: Sequence[Source]) -> float:
    """How far two back ends are apart at most, in nats, in steps that follow the first one's likeliest tokens."""
    tokens, rows, apart = np.full(len(sources), BOS), np.arange(len(sources)), 0.0
    states = [backend.start(sources) for backend in (one, other)]
    for _ in range(8):
        ask = Ask(1, np.arange(UNK + 1, dtype=np.int64)[None].repeat(len(sources), 0))
        first, states[0] = one.step(tokens, rows, states[0], Ask(5, ask.wanted))
        second, states[1] = other.step(tokens, rows, states[1], Ask(1, first.tokens))
        apart = max(apart, float(np.abs(first.log_probs - second.wanted).max()))
        tokens = first.tokens[:, 0]
    return apart


def _judged(
    predictor: Predictor, single: Exported, small: Exported, examples: list[Example], samples: Sequence[Source]
) -> Exports:
    name, section = next(iter(predictor.task.metrics.items()))
    metric, references = build("metrics", section), [e.references for e in examples]
    scores = []
    for backend in (single, small):
        outputs = Predictor(predictor.config, predictor.task, backend)([e.source for e in examples])
        scores.append(metric([output.text for output in outputs], references).value)
    apart = largest_difference(single, small, samples)
    return Exports("int8", apart, 0, len(examples), (scores[0], scores[1]), name)


def in_eight_bits(plain: Graphs, sources: Sequence[Source], options: Decode) -> Graphs:
    """Watch what enters the products while the sentences are searched, then turn them into whole numbers."""
    encoder, step = Watched(plain.encoder), Watched(plain.step)
    searched = Exported(*in_bytes(plain))
    searched.encoder, searched.stepper = encoder, step
    Engine(searched, options).run(sources)
    return Graphs(quantised(plain.encoder, encoder.seen), quantised(plain.step, step.seen))


class Watched:
    """A graph that remembers how large the entries are that enter its products: `seen`, under names of its own."""

    def __init__(self, graph: onnx.ModelProto) -> None:
        whole, self.own = onnx.ModelProto(), [output.name for output in graph.graph.output]
        whole.CopyFrom(graph)
        self.watched, self.seen = inputs_of_products(graph), dict[str, Seen]()
        more = [name for name in self.watched if name not in self.own]
        whole.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in more)
        self.session = session(whole.SerializeToString())

    def __call__(self, given: dict[str, Any]) -> list[Any]:
        """As the graph does."""
        names = list(dict.fromkeys([*self.own, *self.watched]))
        found = dict(zip(names, self.session.run(names, given), strict=True))
        for name in self.watched:
            before = self.seen[name].largest if name in self.seen else 0.0
            self.seen[name] = Seen(max(before, float(np.abs(found[name]).max())), found[name].shape[-1])
        return [found[name] for name in self.own]


def examples_of(folder: Path, predictor: Predictor, data: Sequence[str]) -> list[Example]:
    """The pairs of `data`, or else those that training was validated with, that an export is judged by; maybe none."""
    if data:
        return list(predictor.task.examples(list(data), predictor.config.data))[:SENTENCES]
    path = folder / "training" / "valid.jsonl"
    lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
    return [Example.from_json(json.loads(line)) for line in lines if line][:SENTENCES]


def with_facts(given: Graphs, facts: dict[str, str]) -> Graphs:
    """The same graphs, which also hold what they are."""
    for graph in (given.encoder, given.step):
        helper.set_model_props(graph, facts)
    return given


def in_bytes(given: Graphs) -> tuple[bytes, bytes]:
    """As they are written, and as `Exported` takes them."""
    return given.encoder.SerializeToString(), given.step.SerializeToString()


def _write(folder: Path, given: Graphs) -> int:
    size = 0
    (folder / FILE).unlink(missing_ok=True)
    for name, data in zip(GRAPHS, in_bytes(given), strict=True):
        with replacing(folder / name) as temporary:
            temporary.write_bytes(data)
        size += len(data)
    return size


def into_card(folder: Path, facts: dict[str, Any], *, beside: bool = False) -> None:
    """Put facts of an export into the card, in place or `beside` those that it has; a folder may have none yet."""
    try:
        card = Card.load(folder)
    except ModelError:
        return
    replace(card, export=(card.export if beside else {}) | facts).save(folder)
