"""Additive scores that also depend on what is known of each place, v . tanh(q + k + W f), made anew going backward.

Nothing of the size of queries x places x units is kept: a loop of T steps over S places
holds S features for each, however many the units of the hidden layer.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from regard import kernels

CHUNK = {"cpu": 1 << 19}  # hidden units that are held at once: on a processor, as many as stay in its cache
MANY = 1 << 26  # elsewhere


def placed_scores(
    query: Float[Tensor, "B T K"],
    keys: Float[Tensor, "B S K"],
    features: Float[Tensor, "B S F"],
    weight: Float[Tensor, "K F"],
    energy: Float[Tensor, " K"],
) -> Float[Tensor, "B T S"]:
    """The score of each query with each key at its place: energy . tanh(query + key + weight features)."""
    if not kernels.fused():
        return reference(query, keys, features, weight, energy)
    scores: Tensor = kernels.apply(_Scores, query, keys, features.to(keys.dtype), weight.to(keys.dtype), energy)
    return scores


def recomputed(
    query: Float[Tensor, "B T K"], keys: Float[Tensor, "B S K"], energy: Float[Tensor, " K"]
) -> Float[Tensor, "B T S"]:
    """The same where nothing is known of the places."""
    scores: Tensor = kernels.apply(_Scores, query, keys, None, None, energy)
    return scores


def reference(
    query: Float[Tensor, "B T K"],
    keys: Float[Tensor, "B S K"],
    features: Float[Tensor, "B S F"] | None,
    weight: Float[Tensor, "K F"] | None,
    energy: Float[Tensor, " K"],
) -> Float[Tensor, "B T S"]:
    """The same, plainly."""
    return F.linear(_hidden(query, keys, features, weight), energy[None]).squeeze(-1)


def _hidden(query: Tensor, keys: Tensor, features: Tensor | None, weight: Tensor | None) -> Float[Tensor, "B T S K"]:
    if features is not None and weight is not None:
        keys = keys + F.linear(features, weight)
    return (query[:, :, None] + keys[:, None]).tanh()


class _Scores(Function):
    """d score / d (q + k + W f) = v (1 - tanh^2), some places at a time."""

    @staticmethod
    def forward(
        ctx: Any, query: Tensor, keys: Tensor, features: Tensor | None, weight: Tensor | None, energy: Tensor
    ) -> Tensor:
        ctx.save_for_backward(query, keys, features, weight, energy)
        energy = energy.to(keys.dtype)
        parts = _parts(query, keys)
        return torch.cat([_made(query, keys, features, weight, part) @ energy for part in parts], 2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        query, keys, features, weight, energy = ctx.saved_tensors
        d_query, d_keys, d_energy = torch.zeros_like(query), torch.empty_like(keys), torch.zeros_like(energy)
        for part in _parts(query, keys):
            hidden, given = _made(query, keys, features, weight, part), grad[:, :, part].to(keys.dtype)
            d_energy += hidden.flatten(0, 2).t() @ given.flatten()
            slopes = hidden.square_().sub_(1).mul_(-energy.to(keys.dtype))
            d_query += (given[:, :, None] @ slopes)[:, :, 0]
            slopes.mul_(given[..., None])
            d_keys[:, part] = slopes.sum(1) if slopes.shape[1] > 1 else slopes[:, 0]
        if weight is None:
            return d_query, d_keys, None, None, d_energy
        d_weight = d_keys.flatten(0, 1).t() @ features.flatten(0, 1)
        return d_query, d_keys, d_keys @ weight, d_weight, d_energy


def _made(query: Tensor, keys: Tensor, features: Tensor | None, weight: Tensor | None, part: slice) -> Tensor:
    """The hidden units of some places, in as few passes over them as may be."""
    keys = keys[:, part]
    if features is not None and weight is not None:
        known = F.linear(features[:, part], weight).add_(keys)
        if query.shape[1] == 1:
            return known.add_(query).tanh_()[:, None]
        keys = known
    return (query[:, :, None] + keys[:, None]).tanh_()


def _parts(query: Tensor, keys: Tensor) -> list[slice]:
    """Slices of places of which so many hidden units are held."""
    (rows, steps, size), places = query.shape, keys.shape[1]
    held = CHUNK.get(query.device.type, MANY)
    some = max(1, held // (rows * steps * size))
    return [slice(i, i + some) for i in range(0, places, some)]
