"""Regard in the training benchmark: its own step and loop, in the words of benchmarks/contender.py.

`--model sequential` is the textbook's decoder and sizes: additive attention and
input feeding. `--model recipe` has the parts and sizes of the default recipe,
whose layer below the attention does not wait for it, and `--model equal` the same
parts, as wide as makes the parameters about equal to the textbook's. With
`--workers 2` two processes share a batch; batches are then cut by tokens, about
64 sentences in each, as `regard train` cuts them.
"""

import itertools
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from contender import AT_ONCE, Batch, Contender
from setting import CLIP, DECODER, DROPOUT, EMBEDDING, ENCODER, RATE, SENTENCES, SMOOTHING, VOCABULARY

from regard import config as configs
from regard.data import store
from regard.processor import settle
from regard.training import loop
from regard.training.plan import Plan, plan
from regard.training.run import Progress, Run
from regard.training.work import Work
from regard.training.workers import Team
from regard.types import EOS

MODELS: dict[str, dict[str, Any]] = {
    "sequential": {
        "embedding": {"size": EMBEDDING, "shared": False, "tied": False, "dropout": DROPOUT},
        "encoder": {"size": ENCODER, "dropout": 0.0},
        "attention": {"name": "additive", "size": DECODER},
        "decoder": {"name": "step_then_attend", "size": DECODER, "dropout": DROPOUT},
    },
    "recipe": {
        "embedding": {"size": 192, "dropout": DROPOUT},
        "encoder": {"size": 192, "dropout": DROPOUT},
        "attention": {"name": "additive", "size": 256},
        "decoder": {"name": "between", "size": 320, "dropout": DROPOUT},
    },
    "equal": {
        "embedding": {"size": 512, "dropout": DROPOUT},
        "encoder": {"size": 320, "dropout": DROPOUT},
        "attention": {"name": "additive", "size": 256},
        "decoder": {"name": "between", "size": 480, "dropout": DROPOUT},
    },
}


@dataclass(frozen=True)
class Given:
    """The benchmark's batches, in place of those that Regard would cut."""

    batches: list[Batch]
    steps: int = 0  # of an epoch: no objective here asks how much of a training is done

    def __call__(self, step: int) -> range:
        first = step % len(self.batches) * SENTENCES
        return range(first, first + SENTENCES)


def work(contender: Contender, settled: Plan, folder: Path) -> Work:
    """What a step is computed from."""
    chosen, known = contender.chosen, list(itertools.chain.from_iterable(contender.known))
    mean = sum(max(len(s), len(t)) + 1 for s, t in known) / len(known)
    train = {"batch": round(SENTENCES * mean), "rate": RATE, "schedule": "constant", "warmup": 0.0, "clip": CLIP}
    train["kernels"] = chosen.kernels
    raw = {"data": {"train": "-"}, "objective": {"smoothing": SMOOTHING}, "train": train, **MODELS[chosen.model]}
    rows = [([*source, EOS], [*target, EOS]) for source, target in known]
    written = store.write(folder, rows, {})
    made = Work.of(configs.check(raw), (VOCABULARY, VOCABULARY), written, settled.parts, settled.precision)
    if settled.workers > 1:
        return made
    return Work(made.model, written, Given(contender.known), made.objective, made.config, 1, made.precision)


def noted(facts: list[dict[str, float]], fact: dict[str, float]) -> bool:
    """Remember a step, and go on."""
    facts.append(fact)
    return False


def main() -> None:
    """Train when asked to."""
    contender = Contender(model="sequential", workers="1", kernels="fused", precision="auto")
    chosen = contender.chosen
    options = configs.check({"data": {"train": "-"}, "train": {"precision": chosen.precision}}).train
    precision = plan(options, Progress(), "cpu").precision
    workers = int(chosen.workers)
    settled = Plan(workers, chosen.threads // workers, workers, "cpu", precision)
    settle()
    torch.set_num_threads(settled.threads)
    with tempfile.TemporaryDirectory() as folder, Team(settled) as team:
        made = work(contender, settled, Path(folder))
        team.build(made.config, (VOCABULARY, VOCABULARY), Path(folder))
        run = Run(made.model, made.config.train.decay)
        team.share(made)
        team.wait()
        parameters = sum(p.numel() for p in made.model.parameters())
        contender.say(ready=True, parameters=parameters, precision=precision)
        for _ in sys.stdin:
            facts: list[dict[str, float]] = []
            watch = partial(noted, facts)
            loop.train(run, team.gradient, made.config, run.progress.step + AT_ONCE, after=watch)
            seconds, tokens = (sum(fact[name] for fact in facts) for name in ("seconds", "tokens"))
            contender.say(tokens=tokens, seconds=seconds, peak_mib=team.peak_mib(), loss=facts[-1]["loss"])


if __name__ == "__main__":
    main()
