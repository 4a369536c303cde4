"""Additive scores, v . tanh(q + k), without ever holding every query beside every key."""

from functools import cached_property
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.overrides import handle_torch_function, has_torch_function

from regard import kernels
from regard.kernels.placed import recomputed
from regard.kernels.shared import Gathers, Shared

CHUNK = 1 << 19  # sums q + k that are held at once: they stay in the cache between the passes over them
LARGEST = 20.0  # of a query's or key's entries: exp(4 x 20) is still a number in single precision


def additive_scores(
    query: Float[Tensor, "B T K"], keys: Float[Tensor, "B S K"], energy: Float[Tensor, " K"]
) -> Float[Tensor, "B T S"]:
    """The score of each query with each key: energy . tanh(query + key)."""
    if has_torch_function((query, keys, energy)):  # inside a block of steps, which share their keys
        return handle_torch_function(additive_scores, (query, keys, energy), query, keys, energy)
    if not kernels.fused():
        return reference(query, keys, energy)
    return scores_of(query, Shared(keys, Keys(keys, once=True)), energy)


def reference(
    query: Float[Tensor, "B T K"], keys: Float[Tensor, "B S K"], energy: Float[Tensor, " K"]
) -> Float[Tensor, "B T S"]:
    """The same, plainly."""
    return ((query[:, :, None] + keys[:, None]).tanh() * energy).sum(-1)


class Keys(Gathers):
    """Keys as exponentials: tanh(q + k) = 1 - 2r with r = 1 / (1 + exp(2q) exp(2k)).

    So a pair of query and key costs a product and a division, and no
    exponential of its own. Keys of many places that are used `once` make theirs anew
    in the backward pass: else each step of a loop would hold as much as the keys. For
    the same reason nothing is held of them in another precision than they have.
    """

    def __init__(self, keys: Tensor, once: bool = False) -> None:
        self.keys = keys.detach()
        self.exact = torch.promote_types(keys.dtype, torch.float32)
        self.once = once and keys.numel() > CHUNK
        self._gradient: Tensor | None = None

    @cached_property
    def largest(self) -> float:
        """The largest entry's size."""
        return _largest(self.keys)

    @cached_property
    def exps(self) -> Tensor:
        """exp(2 keys)."""
        return (2 * self.keys.to(self.exact)).exp_()

    def used(self) -> None:
        """A pass over them is done."""
        if self.once:
            self.__dict__.pop("exps", None)

    @property
    def gradient(self) -> Tensor:
        """The gradient at the keys, to be added to."""
        if self._gradient is None:
            self._gradient = torch.zeros_like(self.keys, dtype=self.exact)
        return self._gradient

    def total(self) -> Tensor:
        """The whole of it; another backward pass begins anew."""
        whole, self._gradient = self.gradient, None
        return whole


def scores_of(query: Tensor, keys: Shared[Keys], energy: Tensor) -> Tensor:
    """The scores of some queries with keys that other queries may share."""
    if query.device.type != "cpu" or max(keys.gathers.largest, _largest(query)) > LARGEST:
        return recomputed(query, keys.tensor, energy)
    exact = keys.gathers.exact
    scores: Tensor = kernels.apply(_Scores, query.to(exact), energy.to(exact), keys.sign, keys.gathers)
    return scores.to(query.dtype)


def _largest(x: Tensor) -> float:
    least, most = x.detach().aminmax()  # a tenth of the time of a norm
    return float(torch.maximum(-least, most))


class _Scores(Function):
    """score = sum v - 2 v . r; d tanh / d q = d tanh / d k = 4 (r - r^2)."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, energy: Tensor, sign: Tensor, keys: Keys) -> Tensor:
        exps = (2 * query).exp_()
        scores = query.new_empty(*query.shape[:2], keys.exps.shape[1])
        for part in _parts(exps, keys.exps):
            torch.matmul(_shares(exps, keys.exps, part), energy, out=scores[part])
        ctx.save_for_backward(exps, energy)
        ctx.keys = keys
        keys.used()
        return scores.mul_(-2).add_(energy.sum())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        exps, energy = ctx.saved_tensors
        keys: Keys = ctx.keys
        d_query, d_energy = torch.empty_like(exps), torch.zeros_like(energy)
        for part in _parts(exps, keys.exps):
            given, r = grad[part], _shares(exps, keys.exps, part)
            d_energy.addmv_(r.flatten(0, 2).t(), given.flatten())
            r.addcmul_(r, r, value=-1).mul_(4 * energy)
            torch.matmul(given[:, :, None], r, out=d_query[part][:, :, None])
            into = keys.gradient[part[0]]
            for t in range(given.shape[1]):
                into.addcmul_(given[:, t, :, None], r[:, t])
        keys.used()
        return d_query, grad.sum() - 2 * d_energy, grad.new_empty(0), None


def _parts(exps: Tensor, keys: Tensor) -> list[tuple[slice, slice]]:
    """Slices of rows and steps whose sums fit into the cache."""
    rows, steps, size = exps.shape
    row = keys.shape[1] * size
    some_steps = max(1, min(steps, CHUNK // row))
    some_rows = max(1, CHUNK // (row * some_steps))
    return [
        (slice(i, i + some_rows), slice(t, t + some_steps))
        for i in range(0, rows, some_rows)
        for t in range(0, steps, some_steps)
    ]


def _shares(exps: Tensor, keys: Tensor, part: tuple[slice, slice]) -> Float[Tensor, "b t S K"]:
    """The r of some rows and steps: 1 / (1 + exp(2q) exp(2k))."""
    return (exps[part][:, :, None] * keys[part[0], None]).add_(1).reciprocal_()
