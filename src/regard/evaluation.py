"""Model x data x metrics -> report."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regard.alignment.pointing import pointing
from regard.build import build
from regard.errors import UsageError
from regard.metrics import Score
from regard.predictor import Predictor
from regard.types import Example
from regard.view.record import Output


@dataclass(frozen=True, slots=True)
class Report:
    """What a model reaches on data: each metric, the perplexity of the references, the speed; with a shortlist or not.

    `cost` is the mean negative log probability of a reference token, end signs counted, in nats, and perplexity exp of
    it; where a whole picture is drawn (`drawn`), it is the bound on that of a picture. `outputs` are in the order of
    the examples; where they are to be pictures, they are the targets, and their text what each costs.
    """

    examples: int
    scores: dict[str, Score]
    cost: float
    sentences_per_second: float
    outputs: list[Output]
    shortlist: bool = False
    drawn: bool = False

    @property
    def perplexity(self) -> float:
        """Exp of the cost."""
        return _exp(self.cost)

    @property
    def judged(self) -> dict[str, float]:
        """What the references cost, by the name that is usual for it."""
        return {} if self.drawn else {"perplexity": round(self.perplexity, 4)}

    def to_json(self) -> dict[str, Any]:
        """As plain data, without the outputs."""
        return {
            "examples": self.examples,
            **{name: round(score.value, 4) for name, score in self.scores.items()},
            **self.judged,
            "sentences_per_second": round(self.sentences_per_second, 1),
            "shortlist": self.shortlist,
            "signatures": {name: score.signature for name, score in self.scores.items()},
        }


def evaluate(predictor: Predictor, examples: Sequence[Example], *, beam: int | None = None) -> Report:
    """Run the sources, compare with all references of each, and with the supports of those that have any.

    UsageError without examples.
    """
    if not examples:
        raise UsageError("there are no examples to evaluate on.")
    metrics = {name: build("metrics", section) for name, section in predictor.task.metrics.items()}
    sources, drawn = [e.source for e in examples], predictor.task.writes == "pictures"
    started = time.perf_counter()
    outputs = _costs(predictor, examples) if drawn else predictor(sources, beam=beam)
    seconds = time.perf_counter() - started
    paid = _mean(predictor, [output.token_scores for output in outputs]) if drawn else cost(predictor, examples)
    texts = [output.text for output in outputs]
    scores = {name: metric(texts, [metric.beside(e) for e in examples]) for name, metric in metrics.items()}
    scores |= pointing(outputs, [e.supports for e in examples])
    speed, listed = len(examples) / seconds, predictor.shortlist is not None
    return Report(len(examples), scores, paid, speed, outputs, listed, predictor.config.draws)


def perplexity(predictor: Predictor, examples: Sequence[Example]) -> float:
    """exp(-mean log p(token)) of the targets under the model; sources that cannot be read are left out."""
    return _exp(cost(predictor, examples))


def cost(predictor: Predictor, examples: Sequence[Example]) -> float:
    """-mean log p(token) of the targets under the model, in nats, or of a whole picture; as `perplexity` has them."""
    task = predictor.task
    examples = [e for e in examples if task.fitted(e.source).texts]
    if predictor.config.points:  # an answer that stands nowhere has no places
        examples = [e for e in examples if any(task.target(e.target, text) for text in task.fitted(e.source).texts)]
    if not examples:
        raise UsageError("no source can be read, so that there is no perplexity.")
    return _mean(predictor, predictor.score([e.source for e in examples], [e.target for e in examples]))


def _costs(predictor: Predictor, examples: Sequence[Example]) -> list[Output]:
    """The target of each example as an output, whose text is what it costs, in nats."""
    forced = predictor.force([e.source for e in examples], [e.target for e in examples])
    return [replace(output, text=f"{-output.score:.4f}") for output in forced]


def _mean(predictor: Predictor, scores: Sequence[NDArray[np.float32]]) -> float:
    """What a token costs on average, or a whole picture."""
    total = sum(float(row.sum(dtype="float64")) for row in scores)
    return -total / (len(scores) if predictor.config.draws else sum(len(row) for row in scores))


def exp_of_mean(log_prob: float, tokens: int) -> float:
    """The perplexity of so many tokens whose log probability is `log_prob` together."""
    return _exp(-log_prob / tokens)


def unit(predictor: Predictor) -> str:
    """What a cost is of: a token, of a text or of a picture told in patches, or a whole picture."""
    if predictor.config.draws:
        return "picture"
    return "patch" if predictor.task.writes == "pictures" else f"{predictor.config.codec['name']} token"


def _exp(loss: float) -> float:
    return math.exp(loss) if loss < 700 else math.inf
