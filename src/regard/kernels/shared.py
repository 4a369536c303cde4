"""What many calls share, a weight or a memory: the parts of its gradient are gathered where they arise."""

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from regard import kernels


class Gathers(ABC):
    """What is shared, prepared for use, and what its users leave of its gradient in their backward passes."""

    @abstractmethod
    def total(self) -> Tensor:
        """The whole gradient, when all who used it have left their parts."""


G = TypeVar("G", bound=Gathers)


class Shared(Generic[G]):
    """A tensor of the graph that is used through `gathers`.

    Its users take `sign`, an empty tensor, for an input, and give an empty
    gradient for it: so autograd asks for the total when the last has done so.
    """

    def __init__(self, tensor: Tensor, gathers: G) -> None:
        self.tensor, self.gathers = tensor, gathers  # the tensor is held, so that its id stays its own
        self.sign: Tensor = kernels.apply(_Sign, tensor, gathers)


class _Sign(Function):
    @staticmethod
    def forward(ctx: Any, tensor: Tensor, gathers: Gathers) -> Tensor:
        ctx.gathers = gathers
        return tensor.new_empty(0)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, _: Tensor) -> tuple[Tensor, None]:
        return ctx.gathers.total(), None
