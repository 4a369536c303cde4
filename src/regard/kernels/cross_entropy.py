"""The output layer and its cross-entropy in one pass, without ever holding the logits of more than a few rows."""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from regard import kernels

Asks = tuple[float, float]  # smoothing and agreement
CHUNK = 1 << 21  # logits that are held at once: they stay in the cache between the passes over them
ROUND = 64  # rows of a chunk are a multiple of this


def linear_cross_entropy(
    x: Float[Tensor, "N E"],
    weight: Float[Tensor, "V E"],
    bias: Float[Tensor, " V"],
    target: Int[Tensor, " N"],
    *,
    smoothing: float = 0.0,
    ignore: int | None = None,
    agreement: float = 0.0,
    worth: Float[Tensor, " N"] | None = None,
) -> tuple[Float[Tensor, ""], Float[Tensor, " N"]]:
    """-(1 - smoothing) log p(target) - smoothing mean_v log p(v), p = softmax(W x + b), in nats: sum, and each row's.

    Rows whose target is `ignore` cost nothing. With `agreement` the second half
    of the rows are the first once more, as another draw of dropout made them,
    and the sum has agreement / 2 (KL(p || q) + KL(q || p)) for each pair of them
    (R-Drop, Liang et al., 2021). With `worth` each row's loss counts so often in
    the sum. The losses of single rows leave both out, and are for information:
    only the sum has a gradient.
    """
    if not kernels.fused():
        return reference(x, weight, bias, target, smoothing=smoothing, ignore=ignore, agreement=agreement, worth=worth)
    keep = None if ignore is None else target != ignore
    some = slice(None) if keep is None or bool(keep.all()) else keep
    total, each = kernels.apply(
        _Fused,
        kernels.lowered(x[some]),
        kernels.lowered(weight),
        bias,
        target[some],
        (smoothing, agreement),
        None if worth is None else worth[some],
    )
    if isinstance(some, slice):
        return total, each
    return total, each.new_zeros(len(target)).masked_scatter(some, each)


def reference(
    x: Float[Tensor, "N E"],
    weight: Float[Tensor, "V E"],
    bias: Float[Tensor, " V"],
    target: Int[Tensor, " N"],
    *,
    smoothing: float = 0.0,
    ignore: int | None = None,
    agreement: float = 0.0,
    worth: Float[Tensor, " N"] | None = None,
) -> tuple[Float[Tensor, ""], Float[Tensor, " N"]]:
    """The same as PyTorch has it."""
    logits = F.linear(x, weight, bias)
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    unused = -100 if ignore is None else ignore
    each = F.cross_entropy(logits, target, label_smoothing=smoothing, reduction="none", ignore_index=unused)
    total = each.sum() if worth is None else (each * worth).sum()
    if not agreement:
        return total, each.detach()
    p, q = logits[target != unused].log_softmax(1).chunk(2)
    both = F.kl_div(p, q, reduction="sum", log_target=True) + F.kl_div(q, p, reduction="sum", log_target=True)
    return total + agreement / 2 * both, each.detach()


