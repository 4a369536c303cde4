"""The LSTM (Hochreiter and Schmidhuber, 1997; with forget gates, Gers et al., 2000), one step and whole sequences.

i, f, o = sigmoid(gates), n = tanh(gates)     gates = W x + U h + b, in the order i, f, n, o
c' = f c + i n     h' = o tanh(c')
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from regard import kernels


def step(gates: Float[Tensor, "B G"], memory: Float[Tensor, "B H"]) -> tuple[Tensor, Tensor]:
    """The new hidden state and memory, given W x + U h + b, which is overwritten."""
    found: tuple[Tensor, Tensor] = kernels.apply(_Step, gates, memory)
    return found


def reference_step(gates: Float[Tensor, "B G"], memory: Float[Tensor, "B H"]) -> tuple[Tensor, Tensor]:
    """The same, plainly."""
    i, f, n, o = gates.chunk(4, -1)
    memory = f.sigmoid() * memory + i.sigmoid() * n.tanh()
    return o.sigmoid() * memory.tanh(), memory


def sequence(
    x: Float[Tensor, "T B I"],
    w_x: Float[Tensor, "G I"],
    w_h: Float[Tensor, "G H"],
    bias: Float[Tensor, " G"],
    hidden: Float[Tensor, "B H"],
    memory: Float[Tensor, "B H"],
) -> tuple[Float[Tensor, "T B H"], Float[Tensor, "B H"]]:
    """All hidden states, and the last memory.

    One large product for all inputs, a small one each step; backward one small
    product each step, and one large one for each weight behind them all.
    """
    found: tuple[Tensor, Tensor] = kernels.apply(_Sequence, x, w_x, w_h, bias, hidden, memory)
    return found


def reference(
    x: Float[Tensor, "T B I"],
    w_x: Float[Tensor, "G I"],
    w_h: Float[Tensor, "G H"],
    bias: Float[Tensor, " G"],
    hidden: Float[Tensor, "B H"],
    memory: Float[Tensor, "B H"],
) -> tuple[Float[Tensor, "T B H"], Float[Tensor, "B H"]]:
    """The same, plainly."""
    states = []
    for part in x:
        hidden, memory = reference_step(part @ w_x.t() + hidden @ w_h.t() + bias, memory)
        states.append(hidden)
    return torch.stack(states), memory


def _forward(gates: Tensor, memory: Tensor, new: Tensor, squashed: Tensor, hidden: Tensor) -> None:
    """Fill `new` memory, its tanh and the `hidden` state; `gates` become their activations."""
    size = memory.shape[1]
    i, f, n, o = gates.chunk(4, 1)
    gates[:, : 2 * size].sigmoid_()
    n.tanh_()
    o.sigmoid_()
    torch.mul(memory, f, out=new).addcmul_(i, n)
    torch.tanh(new, out=squashed)
    hidden.copy_(squashed * o)


def _backward(
    gates: Tensor, memory: Tensor, squashed: Tensor, d_hidden: Tensor, d_memory: Tensor, d_gates: Tensor
) -> Tensor:
    """Fill the gradient at the gates; return that at the memory before."""
    i, f, n, o = gates.chunk(4, 1)
    d_i, d_f, d_n, d_o = d_gates.chunk(4, 1)
    d_memory = torch.addcmul(d_memory, d_hidden * o, 1 - squashed * squashed)
    d_o.copy_(d_hidden * squashed * (o * (1 - o)))
    d_i.copy_(d_memory * n * (i * (1 - i)))
    d_f.copy_(d_memory * memory * (f * (1 - f)))
    d_n.copy_(d_memory * i * (1 - n * n))
    return d_memory * f


class _Step(Function):
    @staticmethod
    def forward(ctx: Any, gates: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        new, squashed = torch.empty_like(memory), torch.empty_like(memory)
        hidden = gates.new_empty(memory.shape)
        gates = gates.detach()
        _forward(gates, memory, new, squashed, hidden)
        ctx.save_for_backward(gates, memory, squashed)
        return hidden, new

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_hidden: Tensor, d_memory: Tensor) -> tuple[Tensor, Tensor]:
        gates, memory, squashed = ctx.saved_tensors
        d_gates = torch.empty_like(gates)
        d_before = _backward(gates, memory, squashed, d_hidden, d_memory, d_gates)
        return d_gates, d_before


class _Sequence(Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, w_x: Tensor, w_h: Tensor, bias: Tensor, hidden: Tensor, memory: Tensor
    ) -> tuple[Tensor, Tensor]:
        steps, rows, size = *x.shape[:2], w_h.shape[1]
        gates = torch.addmm(bias, x.flatten(0, 1), w_x.t()).view(steps, rows, 4 * size)
        hiddens, memories = x.new_empty(steps + 1, rows, size), memory.new_empty(steps + 1, rows, size)
        squashed = memory.new_empty(steps, rows, size)
        hiddens[0], memories[0] = hidden, memory
        for t in range(steps):
            gates[t].addmm_(hiddens[t], w_h.t())
            _forward(gates[t], memories[t], memories[t + 1], squashed[t], hiddens[t + 1])
        ctx.save_for_backward(x, w_x, w_h, gates, hiddens, memories, squashed)
        return hiddens[1:], memories[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_hiddens: Tensor, d_memory: Tensor) -> tuple[Tensor | None, ...]:
        x, w_x, w_h, gates, hiddens, memories, squashed = ctx.saved_tensors
        d_gates, d_hidden = torch.empty_like(gates), torch.zeros_like(hiddens[0])
        for t in reversed(range(len(x))):
            d_hidden = d_hidden + d_hiddens[t]
            d_memory = _backward(gates[t], memories[t], squashed[t], d_hidden, d_memory, d_gates[t])
            d_hidden = d_gates[t] @ w_h
        flat, before = d_gates.flatten(0, 1), hiddens[:-1].flatten(0, 1)
        d_x = (flat @ w_x).view_as(x) if ctx.needs_input_grad[0] else None
        return d_x, flat.t() @ x.flatten(0, 1), flat.t() @ before, flat.sum(0), d_hidden, d_memory
