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


def _slopes(acts: Tensor, known: Tensor, hidden: Tensor) -> Tensor:
    """All that does not wait for a gradient, of as many steps as there are, side by side.

    The slopes of the new hidden state in `known` (r, z, n), in the n of `given`, and in the hidden state before, the
    product apart.
    """
    (r, z, n), size = acts.chunk(3, -1), hidden.shape[-1]
    slopes = acts.new_empty(*hidden.shape[:-1], 5 * size)
    s_r, s_z, s_known, s_n, s_hidden = slopes.chunk(5, -1)
    torch.mul(n, n, out=s_n).neg_().add_(1)
    s_n.addcmul_(s_n, z, value=-1)
    torch.addcmul(z, z, z, value=-1, out=s_z).mul_(hidden - n)
    torch.addcmul(r, r, r, value=-1, out=s_r).mul_(s_n).mul_(known[..., 2 * size :])
    torch.mul(s_n, r, out=s_known)
    s_hidden.copy_(z)
    return slopes


def _descend(slopes: Tensor, d_new: Tensor) -> None:
    """Turn slopes into gradients, those at the new hidden state given."""
    slopes.view(len(d_new), 5, -1).mul_(d_new[:, None])


def _parted(gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Those at `given`, at `known`, and at the hidden state before."""
    r, z, _, n, hidden = gradients.chunk(5, -1)
    return torch.cat([r, z, n], -1), gradients[..., : 3 * hidden.shape[-1]], hidden


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
        gradients = _slopes(*ctx.saved_tensors)
        _descend(gradients, d_new)
        return _parted(gradients)


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
        gradients, d_hidden = _slopes(acts, known, hiddens[:-1]), torch.zeros_like(hiddens[0])
        below = 3 * w_h.shape[1]
        for part, d_above in zip(reversed(gradients.unbind()), reversed(d_hiddens.unbind()), strict=True):
            _descend(part, d_hidden + d_above)
            d_hidden = torch.addmm(part[:, below + w_h.shape[1] :], part[:, :below], w_h)
        given, before, _ = _parted(gradients.flatten(0, 1))
        d_x = (given @ w_x).view_as(x) if ctx.needs_input_grad[0] else None
        d_w_x, d_w_h = given.t() @ x.flatten(0, 1), before.t() @ hiddens[:-1].flatten(0, 1)
        return d_x, d_w_x, d_w_h, given.sum(0), before.sum(0), d_hidden
