"""Rows of Gaussians over pixels, each summing to one (Gregor et al., 2015, equations 19 to 26), in few passes."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from regard import kernels

LEAST = 1e-8  # what a row far from all pixels is divided by


def filters(
    centre: Float[Tensor, "B T"], step: Float[Tensor, "B T"], spread: Float[Tensor, "B T"], number: int, side: int
) -> Float[Tensor, "B T N S"]:
    """A Gaussian over `side` pixels for each of `number` rows.

    The n-th has its mean at centre + (n - (number - 1) / 2) step, in pixels from 0, and the deviation `spread`.
    """
    if not kernels.fused():
        return reference(centre, step, spread, number, side)
    weights: Tensor = kernels.apply(_Filters, centre, step, spread, number, side)
    return weights


def reference(
    centre: Float[Tensor, "B T"], step: Float[Tensor, "B T"], spread: Float[Tensor, "B T"], number: int, side: int
) -> Float[Tensor, "B T N S"]:
    """The same, plainly."""
    weights = (-(_apart(centre, step, spread, number, side).square()) / 2).exp()
    return weights / weights.sum(-1, keepdim=True).clamp(min=LEAST)


def _apart(centre: Tensor, step: Tensor, spread: Tensor, number: int, side: int) -> Tensor:
    """How far each pixel is from the mean of each row, in deviations."""
    mean = centre[..., None] + _offsets(number, centre) * step[..., None]
    return (torch.arange(side, device=centre.device) - mean[..., None]) / spread[..., None, None]


def _offsets(number: int, like: Tensor) -> Tensor:
    return torch.arange(number, device=like.device, dtype=like.dtype) - (number - 1) / 2


class _Filters(Function):
    """d log w / d u = -u, u = (pixel - mean) / spread, less what keeps the sum of a row."""

    @staticmethod
    def forward(ctx: Any, centre: Tensor, step: Tensor, spread: Tensor, number: int, side: int) -> Tensor:
        apart = _apart(centre, step, spread, number, side)
        weights = (apart * apart).mul_(-0.5).exp_()
        total = weights.sum(-1, keepdim=True)
        weights.div_(total.clamp(min=LEAST))
        ctx.save_for_backward(apart, weights, total, spread)
        return weights

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        apart, weights, total, spread = ctx.saved_tensors
        slope = grad * weights
        slope.addcmul_(weights, slope.sum(-1, keepdim=True) * (total >= LEAST), value=-1).mul_(apart)
        by_mean = slope.sum(-1) / spread[..., None]
        by_spread = slope.mul_(apart).flatten(2).sum(-1) / spread
        return by_mean.sum(-1), by_mean @ _offsets(by_mean.shape[-1], by_mean), by_spread, None, None
