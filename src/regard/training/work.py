"""What a step asks of the model, part by part: a pure function of the weights and of (seed, step, part)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from regard import kernels
from regard.build import build, find
from regard.config import Config
from regard.data.order import Order
from regard.data.store import Store
from regard.model import EncoderDecoder
from regard.objectives import Objective
from regard.tasks import Task
from regard.tensors import Batch, pad
from regard.training.critic import Critic
from regard.training.look import see
from regard.training.plan import Precision
from regard.types import Source

Pair = tuple[Source, Source]
Links = Sequence[tuple[int, int]]  # (source place, target place), or the number of a sentence
FAR = 2_654_435_761  # between the seeds of two parts, so that no step has the same; of the first part it is the step's


@dataclass(frozen=True, slots=True)
class Work:
    """All that the gradient of a part is computed from."""

    model: EncoderDecoder
    store: Store
    order: Order
    objective: Objective
    config: Config
    parts: int
    precision: Precision = "fp32"
    task: Task | None = None  # which has the pictures, and cuts words anew in each epoch, if the codec is to
    critic: Critic | None = None  # which has the model's own outputs valued, if the objective wants any

    @classmethod
    def of(
        cls, config: Config, sizes: tuple[int, int], store: Store, parts: int, precision: Precision = "fp32"
    ) -> "Work":
        """Build what a configuration describes; `sizes` are those of the vocabularies."""
        torch.manual_seed(config.seed)
        model = EncoderDecoder(*sizes, config)
        order = Order(len(store), store.lengths, config.train.batch, config.seed)
        objective: Objective = build("objectives", config.objective)
        kind = find("tasks", config.task)
        drawn = config.codec.get("temperature") or "pictures" in (kind.reads, kind.writes)
        task = _task(config, store) if drawn or objective.draws else None
        critic = Critic(model, task, objective.draws, config, store.folder) if task and objective.draws else None
        task = task if drawn else None
        return cls(model, store, order, objective, config, parts, precision, task, critic)

    @property
    def steps(self) -> int:
        """Of the whole training."""
        options = self.config.train
        return options.steps or max(options.least, options.epochs * self.order.steps)

    def __call__(self, step: int, part: int) -> tuple[Tensor, Tensor]:
        """Add the gradient of a part's summed loss to that of the model; return the loss and its count of tokens."""
        rows = self.order(step)
        size = -(-len(rows) // self.parts)
        rows = rows[part * size : (part + 1) * size]
        device = next(self.model.parameters()).device
        if not len(rows):  # a batch of fewer pairs than parts
            return torch.zeros((), device=device), torch.zeros((), dtype=torch.long, device=device)
        rows = np.tile(rows, self.objective.passes)
        pairs = [self._pair(step, int(i)) for i in rows]
        drawn, worth = self.critic(step, rows, [source for source, _ in pairs]) if self.critic else ([], None)
        batch = replace(collate(pairs, drawn), worth=worth)
        if self.config.objective.get("guided"):
            batch = guided(batch, [self.store.links(i) for i in rows], find("tasks", self.config.task).guides)
        batch = batch.to(device)
        torch.manual_seed((self.config.seed * 1_000_003 + step + part * FAR) % 2**63)  # dropout
        half = torch.autocast(device.type, torch.bfloat16, enabled=self.precision == "bf16")
        with kernels.using(self.config.train.kernels):
            with half:
                loss, tokens = self.model(batch, self.objective.at(step / self.steps))
            loss.backward()
        return loss.detach(), tokens

    def _pair(self, step: int, i: int) -> Pair:
        if not self.task:
            return self.store[i]
        return self.task.drawn(*self.store[i], np.random.default_rng((self.config.seed, step, i)))


def _task(config: Config, store: Store) -> Task:
    """As it was fitted: the model's folder is the one around the store."""
    task: Task = find("tasks", config.task)(config)
    task.load(store.folder.parent)
    see(task, store)
    return task


def collate(pairs: Sequence[Pair], drawn: Sequence[Sequence[int]] = ()) -> Batch:
    """Pairs as a batch, drawn targets behind the given."""
    return Batch(pad([source for source, _ in pairs]), pad([*(target for _, target in pairs), *drawn]))


def guided(batch: Batch, links: Sequence[Links], guides: Literal["words", "sentences"]) -> Batch:
    """A batch with what guides its attention; of a token with several links each place has an equal share."""
    most = 1 + max((number for linked in links for _, number in linked), default=0)
    count = most if guides == "sentences" else batch.target.shape[1]
    weights = torch.zeros(len(links), count, batch.source.shape[1])
    for row, linked in zip(weights, links, strict=True):
        if linked:
            places, numbers = torch.tensor(linked).T
            row[numbers, places] = 1.0
    if guides == "sentences":
        return replace(batch, supports=weights)
    return replace(batch, alignment=weights / weights.sum(-1, keepdim=True).clamp(min=1.0))
