"""The same mathematics, faster: every kernel stands beside its plain reference, and here is where one is chosen.

Kernels are for training, where a gradient is wanted: they work forward and
backward by hand, so that nothing is computed, allocated or walked through
twice. Everything else, an exported model above all, takes the reference. Both
give the same results, to a tolerance that the tests state.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd import Function

Kernels = Literal["fused", "reference"]

_chosen: ContextVar[Kernels] = ContextVar("kernels", default="fused")


@contextmanager
def using(kernels: Kernels) -> Iterator[None]:
    """Take these kernels for as long as the block runs."""
    before = _chosen.set(kernels)
    try:
        yield
    finally:
        _chosen.reset(before)


def fused() -> bool:
    """Whether the fast way is to be taken: it was not declined, and there will be a backward pass."""
    return _chosen.get() == "fused" and torch.is_grad_enabled() and not torch.compiler.is_compiling()


def lowered(tensor: Tensor) -> Tensor:
    """The tensor in the precision of matrix products here: that of `torch.autocast` where it is on.

    Its gradient comes back in the tensor's own precision.
    """
    device = tensor.device.type
    on = torch.is_autocast_enabled(device) and tensor.dtype == torch.float32
    return tensor.to(torch.get_autocast_dtype(device)) if on else tensor


def apply(function: type[Function], *given: Any) -> Any:
    """What a function of autograd makes of its inputs."""
    return function.apply(*given)  # type: ignore[no-untyped-call]  # PyTorch gives it no types
