"""One run: trained or taken as it is, then measured on the test pairs, in a process of its own."""

import json
import math
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from rich.console import Console

from regard import config as configs
from regard.alignment import align, error_rate, read_gold
from regard.build import find
from regard.card import FILE as CARD
from regard.card import Card
from regard.comparison.gaze import coverage_deviation, entropy
from regard.comparison.variants import listed
from regard.config import Config
from regard.data.join import Joined
from regard.evaluation import Report, evaluate
from regard.files import write_text
from regard.loading import load
from regard.predictor import Predictor
from regard.sections import Compare
from regard.training import session
from regard.training.begin import FOLDER
from regard.training.memory import peak_mib
from regard.training.prepare import prepare
from regard.training.watch import read_log
from regard.types import Example

FILE = "measures.json"
SHOWN = 16  # sentences whose attention is kept for the page
READABLE = range(4, 19)  # words of a source that is easy to look at


@dataclass(frozen=True, slots=True, eq=False)  # a run is itself
class Run:
    """A run of a comparison: whose it is, what determines it, and where it lies."""

    variant: str
    config: Config
    folder: Path

    @property
    def key(self) -> str:
        """Tells whether measures are of this run: all that they depend on, but for speed, and nothing of the others.

        The test pairs count as they are in their files now; those of training are in the run's folder since it began.
        """
        options = self.config.compare
        settled = replace(
            self.config,
            train=replace(self.config.train, threads=0, workers=0, device="auto"),
            compare=Compare(test=options.test, joins=options.joins, gold=options.gold),
        )
        digest = sha256(json.dumps(asdict(settled), sort_keys=True).encode())
        for name in (*listed(options.test), *listed(options.gold)):
            digest.update(sha256(Path(name).read_bytes()).digest())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Measures:
    """What a run came to: all that tables, curves and the page are made of.

    valid_loss in nats a token; speeds a second; peak_mib of the whole process;
    entropy and coverage as in `gaze`; curve of (step, loss, first score); lines of
    (source, reference, output, further references); shown: records as plain data.
    """

    key: str
    parameters: int
    steps: int
    minutes: float
    valid_loss: float
    perplexity: float | None
    tokens_per_second: float
    sentences_per_second: float
    peak_mib: float | None
    entropy: float | None
    coverage: float | None
    alignment_error: float | None
    curve: list[list[float]]
    lines: list[list[str]]
    shown: list[dict[str, Any]]

    def save(self, folder: Path) -> None:
        """Write them beside the model; a run with this file is finished."""
        write_text(folder / FILE, json.dumps(asdict(self), ensure_ascii=False))

    @classmethod
    def load(cls, run: Run) -> Self | None:
        """What was measured of this very run, if it was."""
        try:
            found = cls(**json.loads((run.folder / FILE).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):  # not there, or of another version
            return None
        return found if found.key == run.key else None


def measure(run: Run, *, quiet: bool) -> Measures:
    """Train to the end what is not yet there, then run the test pairs through it."""
    config, folder = run.config, run.folder
    begun = (folder / configs.FILE).exists()
    if not (begun and (folder / CARD).exists() and configs.read(folder / configs.FILE).train == config.train):
        session.train(config, folder, resume=begun, console=Console(stderr=True, quiet=quiet))
    examples, model = test_examples(config, folder), load(folder)
    report = evaluate(model, examples)
    found = _measures(run, report, examples, alignment_error(model, examples, config.compare.gold))
    found.save(folder)
    return found


def test_examples(config: Config, folder: Path) -> list[Example]:
    """The pairs to measure on: those that are named, else the validation pairs of the run."""
    if config.compare.test:
        return named_examples(config)
    return prepare(config, folder, folder / FOLDER, lambda text: None).valid


def named_examples(config: Config) -> list[Example]:
    """The pairs of `compare.test`, joined as those of training are."""
    options, data = config.compare, config.data
    examples = list(find("tasks", config.task).examples(listed(options.test), data))
    if not data.join:
        return examples
    return [pair for k in range(options.joins) for pair in Joined(examples, data.join, config.seed + k)]


def alignment_error(model: Predictor, examples: list[Example], gold: str) -> float | None:
    """The alignment error rate of the attention under the given targets, in %; None without gold alignments."""
    if not gold:
        return None
    sources, targets = [e.source for e in examples], [e.target for e in examples]
    wanted = read_gold(gold, list(zip(sources, targets, strict=True)))
    return 100 * error_rate(align(model, sources, targets), wanted).error


def _measures(run: Run, report: Report, examples: list[Example], error: float | None) -> Measures:
    card, training = Card.load(run.folder), read_log(run.folder / FOLDER)
    outputs, first = report.outputs, next(iter(report.scores))
    return Measures(
        key=run.key,
        parameters=card.parameters,
        steps=card.training["steps"],
        minutes=card.training["minutes"],
        valid_loss=math.log(card.validation["perplexity"])
        if "perplexity" in card.validation
        else card.scores[first][0],
        perplexity=None if report.drawn else report.perplexity,
        tokens_per_second=card.training[f"target {run.config.units} a second"],
        sentences_per_second=report.sentences_per_second,
        peak_mib=max(card.training.get("peak MiB", 0), peak_mib()) or None,
        entropy=entropy(outputs),
        coverage=coverage_deviation(outputs),
        alignment_error=error,
        curve=[[facts["step"], facts["loss"], facts[first]] for facts in training if facts["kind"] == "valid"],
        lines=[[e.source, e.target, o.text, *e.others] for e, o in zip(examples, outputs, strict=True)],
        shown=[outputs[i].to_json() for i in _shown(examples)],
    )


def _shown(examples: list[Example]) -> list[int]:
    """Sentences spread over the test pairs, readable ones if there are any: the same for every run."""
    readable = [i for i, e in enumerate(examples) if len(e.source.split()) in READABLE] or list(range(len(examples)))
    return readable[:: -(-len(readable) // SHOWN)]
