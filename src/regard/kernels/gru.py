"""The GRU (Cho et al., 2014), one step and whole sequences, with the reset behind the product as PyTorch has it.

r, z = sigmoid(given + known)     n = tanh(given + r known)     h' = (1 - z) n + z h
given = W x + b, known = U h + d, each in the order r, z, n
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from regard import kernels


def step(given: Float[Tensor, "B G"], known: Float[Tensor, "B G"], hidden: Float[Tensor, "B H"]) -> Tensor:
    """The new hidden state, given W x + b and U h + d."""
    found: Tensor = kernels.apply(_Step, given, known, hidden)
    return found


def reference_step(given: Float[Tensor, "B G"], known: Float[Tensor, "B G"], hidden: Float[Tensor, "B H"]) -> Tensor:
    """The same, plainly."""
    (r_x, z_x, n_x), (r_h, z_h, n_h) = given.chunk(3, -1), known.chunk(3, -1)
    z, n = (z_x + z_h).sigmoid(), (n_x + (r_x + r_h).sigmoid() * n_h).tanh()
    return (1 - z) * n + z * hidden


def sequence(
    x: Float[Tensor, "T B I"],
    w_x: Float[Tensor, "G I"],
    w_h: Float[Tensor, "G H"],
    b_x: Float[Tensor, " G"],
    b_h: Float[Tensor, " G"],
    hidden: Float[Tensor, "B H"],
) -> Float[Tensor, "T B H"]:
    """All hidden states; large products before and behind the steps, as for the LSTM."""
    found: Tensor = kernels.apply(_Sequence, x, w_x, w_h, b_x, b_h, hidden)
    return found


def reference(
    x: Float[Tensor, "T B I"],
    w_x: Float[Tensor, "G I"],
    w_h: Float[Tensor, "G H"],
    b_x: Float[Tensor, " G"],
    b_h: Float[Tensor, " G"],
    hidden: Float[Tensor, "B H"],
) -> Float[Tensor, "T B H"]:
    """The same, plainly."""
    states = []
    for part in x:
        hidden = reference_step(part @ w_x.t() + b_x, hidden @ w_h.t() + b_h, hidden)
        states.append(hidden)
    return torch.stack(states)


def _forward(given: Tensor, known: Tensor, hidden: Tensor, new: Tensor) -> None:
    """Fill the `new` hidden state; `given` becomes the activations r, z, n."""
    size = hidden.shape[1]
    _, z, n = given.chunk(3, 1)
    gates = given[:, : 2 * size].add_(known[:, : 2 * size]).sigmoid_()
    n.addcmul_(gates[:, :size], known[:, 2 * size :]).tanh_()
    torch.lerp(n, hidden, z, out=new)


def _backward(acts: Tensor, known: Tensor, hidden: Tensor, d_new: Tensor, d_given: Tensor, d_known: Tensor) -> Tensor:
    """Fill the gradients at `given` and `known`; return that at the hidden state before, the product apart."""
    (r, z, n), n_h = acts.chunk(3, 1), known[:, 2 * hidden.shape[1] :]
    d_r, d_z, d_n = d_given.chunk(3, 1)
    d_n.copy_(d_new * (1 - z) * (1 - n * n))
    d_z.copy_(d_new * (hidden - n) * (z * (1 - z)))
    d_r.copy_(d_n * n_h * (r * (1 - r)))
    d_known.copy_(d_given)
    d_known[:, 2 * hidden.shape[1] :].mul_(r)
    return d_new * z


class _Step(Function):
    @staticmethod
    def forward(ctx: Any, given: Tensor, known: Tensor, hidden: Tensor) -> Tensor:
        acts, new = given.clone(), torch.empty_like(hidden)
        _forward(acts, known, hidden, new)
        ctx.save_for_backward(acts, known, hidden)
        return new

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_new: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        acts, known, hidden = ctx.saved_tensors
        d_given, d_known = torch.empty_like(acts), torch.empty_like(acts)
        return d_given, d_known, _backward(acts, known, hidden, d_new, d_given, d_known)


class _Sequence(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, w_x: Tensor, w_h: Tensor, b_x: Tensor, b_h: Tensor, hidden: Tensor) -> Tensor:
        steps, rows, size = *x.shape[:2], w_h.shape[1]
        acts = torch.addmm(b_x, x.flatten(0, 1), w_x.t()).view(steps, rows, 3 * size)
        known, hiddens = torch.empty_like(acts), x.new_empty(steps + 1, rows, size)
        hiddens[0] = hidden
        for t in range(steps):
            torch.addmm(b_h, hiddens[t], w_h.t(), out=known[t])
            _forward(acts[t], known[t], hiddens[t], hiddens[t + 1])
        ctx.save_for_backward(x, w_x, w_h, acts, known, hiddens)
        return hiddens[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_hiddens: Tensor) -> tuple[Tensor | None, ...]:
        x, w_x, w_h, acts, known, hiddens = ctx.saved_tensors
        d_given, d_known, d_hidden = torch.empty_like(acts), torch.empty_like(acts), torch.zeros_like(hiddens[0])
        for t in reversed(range(len(x))):
            d_new = d_hidden + d_hiddens[t]
            d_hidden = _backward(acts[t], known[t], hiddens[t], d_new, d_given[t], d_known[t])
            d_hidden = torch.addmm(d_hidden, d_known[t], w_h)
        given, before = d_given.flatten(0, 1), d_known.flatten(0, 1)
        d_x = (given @ w_x).view_as(x) if ctx.needs_input_grad[0] else None
        d_w_x, d_w_h = given.t() @ x.flatten(0, 1), before.t() @ hiddens[:-1].flatten(0, 1)
        return d_x, d_w_x, d_w_h, given.sum(0), before.sum(0), d_hidden
