"""The training loop: steps, not epochs, and every step can be done again."""

import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from regard.config import Config
from regard.errors import TrainingError
from regard.training.run import Run
from regard.training.schedule import rate

After = Callable[[dict[str, float]], bool]
Gradient = Callable[[int], tuple[Tensor, Tensor]]  # leaves that of a step's summed loss; returns it, and the tokens


def train(run: Run, gradient: Gradient, config: Config, steps: int, *, after: After) -> None:
    """Train until `steps`, or until `after`, called behind each step with its facts, says stop."""
    options = config.train
    run.model.train()
    while run.progress.step < steps:
        started = time.perf_counter()
        step = run.progress.step
        run.optimizer.rate = rate(step, steps, options)
        total, count = gradient(step)
        scale = count.clamp(min=1).float()
        norm = nn.utils.get_total_norm([p.grad for p in run.names.values() if p.grad is not None]) / scale
        if options.clip:
            scale = scale * (norm / options.clip).clamp(min=1.0)
        update(run, bool(torch.isfinite(total) & torch.isfinite(norm)), scale, options.ema)
        run.progress.step += 1
        run.progress.tokens += int(count)
        seconds = time.perf_counter() - started
        run.progress.seconds += seconds
        if run.progress.skipped_in_a_row >= options.skip:
            raise TrainingError(
                f"{options.skip} steps in a row, up to step {run.progress.step}, had no finite loss and gradient: "
                "try a lower train.rate, or look at the data with `regard info`."
            )
        facts = {"loss": float(total / count), "norm": float(norm), "tokens": float(count), "seconds": seconds}
        if after(facts):
            return


def update(run: Run, finite: bool, scale: Tensor, ema: float) -> None:
    """Move the weights, unless the step came to nothing: then it is skipped and counted.

    Mean over tokens and clipping are one division, made where the gradient is used.
    """
    if finite:
        run.optimizer.step(scale)
        run.follow(ema)
    run.progress.skipped += not finite
    run.progress.skipped_in_a_row = 0 if finite else run.progress.skipped_in_a_row + 1
    run.model.zero_grad(set_to_none=True)
