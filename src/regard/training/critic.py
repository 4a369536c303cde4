"""What a model says by itself, and how much better than expected that is: what self-critical training learns from."""

from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from regard.build import build
from regard.config import Config
from regard.data import references
from regard.data.references import References
from regard.decode.pytorch import PyTorch
from regard.decode.sample import sample
from regard.decode.search import search
from regard.metrics import Metric
from regard.model import EncoderDecoder
from regard.objectives import Draws
from regard.tasks import Task
from regard.types import Example, Source

FOLDER = "reward"  # beside the store: what the metric has learnt of all references


class Critic:
    """Draws outputs and values them: a function of (weights, seed, step, pairs), whoever asks.

    Outputs are drawn in evaluation mode, from the model's own distribution: without the rules of a search, which
    would make it another. The luck of each is one of (seed, step, pair).
    """

    def __init__(self, model: EncoderDecoder, task: Task, draws: Draws, config: Config, folder: Path) -> None:
        self.model, self.task, self.draws, self.decode, self.seed = model, task, draws, config.decode, config.seed
        self.judge = metric(task, draws).judge(folder / FOLDER)
        self.references = References(folder)

    def __call__(self, step: int, rows: NDArray[np.int64], sources: Sequence[Source]) -> tuple[list[list[int]], Tensor]:
        """Drawn targets, one of all sources behind the other, and the worth of each."""
        wanted, number = [self.references[int(i)] for i in rows], self.draws.number
        self.model.eval()
        limits = [int(self.decode.ratio * len(source) + self.decode.extra) for source in sources]
        # Step after step, so that what a pair gets does not depend on how long others may be.
        each = [np.random.default_rng((self.seed, step, int(i))).random((max(limits), number)).T for i in rows]
        found = sample(self.model, sources, np.stack(each), limits)
        drawn = [output for k in range(number) for output in found[k::number]]
        rewards = self._rewards(drawn, wanted * number).reshape(number, len(rows))
        if self.draws.baseline == "greedy":
            best = search(PyTorch(self.model), sources, self.decode.greedy())
            said = [hypotheses[0].tokens.tolist() for hypotheses in best]
            worth = rewards - self._rewards(said, wanted)
        else:  # the mean of the others, r - (sum - r) / (n - 1), is independent of the draw that it is taken off
            worth = (rewards - rewards.mean(0)) * (number / (number - 1))
        self.model.train()
        return drawn, torch.from_numpy(worth.astype(np.float32).reshape(-1))

    def _rewards(self, outputs: Iterable[Sequence[int]], wanted: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Hundredths of the metric's points, so that CIDEr-D is from 0 to 10, as papers have it."""
        texts = [self.task.join(self.task.spelled(ids)) for ids in outputs]
        return np.array(self.judge(texts, wanted)) / 100


def learn(task: Task, draws: Draws, examples: Iterable[Example], made: "array[int]", folder: Path) -> None:
    """Write down, beside a store, all references of its pairs and what the metric learns of them.

    made: how many pairs of the store each example has become
    """
    reward = metric(task, draws)
    reward.learn(map(reward.beside, examples), folder / FOLDER)
    references.write(folder, map(reward.beside, examples), made)


def metric(task: Task, draws: Draws) -> Metric:
    """The metric that is the reward."""
    found: Metric = build("metrics", task.metrics[draws.reward or next(iter(task.metrics))])
    return found
