"""Model x data x metrics -> report."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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

    Perplexity is exp of the mean negative log probability of a reference
    token, end signs counted. `outputs` are in the order of the examples.
    """

    examples: int
    scores: dict[str, Score]
    perplexity: float
    sentences_per_second: float
    outputs: list[Output]
    shortlist: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain data, without the outputs."""
        return {
            "examples": self.examples,
            **{name: round(score.value, 4) for name, score in self.scores.items()},
            "perplexity": round(self.perplexity, 4),
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
    started = time.perf_counter()
    outputs = predictor([e.source for e in examples], beam=beam)
    seconds = time.perf_counter() - started
    texts = [output.text for output in outputs]
    metrics = {name: build("metrics", section) for name, section in predictor.task.metrics.items()}
    scores = {name: metric(texts, [metric.beside(e) for e in examples]) for name, metric in metrics.items()}
    scores |= pointing(outputs, [e.supports for e in examples])
    speed, listed = len(examples) / seconds, predictor.shortlist is not None
    return Report(len(examples), scores, perplexity(predictor, examples), speed, outputs, listed)


def perplexity(predictor: Predictor, examples: Sequence[Example]) -> float:
    """exp(-mean log p(token)) of the targets under the model; sources that cannot be read are left out."""
    task = predictor.task
    examples = [e for e in examples if task.fitted(e.source).texts]
    if predictor.config.points:  # an answer that stands nowhere has no places
        examples = [e for e in examples if any(task.target(e.target, text) for text in task.fitted(e.source).texts)]
    if not examples:
        raise UsageError("no source can be read, so that there is no perplexity.")
    scores = predictor.score([e.source for e in examples], [e.target for e in examples])
    return exp_of_mean(sum(float(row.sum(dtype="float64")) for row in scores), sum(len(row) for row in scores))


def exp_of_mean(log_prob: float, tokens: int) -> float:
    """The perplexity of so many tokens whose log probability is `log_prob` together."""
    loss = -log_prob / tokens
    return math.exp(loss) if loss < 700 else math.inf