class _Fused(Function):
    """Loss and gradients a chunk of rows at a time: d loss / d logits = p - target distribution.

    The gradients are made in the forward pass, while a chunk's logits are at
    hand, and only scaled in the backward pass.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, target: Tensor, asks: Asks, worth: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        exact, x, target = torch.promote_types(x.dtype, torch.float32), x.contiguous(), target.contiguous()
        each, total = torch.empty(len(x), dtype=exact, device=x.device), torch.zeros((), dtype=exact, device=x.device)
        d_x, d_weight = torch.empty_like(x), torch.zeros(weight.shape, dtype=exact, device=x.device)
        d_bias = torch.zeros(bias.shape, dtype=exact, device=x.device)
        passes = 2 if asks[1] else 1
        rows, draws = _round(CHUNK // len(weight) // passes), (passes, len(x) // passes)
        with torch.autocast(x.device.type, enabled=False):
            for i in range(0, draws[1], rows):
                part = [whole.view(*draws, *whole.shape[1:])[:, i : i + rows] for whole in (x, target, each, d_x)]
                inputs, wanted = part[0].flatten(0, 1), part[1].reshape(-1, 1)
                counts = None if worth is None else worth.view(draws)[:, i : i + rows].reshape(-1, 1)
                more = 0 if asks[1] else _round(len(inputs)) - len(inputs)  # of two draws, the halves must stay so
                cost, losses, d_logits = _chunk(_more(inputs, more), weight, bias.to(exact), wanted, asks, counts)
                total += cost
                part[2].copy_(losses.view_as(part[2]))
                d_bias += d_logits.sum(0)
                d_logits = _more(d_logits.to(x.dtype), more)
                part[3].copy_((d_logits @ weight)[: len(inputs)].view_as(part[3]))
                if x.dtype == exact:
                    d_weight.addmm_(d_logits.t(), _more(inputs, more))
                else:
                    d_weight += d_logits.t() @ _more(inputs, more)
        ctx.save_for_backward(d_x, d_weight.to(weight.dtype), d_bias.to(bias.dtype))
        ctx.mark_non_differentiable(each)
        return total, each

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        if grad.device.type == "cpu" and grad == 1.0:  # as always but when losses are weighed: nothing to copy
            return (*ctx.saved_tensors, None, None, None)
        return (*(known * grad.to(known.dtype) for known in ctx.saved_tensors), None, None, None)


def chunk_rows(vocabulary: int) -> int:
    """How many rows of so many logits are held at once."""
    return _round(CHUNK // vocabulary)


def rounded(x: Float[Tensor, "N E"]) -> Float[Tensor, "R E"]:
    """With rows of zeros below, as many as make the count a round one."""
    return _more(x, _round(len(x)) - len(x))


def _round(rows: int) -> int:
    """As many rows or a few more: each new count costs a product in half precision up to ten times its time."""
    return max(1, -(-rows // ROUND)) * ROUND


def _more(x: Tensor, rows: int) -> Tensor:
    return F.pad(x, (0, 0, 0, rows)) if rows else x


def _chunk(
    x: Tensor, weight: Tensor, bias: Tensor, target: Tensor, asks: Asks, worth: Tensor | None
) -> tuple[Float[Tensor, ""], Float[Tensor, " C"], Float[Tensor, "C V"]]:
    """What a few rows cost, the losses of each, and the gradient of the cost at their logits."""
    smoothing, agreement = asks
    logits = torch.addmm(bias.to(x.dtype), x, weight.t())[: len(target)].to(bias.dtype)
    at_target, mean = logits.gather(1, target)[:, 0], logits.mean(1)
    p = torch.softmax(logits, 1)
    log_sum = logits.amax(1) - p.amax(1).log()  # the largest probability cannot underflow
    each = log_sum - (1 - smoothing) * at_target - smoothing * mean
    cost, apart = each.sum() if worth is None else (each[:, None] * worth).sum(), None
    if agreement:
        divergence, apart = _divergence(p, logits.sub_(log_sum[:, None]))
        cost = cost + agreement / 2 * divergence
    if smoothing:
        p.sub_(smoothing / len(weight))
    hit = torch.full_like(target, smoothing - 1, dtype=p.dtype)
    p.scatter_add_(1, target, hit)
    if worth is not None:
        p.mul_(worth)
    return cost, each, p if apart is None else p.add_(apart, alpha=agreement / 2)


def _divergence(
    both: Float[Tensor, "C V"], log_both: Float[Tensor, "C V"]
) -> tuple[Float[Tensor, ""], Float[Tensor, "C V"]]:
    """KL(p || q) + KL(q || p) of the halves, summed, and its gradient at the logits of both."""
    (p, q), (log_p, log_q) = both.chunk(2), log_both.chunk(2)
    ratio = log_p - log_q
    from_p, from_q = (p * ratio).sum(1, keepdim=True), -(q * ratio).sum(1, keepdim=True)
    apart = p - q
    d_p, d_q = p * (ratio - from_p) + apart, q * (-ratio - from_q) - apart
    return (from_p + from_q).sum(), torch.cat([d_p, d_q])
