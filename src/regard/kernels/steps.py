"""Steps that share weights and a memory: what their gradients have in common is computed once, behind the last.

A recurrent decoder multiplies by the same matrices at every step. Step by step,
autograd makes a thin product for each gradient and adds it to a sum as large as
the matrix; here the factors are kept, and one large product makes the sum.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.overrides import TorchFunctionMode

from regard import kernels
from regard.kernels import gru, lstm
from regard.kernels.additive import Keys, additive_scores, scores_of
from regard.kernels.multiplicative import dot_scores, weighted_sum
from regard.kernels.shared import Gathers, Shared

WIDE = 256  # units of a step: with fewer, the calls in the block cost more than its products save


def steps(size: int) -> AbstractContextManager[Any]:
    """A block of steps of so many units that share weights and a memory; the fast way where it is wanted and pays."""
    return Steps() if kernels.fused() and size >= WIDE else nullcontext()


class Steps(TorchFunctionMode):
    """Within it, these functions know what they have in common with the step before."""

    def __init__(self) -> None:
        super().__init__()
        self.matrices: dict[int, Shared[Matrix]] = {}
        self.keys: dict[int, Shared[Keys]] = {}
        self.instead: dict[Any, Callable[..., Any]] = {
            F.linear: self.linear,
            torch.lstm_cell: self.lstm,
            torch.gru_cell: self.gru,
            additive_scores: self.additive,
            dot_scores: lambda query, keys: self.product(query, keys, turned=True),
            weighted_sum: lambda weights, values: self.product(weights, values, turned=False),
        }

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Every call of a function of PyTorch in the block comes by here."""
        return self.instead.get(function, function)(*args, **(kwargs or {}))

    def product(self, x: Tensor, matrix: Tensor, *, turned: bool) -> Tensor:
        """X @ matrix, or x @ matrix.mT."""
        shared = self.matrices.get(id(matrix))
        if shared is None:
            used = kernels.lowered(matrix)
            shared = self.matrices[id(matrix)] = Shared(matrix, Matrix(used.detach()))
        product: Tensor = kernels.apply(_Product, kernels.lowered(x), shared.sign, shared.gathers, turned)
        return product

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        """X W' + b."""
        product = self.product(x.flatten(0, -2), weight, turned=True).view(*x.shape[:-1], -1)
        return product if bias is None else product + bias.to(product.dtype)

    def lstm(self, x: Tensor, state: tuple[Tensor, Tensor], *weights: Tensor) -> tuple[Tensor, Tensor]:
        """One step of an LSTM."""
        w_x, w_h, b_x, b_h = weights
        hidden, memory = state
        return lstm.step(self.linear(x, w_x, b_x) + self.linear(hidden, w_h, b_h), memory)

    def gru(self, x: Tensor, hidden: Tensor, *weights: Tensor) -> Tensor:
        """One step of a GRU."""
        w_x, w_h, b_x, b_h = weights
        return gru.step(self.linear(x, w_x, b_x), self.linear(hidden, w_h, b_h), hidden)

    def additive(self, query: Tensor, keys: Tensor, energy: Tensor) -> Tensor:
        """Additive scores."""
        shared = self.keys.get(id(keys))
        if shared is None:
            shared = self.keys[id(keys)] = Shared(keys, Keys(keys))
        return scores_of(query, shared, energy)


class Matrix(Gathers):
    """A matrix that others are multiplied by: its gradient is the product of all that was left, row by row."""

    def __init__(self, matrix: Tensor) -> None:
        self.matrix, self.left, self.right = matrix, list[Tensor](), list[Tensor]()

    def total(self) -> Tensor:
        """One product over the rows of all steps."""
        left, right = torch.cat(self.left, -2), torch.cat(self.right, -2)
        self.left.clear()
        self.right.clear()
        return left.mT @ right


class _Product(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, sign: Tensor, shared: Matrix, turned: bool) -> Tensor:
        ctx.shared, ctx.turned = shared, turned
        ctx.save_for_backward(x)
        return x @ (shared.matrix.mT if turned else shared.matrix)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        (x,) = ctx.saved_tensors
        shared: Matrix = ctx.shared
        shared.left.append(grad if ctx.turned else x)
        shared.right.append(x if ctx.turned else grad)
        other = shared.matrix if ctx.turned else shared.matrix.mT
        return grad @ other if ctx.needs_input_grad[0] else None, grad.new_empty(0), None, None
