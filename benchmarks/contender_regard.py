"""Regard in the training benchmark: its own loop, in the words of benchmarks/contender.py.

`--model sequential` is the textbook's: additive attention, input feeding, the
textbook's sizes. `--model recipe` is the decoder of the default recipe, whose
layers below the attention do not wait for it, as wide as makes it equal in
parameters. `--workers 2` shares each batch between two processes.
"""

import tempfile
from pathlib import Path
from typing import Any

from contender import AT_ONCE, Contender
from setting import CLIP, DECODER, DROPOUT, EMBEDDING, ENCODER, RATE, SENTENCES, SMOOTHING, VOCABULARY

from regard import config as configs
from regard import kernels
from regard.data import store
from regard.training import loop
from regard.training.memory import peak_mib
from regard.training.plan import Plan
from regard.training.run import Run
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
        "embedding": {"size": EMBEDDING, "dropout": DROPOUT},
        "encoder": {"size": 384, "dropout": DROPOUT},
        "attention": {"name": "additive", "size": 256},
        "decoder": {"name": "between", "size": 544, "dropout": DROPOUT},
    },
}


def main() -> None:
    """Train when asked to."""
    contender = Contender(model="sequential", workers="1", kernels="fused", precision="auto")
    chosen = contender.chosen
    known = [pair for batch in contender.known for pair in batch]
    mean = sum(max(len(s), len(t)) + 1 for s, t in known) / len(known)
    train = {"batch": round(SENTENCES * mean), "rate": RATE, "clip": CLIP, "precision": chosen.precision, "kernels": chosen.kernels}
    raw = {"data": {"train": "-"}, "objective": {"smoothing": SMOOTHING}, "train": train, **MODELS[chosen.model]}
    config = configs.check(raw)
