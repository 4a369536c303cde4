"""Weights and gradients in files that several processes map: what one of them writes, all of them see."""

import tempfile
from collections.abc import Sequence
from math import prod
from pathlib import Path

import torch
from torch import Tensor

MEMORY = Path("/dev/shm")  # where there is one, a file in it is memory
STEP = 16  # numbers: each tensor begins at a multiple of 64 bytes, as PyTorch's own do, for the same sums
PIECE = 1 << 20  # bytes


def reserve(names: Sequence[str], like: Sequence[Tensor]) -> "tempfile.TemporaryDirectory[str]":
    """A temporary folder of files of zeros, each with room for tensors like the given ones.

    They are written, so that a disk without room for them is told here. Mapped
    files with holes would kill a process later.
    """
    for place in [MEMORY] if MEMORY.is_dir() else []:
        try:
            return _filled(names, like, place)
        except OSError:  # no room in it, or it may not be written to
            continue
    return _filled(names, like, None)


def mapped(path: Path, like: Sequence[Tensor]) -> list[Tensor]:
    """Tensors like the given ones, one behind the other in a file that `reserve` has made."""
    flat = torch.from_file(str(path), shared=True, size=_length(like), dtype=torch.float32)
    found, start = [], 0
    for tensor in like:
        found.append(flat[start : start + tensor.numel()].view(tensor.shape))
        start += _room(tensor)
    return found


def use(parameters: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
    """Let parameters be kept in these tensors from now on."""
    for parameter, weight in zip(parameters, weights, strict=True):
        parameter.data = weight


def hand_over(parameters: Sequence[Tensor], gradient: Sequence[Tensor]) -> list[int]:
    """Move the parameters' gradients to where others see them; return which parameters have none."""
    lacking = []
    for i, (parameter, shared) in enumerate(zip(parameters, gradient, strict=True)):
        if parameter.grad is None:
            lacking.append(i)
        else:
            shared.copy_(parameter.grad)
            parameter.grad = None
    return lacking


def take_over(parameters: Sequence[Tensor], gradient: Sequence[Tensor], lacking: Sequence[int]) -> None:
    """Add what another process has handed over, just as one process would have added it."""
    for i, (parameter, shared) in enumerate(zip(parameters, gradient, strict=True)):
        if i in lacking:
            continue
        if parameter.grad is None:
            parameter.grad = shared.clone()
        else:
            parameter.grad += shared


def _filled(names: Sequence[str], like: Sequence[Tensor], place: Path | None) -> "tempfile.TemporaryDirectory[str]":
    folder = tempfile.TemporaryDirectory(prefix="regard-", dir=place, ignore_cleanup_errors=True)
    try:
        for name in names:
            with (Path(folder.name) / name).open("wb") as file:
                left = 4 * _length(like)
                while left:
                    left -= file.write(bytes(min(left, PIECE)))
    except OSError:
        folder.cleanup()
        raise
    return folder


def _length(like: Sequence[Tensor]) -> int:
    return sum(map(_room, like))


def _room(tensor: Tensor) -> int:
    return -(-prod(tensor.shape) // STEP) * STEP
