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


def _activate(gates: Tensor, memory: Tensor, new: Tensor, squashed: Tensor) -> Tensor:
    """Turn `gates` into their activations; fill the `new` memory and its tanh; return the hidden state."""
    i, f, n, o = gates.chunk(4, 1)
    gates[:, : 2 * memory.shape[1]].sigmoid_()
    n.tanh_()
    o.sigmoid_()
    torch.mul(memory, f, out=new).addcmul_(i, n)
    return torch.tanh(new, out=squashed) * o


def _slopes(gates: Tensor, memory: Tensor, squashed: Tensor) -> tuple[Tensor, Tensor]:
    """All that does not wait for a gradient, of as many steps as there are.

    The slope of the new memory in each of i, f and n, that of the hidden state
    in o, in place of the activations; and that of the hidden state in the new memory.
    """
    i, f, n, o = gates.chunk(4, -1)
    slopes = torch.empty_like(gates)
    s_i, s_f, s_n, s_o = slopes.chunk(4, -1)
    torch.addcmul(i, i, i, value=-1, out=s_i).mul_(n)
    torch.addcmul(f, f, f, value=-1, out=s_f).mul_(memory)
    torch.mul(n, n, out=s_n).neg_().add_(1).mul_(i)
    torch.addcmul(o, o, o, value=-1, out=s_o).mul_(squashed)
    return slopes, (squashed * squashed).neg_().add_(1).mul_(o)


class _Step(Function):
    @staticmethod
    def forward(ctx: Any, gates: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        new, squashed, dtype = torch.empty_like(memory), torch.empty_like(memory), gates.dtype
        gates = gates.detach().to(memory.dtype)
        hidden = _activate(gates, memory, new, squashed).to(dtype)
        ctx.save_for_backward(gates, memory, squashed)
        return hidden, new

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_hidden: Tensor, d_memory: Tensor) -> tuple[Tensor, Tensor]:
        gates, memory, squashed = ctx.saved_tensors
        slopes, through = _slopes(gates, memory, squashed)
        d_gates, forget = torch.empty_like(gates), gates.chunk(4, 1)[1]
        d_before = _descend(slopes, through, forget, d_hidden.to(gates.dtype), d_memory, d_gates)
        return d_gates.to(d_hidden.dtype), d_before


def _descend(
    slopes: Tensor, through: Tensor, forget: Tensor, d_hidden: Tensor, d_memory: Tensor, d_gates: Tensor
) -> Tensor:
    """Fill the gradient at the gates of a step; return that at the memory before."""
    size = forget.shape[1]
    d_memory = torch.addcmul(d_memory, d_hidden, through)
    below = (len(forget), 3, size)
    torch.mul(slopes[:, : 3 * size].view(below), d_memory[:, None], out=d_gates[:, : 3 * size].view(below))
    torch.mul(slopes[:, 3 * size :], d_hidden, out=d_gates[:, 3 * size :])
    return d_memory.mul_(forget)


class _Sequence(Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, w_x: Tensor, w_h: Tensor, bias: Tensor, hidden: Tensor, memory: Tensor
    ) -> tuple[Tensor, Tensor]:
        steps, rows, size = *x.shape[:2], w_h.shape[1]
        products = torch.addmm(bias, x.flatten(0, 1), w_x.t()).view(steps, rows, 4 * size)
        gates = products if x.dtype == memory.dtype else products.new_empty(products.shape, dtype=memory.dtype)
        hiddens, memories = x.new_empty(steps + 1, rows, size), memory.new_empty(steps + 1, rows, size)
        squashed = memory.new_empty(steps, rows, size)
        hiddens[0], memories[0] = hidden, memory
        for t, (product, gate) in enumerate(zip(products, gates, strict=True)):
            product.addmm_(hiddens[t], w_h.t())
            if gates is not products:
                gate.copy_(product)
            hiddens[t + 1] = _activate(gate, memories[t], memories[t + 1], squashed[t])
        ctx.save_for_backward(x, w_x, w_h, gates, hiddens, memories, squashed)
        return hiddens[1:], memories[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_hiddens: Tensor, d_memory: Tensor) -> tuple[Tensor | None, ...]:
        x, w_x, w_h, gates, hiddens, memories, squashed = ctx.saved_tensors
        slopes, through = _slopes(gates, memories[:-1], squashed)
        d_gates, forget = x.new_empty(gates.shape), gates.chunk(4, -1)[1]
        exact, d_hidden = torch.empty_like(gates[0]), torch.zeros_like(memories[0])
        for t in reversed(range(len(x))):
            d_hidden = d_hidden + d_hiddens[t]
            d_memory = _descend(slopes[t], through[t], forget[t], d_hidden, d_memory, exact)
            d_gates[t] = exact
            d_hidden = d_gates[t] @ w_h
        flat, before = d_gates.flatten(0, 1), hiddens[:-1].flatten(0, 1)
        d_x = (flat @ w_x).view_as(x) if ctx.needs_input_grad[0] else None
        return d_x, flat.t() @ x.flatten(0, 1), flat.t() @ before, flat.sum(0), d_hidden.to(x.dtype), d_memory
