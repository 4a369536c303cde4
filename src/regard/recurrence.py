"""What recurrent encoders and decoders are made of: layers, stacks that go one step or many, first states, gates."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from regard.cells import Cell, recurrent_layer
from regard.kernels.dropout import Dropout
from regard.tensors import Memory

First = Literal["last", "mean", "zero"]
Gate = Literal["none", "source", "target", "both"]


class Stack(nn.Module):
    """Stacked recurrent layers that go one step or many: (inputs, state) -> (outputs, new state).

    The state of all layers is one tensor (B, layers, D): D is the hidden size,
    or twice that for an LSTM, whose cell follows its hidden state. With
    `residual`, each further layer adds its input to its output (Wu et al.,
    2016); with `norm`, each layer's input is layer-normalised.
    """

    def __init__(
        self,
        cell: Cell,
        input_size: int,
        size: int,
        layers: int,
        dropout: float,
        *,
        residual: bool = False,
        norm: bool = False,
    ) -> None:
        super().__init__()
        widths = [input_size] + [size] * (layers - 1)
        self.layers = nn.ModuleList(recurrent_layer(cell, width, size) for width in widths)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for width in widths if norm)
        self.dropout = Dropout(dropout)
        self.size, self.residual = size, residual
        self.state_size = 2 * size if cell == "lstm" else size

    def forward(self, x: Float[Tensor, "B T I"], state: Float[Tensor, "B L D"]) -> tuple[Tensor, Tensor]:
        """T steps of every layer; returns the top layer's outputs and the new state."""
        states = []
        for i, layer in enumerate(self.layers):
            below = self.dropout(x) if i else x
            new, last = layer.run(self.norms[i](below) if self.norms else below, state[:, i])  # type: ignore[operator]
            states.append(last)
            x = x + new if self.residual and i else new
        return x, torch.stack(states, 1)

    def hidden(self, state: Float[Tensor, "B L D"]) -> Float[Tensor, "B H"]:
        """The top layer's hidden state."""
        return state[:, -1, : self.size]


class Bridge(nn.Module):
    """The decoder's first state from what the encoder hands over: tanh(W summary), tanh(W mean), or zero."""

    def __init__(self, memory_size: int, stack: Stack, first: First = "last") -> None:
        super().__init__()
        self.first, self.shape = first, (len(stack.layers), stack.state_size)
        layers, size = self.shape
        self.project = None if first == "zero" else nn.Linear(memory_size, layers * size)

    def forward(self, memory: Memory) -> Float[Tensor, "B L D"]:
        """One first state for each layer."""
        if self.project is None:
            return memory.summary.new_zeros(memory.summary.shape[0], *self.shape)
        known = memory.summary if self.first == "last" else memory.mean()
        return self.project(known).tanh().unflatten(1, self.shape)  # type: ignore[no-any-return]


class ContextGate(nn.Module):
    """Weighs what the source says against what the target says: sigmoid(W [target; context; ...]) times either.

    Tu et al. (2017), section 3; each side has a gate of its own size.
    """

    def __init__(self, gate: Gate, target_size: int, context_size: int, others: int = 0) -> None:
        super().__init__()
        given = target_size + context_size + others
        self.target = nn.Linear(given, target_size) if gate in ("target", "both") else None
        self.source = nn.Linear(given, context_size) if gate in ("source", "both") else None

    def forward(self, target: Float[Tensor, "B T X"], context: Float[Tensor, "B T M"], *others: Tensor) -> Tensor:
        """[target; context], each through its gate."""
        if self.target is None and self.source is None:
            return torch.cat([target, context], -1)
        given = torch.cat([target, context, *others], -1)
        weighed = target if self.target is None else self.target(given).sigmoid() * target
        read = context if self.source is None else self.source(given).sigmoid() * context
        return torch.cat([weighed, read], -1)
