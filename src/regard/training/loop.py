"""The training loop: steps, not epochs, and every step can be done again."""

import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from regard.config import Config
from regard.data.order import Order
from regard.data.store import Store
from regard.errors import TrainingError
from regard.objectives import Objective
from regard.tensors import Batch, pad
from regard.training.run import Run
from regard.training.schedule import rate

After = Callable[[dict[str, float]], bool]


def train(
    run: Run, store: Store, order: Order, objective: Objective, config: Config, steps: int, *, after: After
) -> None:
    """Train until `steps`, or until `after`, called behind each step with its facts, says stop."""
    options = config.train
    run.model.train()
    while run.progress.step < steps:
        started = time.perf_counter()
        step = run.progress.step
        torch.manual_seed((config.seed * 1_000_003 + step) % 2**63)  # dropout: a function of (seed, step)
        pairs = [store[i] for i in order(step)]
        set_rate(run.optimizer, rate(step, steps, options))
        total, count = gradient(run.model, pairs, objective, options.parts)
        norm = nn.utils.clip_grad_norm_(run.names.values(), options.clip or torch.inf)
        update(run, bool(torch.isfinite(total) & torch.isfinite(norm)), options.ema)
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


def gradient(
    model: nn.Module, pairs: Sequence[tuple[list[int], list[int]]], objective: Objective, parts: int
) -> tuple[Tensor, Tensor]:
    """Leave the gradient of the mean loss per token; return the summed loss and the count of tokens.

    The division is done once, by the count over all parts, so that parts of
    unequal size weigh as they should.
    """
    device = next(model.parameters()).device
    total, count = torch.zeros((), device=device), torch.zeros((), dtype=torch.long, device=device)
    size = -(-len(pairs) // parts)
    for i in range(0, len(pairs), size):
        sources, targets = zip(*pairs[i : i + size], strict=True)
        loss, tokens = model(Batch(pad(sources), pad(targets)).to(device), objective)
        loss.backward()
        total, count = total + loss.detach(), count + tokens
    for parameter in model.parameters():
        if parameter.grad is not None:
            parameter.grad /= count
    return total, count


def update(run: Run, finite: bool, ema: float) -> None:
    """Move the weights, unless the step came to nothing: then it is skipped and counted."""
    if finite:
        run.optimizer.step()
        run.follow(ema)
    run.progress.skipped += not finite
    run.progress.skipped_in_a_row = 0 if finite else run.progress.skipped_in_a_row + 1
    run.optimizer.zero_grad(set_to_none=True)


def set_rate(optimizer: torch.optim.Optimizer, value: float) -> None:
    """Give all parameters one learning rate."""
    for group in optimizer.param_groups:
        group["lr"] = value
