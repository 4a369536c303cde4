"""The output layer and its cross-entropy in one pass, without ever holding the logits of more than a few rows."""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from regard import kernels

CHUNK = 1 << 21  # logits that are held at once: they stay in the cache between the passes over them


def linear_cross_entropy(
    x: Float[Tensor, "N E"],
    weight: Float[Tensor, "V E"],
    bias: Float[Tensor, " V"],
    target: Int[Tensor, " N"],
    *,
    smoothing: float = 0.0,
    ignore: int | None = None,
) -> tuple[Float[Tensor, ""], Float[Tensor, " N"]]:
    """-(1 - smoothing) log p(target) - smoothing mean_v log p(v), p = softmax(W x + b), in nats: sum, and each row's.

    Rows whose target is `ignore` cost nothing. The losses of single rows are
    for information: only the sum has a gradient.
    """
    if not kernels.fused():
        return reference(x, weight, bias, target, smoothing=smoothing, ignore=ignore)
    keep = None if ignore is None else target != ignore
    if keep is None or bool(keep.all()):
        total, each = kernels.apply(_Fused, kernels.lowered(x), kernels.lowered(weight), bias, target, smoothing)
        return total, each
    total, some = kernels.apply(
        _Fused, kernels.lowered(x[keep]), kernels.lowered(weight), bias, target[keep], smoothing
    )
    return total, some.new_zeros(len(target)).masked_scatter(keep, some)


def reference(
    x: Float[Tensor, "N E"],
    weight: Float[Tensor, "V E"],
    bias: Float[Tensor, " V"],
    target: Int[Tensor, " N"],
    *,
    smoothing: float = 0.0,
    ignore: int | None = None,
) -> tuple[Float[Tensor, ""], Float[Tensor, " N"]]:
    """The same as PyTorch has it."""
    logits = F.linear(x, weight, bias)
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    unused = -100 if ignore is None else ignore
    each = F.cross_entropy(logits, target, label_smoothing=smoothing, reduction="none", ignore_index=unused)
    return each.sum(), each.detach()


class _Fused(Function):
    """Loss and gradients a chunk of rows at a time: d loss / d logits = p - target distribution.

    The gradients are made in the forward pass, while a chunk's logits are at
    hand, and only scaled in the backward pass.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, target: Tensor, smoothing: float
    ) -> tuple[Tensor, Tensor]:
        exact = torch.promote_types(x.dtype, torch.float32)
        each = torch.empty(len(x), dtype=exact, device=x.device)
        d_x, d_weight = torch.empty_like(x), torch.zeros(weight.shape, dtype=exact, device=x.device)
        d_bias = torch.zeros(bias.shape, dtype=exact, device=x.device)
        rows = max(1, CHUNK // len(weight))
        with torch.autocast(x.device.type, enabled=False):
            for i in range(0, len(x), rows):
                part = slice(i, i + rows)
                each[part], d_logits = _chunk(x[part], weight, bias.to(exact), target[part, None], smoothing)
                d_bias += d_logits.sum(0)
                d_logits = d_logits.to(x.dtype)
                torch.mm(d_logits, weight, out=d_x[part])
                if x.dtype == exact:
                    d_weight.addmm_(d_logits.t(), x[part])
                else:
                    d_weight += d_logits.t() @ x[part]
        ctx.save_for_backward(d_x, d_weight.to(weight.dtype), d_bias.to(bias.dtype))
        ctx.mark_non_differentiable(each)
        return each.sum(), each

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        if grad.device.type == "cpu" and grad == 1.0:  # as always but when losses are weighed: nothing to copy
            return (*ctx.saved_tensors, None, None)
        return (*(known * grad.to(known.dtype) for known in ctx.saved_tensors), None, None)


def _chunk(
    x: Tensor, weight: Tensor, bias: Tensor, target: Tensor, smoothing: float
) -> tuple[Float[Tensor, " C"], Float[Tensor, "C V"]]:
    """The losses of a few rows, and the gradient of their sum at the logits."""
    logits = torch.addmm(bias.to(x.dtype), x, weight.t()).to(bias.dtype)
    at_target, mean = logits.gather(1, target)[:, 0], logits.mean(1)
    p = torch.softmax(logits, 1)
    log_sum = logits.amax(1) - p.amax(1).log()  # the largest probability cannot underflow
    each = log_sum - (1 - smoothing) * at_target - smoothing * mean
    if smoothing:
        p.sub_(smoothing / len(weight))
    hit = torch.full_like(target, smoothing - 1, dtype=p.dtype)
    return each, p.scatter_add_(1, target, hit)
