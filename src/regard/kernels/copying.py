"""The cross-entropy of outputs that are generated or copied, without ever holding the logits of more than a few rows.

The vocabulary is met once, as in `cross_entropy`. What copying gives to a target is a
number for each row, whatever the length of the source, and is made before.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from regard import kernels
from regard.kernels import cross_entropy


def copying_cross_entropy(
    x: Float[Tensor, "N E"],
    weight: Float[Tensor, "V E"],
    bias: Float[Tensor, " V"],
    target: Int[Tensor, " N"],
    share: Float[Tensor, " N"],
    copied: Float[Tensor, " N"],
    *,
    joint: bool = False,
    smoothing: float = 0.0,
    worth: Float[Tensor, " N"] | None = None,
) -> tuple[Float[Tensor, ""], Float[Tensor, " N"]]:
    """-(1 - smoothing) log p(target) - smoothing mean_v log q(v), q = softmax(W x + b), in nats: sum, and each row's.

    p = e^share q + e^copied (See et al., 2017): `share` is log p_gen, `copied` the log of what
    is copied of the target. If `joint`, p = (e^(W x + b) + e^copied) / (sum e^(W x + b) + e^share)
    (Gu et al., 2016): one softmax, `share` the log-sum of all copying scores, `copied` that of
    the target's. A target from V on can only be copied. `worth` is as in `linear_cross_entropy`.
    """
    share, copied = (given.to(torch.promote_types(given.dtype, torch.float32)) for given in (share, copied))
    if not kernels.fused():
        return reference(x, weight, bias, target, share, copied, joint=joint, smoothing=smoothing, worth=worth)
    total, each = kernels.apply(
        _Fused, kernels.lowered(x), kernels.lowered(weight), bias, share, copied, (target, joint, smoothing, worth)
    )
    return total, each


def reference(
    x: Float[Tensor, "N E"],
    weight: Float[Tensor, "V E"],
    bias: Float[Tensor, " V"],
    target: Int[Tensor, " N"],
    share: Float[Tensor, " N"],
    copied: Float[Tensor, " N"],
    *,
    joint: bool = False,
    smoothing: float = 0.0,
    worth: Float[Tensor, " N"] | None = None,
) -> tuple[Float[Tensor, ""], Float[Tensor, " N"]]:
    """The same, plainly."""
    logits = F.linear(x, weight, bias)
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    known, log_sum = target < len(weight), logits.logsumexp(1)
    at_target = logits.gather(1, target.where(known, 0)[:, None])[:, 0].masked_fill(~known, -torch.inf)
    if joint:
        log_p = torch.logaddexp(at_target, copied) - torch.logaddexp(log_sum, share)
    else:
        log_p = torch.logaddexp(share + at_target - log_sum, copied)
    each = -(1 - smoothing) * log_p - smoothing * (logits.mean(1) - log_sum)
    return (each if worth is None else each * worth).sum(), each.detach()


class _Fused(Function):
    """Loss and gradients a chunk of rows at a time, made in the forward pass and only scaled in the backward pass."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, share: Tensor, copied: Tensor, how: Any
    ) -> tuple[Tensor, Tensor]:
        target, joint, smoothing, worth = how
        exact, rows = share.dtype, cross_entropy.chunk_rows(len(weight))
        each, d_share, d_copied = (torch.empty_like(share) for _ in range(3))
        d_x, d_weight = torch.empty_like(x), torch.zeros(weight.shape, dtype=exact, device=x.device)
        d_bias = torch.zeros(bias.shape, dtype=exact, device=x.device)
        with torch.autocast(x.device.type, enabled=False):
            for i in range(0, len(x), rows):
                part = slice(i, i + rows)
                inputs = cross_entropy.rounded(x[part])
                logits = torch.addmm(bias.to(x.dtype), inputs, weight.t())[: len(target[part])].to(exact)
                found = _chunk(logits, target[part], share[part], copied[part], joint, smoothing)
                each[part], d_logits, d_share[part], d_copied[part] = found
                if worth is not None:
                    d_logits.mul_(worth[part, None])
                d_bias += d_logits.sum(0)
                d_logits = cross_entropy.rounded(d_logits.to(x.dtype))
                d_x[part] = (d_logits @ weight)[: len(target[part])]
                if x.dtype == exact:
                    d_weight.addmm_(d_logits.t(), inputs)
                else:
                    d_weight += d_logits.t() @ inputs
        if worth is not None:
            d_share, d_copied = d_share * worth, d_copied * worth
        ctx.save_for_backward(d_x, d_weight.to(weight.dtype), d_bias.to(bias.dtype), d_share, d_copied)
        ctx.mark_non_differentiable(each)
        return (each if worth is None else each * worth).sum(), each

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        d_x, d_weight, d_bias, d_share, d_copied = (known * grad.to(known.dtype) for known in ctx.saved_tensors)
        return d_x, d_weight, d_bias, d_share, d_copied, None


def _chunk(
    logits: Tensor, target: Tensor, share: Tensor, copied: Tensor, joint: bool, smoothing: float
) -> tuple[Float[Tensor, " C"], Float[Tensor, "C V"], Float[Tensor, " C"], Float[Tensor, " C"]]:
    """The losses of a few rows, and their gradients at logits, share and copied.

    With r, the part of p(target) that is generated: d log p / d logits = r (one-hot - q), and
    if joint r one-hot - p_gen q.
    """
    known = target < logits.shape[1]
    place = target.where(known, 0)[:, None]
    at_target, mean = logits.gather(1, place)[:, 0].masked_fill(~known, -torch.inf), logits.mean(1)
    q = torch.softmax(logits, 1)
    log_sum = logits.amax(1) - q.amax(1).log()  # the largest probability cannot underflow
    generated = at_target if joint else share + at_target - log_sum
    whole = torch.logaddexp(log_sum, share) if joint else torch.zeros_like(share)
    log_p = torch.logaddexp(generated, copied)
    r, p_gen = (generated - log_p).exp(), (log_sum - whole).exp()
    of_p = 1 - smoothing
    each = -of_p * (log_p - whole) - smoothing * (mean - log_sum)
    d_share = of_p * ((share - whole).exp() if joint else -r)
    d_copied = -of_p * (copied - log_p).exp()
    d_logits = q.mul_((of_p * (p_gen if joint else r) + smoothing)[:, None])
    if smoothing:
        d_logits.sub_(smoothing / logits.shape[1])
    d_logits.scatter_add_(1, place, -of_p * r[:, None])
    return each, d_logits, d_share, d_copied
