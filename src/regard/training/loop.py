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
Pair = tuple[list[int], list[int]]
Links = Sequence[tuple[int, int]]  # (source place, target place)


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
        rows = order(step)
        pairs = [store[i] for i in rows]
        links = [store.links(i) for i in rows] if config.objective.get("guided") else None
        set_rate(run.optimizer, rate(step, steps, options))
        total, count = gradient(run.model, pairs, objective, options.parts, links)
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
    model: nn.Module, pairs: Sequence[Pair], objective: Objective, parts: int, links: Sequence[Links] | None = None
) -> tuple[Tensor, Tensor]:
    """Leave the gradient of the mean loss per token; return the summed loss and the count of tokens.

    The division is done once, by the count over all parts, so that parts of
    unequal size weigh as they should.
    """
    device = next(model.parameters()).device
    total, count = torch.zeros((), device=device), torch.zeros((), dtype=torch.long, device=device)
    size = -(-len(pairs) // parts)
    for i in range(0, len(pairs), size):
        batch = collate(pairs[i : i + size], None if links is None else links[i : i + size])
        loss, tokens = model(batch.to(device), objective)
        loss.backward()
        total, count = total + loss.detach(), count + tokens
    for parameter in model.parameters():
        if parameter.grad is not None:
            parameter.grad /= count
    return total, count


def collate(pairs: Sequence[Pair], links: Sequence[Links] | None) -> Batch:
    """Pairs as a batch; of a token with several links each place has an equal share."""
    sources, targets = (pad(side) for side in zip(*pairs, strict=True))
    if links is None:
        return Batch(sources, targets)
    weights = torch.zeros(*targets.shape, sources.shape[1])
    for row, linked in zip(weights, links, strict=True):
        if linked:
            places, steps = torch.tensor(linked).T
            row[steps, places] = 1.0
    return Batch(sources, targets, weights / weights.sum(-1, keepdim=True).clamp(min=1.0))


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
