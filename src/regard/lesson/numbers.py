"""Vectors and matrices as small plain data: a length, a slice, and what they are a slice of."""

from typing import Any

from torch import Tensor

SHOWN = 12  # components of a vector that are handed on


def vector(x: Tensor) -> dict[str, Any]:
    """One vector (D): its size, its Euclidean norm, and its first components."""
    return {"size": int(x.numel()), "norm": _round(x.norm()), "first": _rounded(x.flatten()[:SHOWN])}


def matrix(x: Tensor) -> dict[str, Any]:
    """Vectors (N, D): the shape, each one's norm, and the first components of each."""
    return {"shape": list(x.shape), "norms": _rounded(x.norm(dim=-1)), "first": [_rounded(row[:SHOWN]) for row in x]}


def weights(x: Tensor) -> list[float]:
    """Weights (S) to six digits."""
    return [round(value, 6) for value in x.tolist()]


def scores(x: Tensor) -> list[float | None]:
    """Scores (S); none where a place is not to be looked at."""
    return [round(value, 4) if value > float("-inf") else None for value in x.tolist()]


def pixels(x: Tensor) -> dict[str, Any]:
    """Pixels from 0 to 1, of any shape, as bytes one after the other; what is beyond is cut off."""
    return {"shape": list(x.shape), "values": (x.clamp(0, 1) * 255).round().int().flatten().tolist()}


def _rounded(x: Tensor) -> list[float]:
    return [round(value, 4) for value in x.tolist()]


def _round(x: Tensor) -> float:
    return round(float(x), 4)
