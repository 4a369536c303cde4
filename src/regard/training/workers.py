"""The team that works off a step: this process, and the workers that it has started."""

import os
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import torch
from torch import Tensor, nn

from regard.config import Config
from regard.training import shared
from regard.training.memory import peak_mib
from regard.training.plan import Plan
from regard.training.remote import Remote
from regard.training.work import Work


class Team:
    """A context in which the workers of a plan live. They start at once, and join in when they are ready.

    Which of them works off which part makes no difference to the sums: a part
    is a function of (seed, step, part), and parts are added in their order.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._remotes: list[Remote] = []
        self._gradients: list[list[Tensor]] = []
        self._parameters: list[nn.Parameter] = []
        self._work: Work | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        try:
            for number in range(2, self.plan.workers + 1):  # this process is the first
                self._remotes.append(Remote(number, self.plan))
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def build(self, config: Config, sizes: tuple[int, int], store: Path) -> None:
        """Let the workers build what the main process builds meanwhile."""
        what = {"config": config.to_toml(), "sizes": sizes, "store": str(store.resolve())}
        for remote in self._remotes:
            remote.tell(
                {**what, "threads": self.plan.threads, "parts": self.plan.parts, "precision": self.plan.precision}
            )

    def share(self, work: Work) -> None:
        """Keep the weights of the model where the workers see them."""
        self._work, self._parameters = work, list(work.model.parameters())
        if not self._remotes:
            return
        names = [f"gradient-{i}" for i in range(len(self._remotes))]
        self._folder = shared.reserve(["weights", *names], self._parameters)
        folder = Path(self._folder.name)
        weights = shared.mapped(folder / "weights", self._parameters)
        for weight, parameter in zip(weights, self._parameters, strict=True):
            weight.copy_(parameter.detach())
        shared.use(self._parameters, weights)
        for name, remote in zip(names, self._remotes, strict=True):
            self._gradients.append(shared.mapped(folder / name, self._parameters))
            remote.tell({"folder": str(folder), "gradient": name})

    def gradient(self, step: int) -> tuple[Tensor, Tensor]:
        """Leave the gradient of the summed loss; return that loss and the count of tokens."""
        assert self._work
        present = self._present()
        total, count = torch.tensor(0.0), torch.tensor(0)
        for first in range(0, self._work.parts, len(present) + 1):  # a round: a part for each
            others = range(first + 1, self._work.parts)
            asked = list(zip(present, others, strict=False))
            for (remote, _), part in asked:
                remote.tell({"step": step, "part": part})
            loss, tokens = self._work(step, first)
            total, count = total.to(loss) + loss, count.to(tokens) + tokens
            for (remote, gradient), _ in asked:
                answer = remote.hear()
                shared.take_over(self._parameters, gradient, answer["lacking"])
                total, count = total + answer["loss"], count + answer["count"]
        return total, count

    def wait(self) -> None:
        """Wait until all workers have joined: only for who must know how many work."""
        while len(self._present()) < len(self._remotes):
            time.sleep(0.01)

    def peak_mib(self) -> int:
        """The most memory that each process has held, in MiB, summed; what they share is counted in each."""
        return peak_mib() + sum(remote.peak_mib for remote in self._remotes)

    def _present(self) -> list[tuple[Remote, list[Tensor]]]:
        """The workers that have joined; once all have, their files need no names, and can then not be left behind."""
        joined = [pair for pair in zip(self._remotes, self._gradients, strict=True) if pair[0].has_joined()]
        if self._folder and len(joined) == len(self._remotes) and os.name == "posix":
            self._folder.cleanup()
            self._folder = None
        return joined

    def _leave(self) -> None:
        for remote in self._remotes:
            remote.close()
        if self._gradients:
            shared.use(self._parameters, [parameter.detach().clone() for parameter in self._parameters])
            self._gradients.clear()
        if self._folder:
            self._folder.cleanup()
