"""All state of a training run, in one file that is never half-written and holds no pickle."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import safetensors
import safetensors.torch
from torch import Tensor

from regard.errors import ModelError
from regard.files import replacing
from regard.model import EncoderDecoder
from regard.training.adamw import AdamW

FILE = "last.safetensors"


@dataclass(slots=True)
class Progress:
    """The numbers of a run: where it is, and what it has reached."""

    step: int = 0
    tokens: int = 0  # target tokens learnt from
    seconds: float = 0.0  # of training, over all sittings
    skipped: int = 0  # steps without a finite gradient
    skipped_in_a_row: int = 0
    best: float | None = None  # validation score, higher is better
    best_step: int = 0
    waited: int = 0  # validations since the best
    threads: int = 0  # of each worker; with the parts of a step they decide the sums to the last bit
    parts: int = 0
    precision: Literal["", "fp32", "bf16"] = ""  # of matrix products, which it decides as well
    facts: dict[str, float] = field(default_factory=dict)  # of the best validation


def reached(folder: Path) -> Progress:
    """The progress of the run that is saved in a folder; that of a new one where none is."""
    path = folder / FILE
    if not path.exists():
        return Progress()
    with _opened(path) as file:
        return Progress(**json.loads(file.metadata()["progress"]))


class Run:
    """A model, its averaged weights, its optimiser and its progress.

    Data order is a function of (seed, step), dropout one of (seed, step, part),
    the learning rate one of the step: they need no saving.
    """

    def __init__(self, model: EncoderDecoder, decay: float, betas: tuple[float, float] = (0.9, 0.98)) -> None:
        self.model = model
        self.names = dict(model.named_parameters())
        self.optimizer = AdamW(list(self.names.values()), decay, betas)
        self.average = {name: p.detach().clone() for name, p in self.names.items()}
        self.progress = Progress()

    def follow(self, ema: float) -> None:
        """Move the average towards the weights; at first faster, so that the start is soon forgotten."""
        keep = min(ema, (1 + self.progress.step) / (10 + self.progress.step)) if ema else 0.0
        for name, p in self.names.items():
            self.average[name].lerp_(p.detach(), 1 - keep)

    @contextmanager
    def averaged(self) -> Iterator[EncoderDecoder]:
        """The model in evaluation mode with its averaged weights, for as long as the block runs."""
        own = {name: p.detach().clone() for name, p in self.names.items()}
        self._use(self.average)
        self.model.eval()
        try:
            yield self.model
        finally:
            self._use(own)
            self.model.train()

    def save(self, folder: Path) -> None:
        """Write everything to one file, which replaces the last one when it is whole."""
        with replacing(folder / FILE) as temporary:
            facts = {"progress": json.dumps(asdict(self.progress))}
            safetensors.torch.save_file(self._tensors(), str(temporary), metadata=facts)

    def load(self, folder: Path) -> None:
        """Continue exactly where `save` was."""
        path = folder / FILE
        with _opened(path) as file:
            saved = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a dict
        for name, p in self.names.items():
            if f"optimizer.step.{name}" in saved:
                self.optimizer.start(p)
        mine = self._tensors()
        if {n: t.shape for n, t in mine.items()} != {n: t.shape for n, t in saved.items()}:
            raise ModelError(f"{path} belongs to another model than the one that config.toml describes.")
        for name, tensor in mine.items():
            tensor.copy_(saved[name])
        self.progress = reached(folder)

    def _tensors(self) -> dict[str, Tensor]:
        """Every tensor of the run under a name of its own."""
        tensors = {f"model.{name}": p.data for name, p in self.names.items()}
        tensors |= {f"average.{name}": tensor for name, tensor in self.average.items()}
        for name, p in self.names.items():
            state = self.optimizer.state.get(p, {})
            tensors |= {f"optimizer.{key}.{name}": tensor for key, tensor in state.items()}
        return tensors

    def _use(self, weights: dict[str, Tensor]) -> None:
        for name, p in self.names.items():
            p.data.copy_(weights[name])


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with safetensors.safe_open(str(path), "pt") as file:
            yield file
    except (OSError, KeyError, ValueError, TypeError, safetensors.SafetensorError) as error:
        raise ModelError(f"{path} cannot be resumed from: {error}") from None
