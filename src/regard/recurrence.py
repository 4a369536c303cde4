"""LSTM and GRU: a layer over a whole sequence, and a stack of cells for one step."""

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

Cell = Literal["lstm", "gru"]


def sequence_layer(cell: Cell, input_size: int, size: int) -> nn.LSTM | nn.GRU:
    """One unidirectional layer over (B, S, input size)."""
    layer = (nn.LSTM if cell == "lstm" else nn.GRU)(input_size, size, batch_first=True)
    _remember(layer)
    return layer


class Cells(nn.Module):
    """A stack of recurrent cells that moves one step: (input, state) -> (output, state).

    The state of all layers is one tensor (B, layers, D): D is the hidden size,
    or twice that for an LSTM, whose cell follows its hidden state.
    """

    def __init__(self, cell: Cell, input_size: int, size: int, layers: int, dropout: float) -> None:
        super().__init__()
        kind = nn.LSTMCell if cell == "lstm" else nn.GRUCell
        widths = [input_size] + [size] * (layers - 1)
        self.cells = nn.ModuleList(kind(width, size) for width in widths)
        for module in self.cells:
            _remember(module)
        self.dropout = nn.Dropout(dropout)
        self.size, self.layers = size, layers
        self.state_size = 2 * size if cell == "lstm" else size

    def forward(self, x: Float[Tensor, "B I"], state: Float[Tensor, "B L D"]) -> tuple[Tensor, Tensor]:
        """One step of every layer; returns the top layer's hidden state and the new state."""
        states = []
        for i, cell in enumerate(self.cells):
            x = self.dropout(x) if i else x
            new = self._step(cell, x, state[:, i])
            states.append(new)
            x = new[:, : self.size]
        return x, torch.stack(states, 1)

    def hidden(self, state: Float[Tensor, "B L D"]) -> Float[Tensor, "B H"]:
        """The top layer's hidden state."""
        return state[:, -1, : self.size]

    def _step(self, cell: nn.Module, x: Tensor, state: Tensor) -> Tensor:
        if self.state_size == self.size:
            return cell(x, state)  # type: ignore[no-any-return]
        hidden, memory = state.chunk(2, 1)
        return torch.cat(cell(x, (hidden.contiguous(), memory.contiguous())), 1)


class Bridge(nn.Module):
    """The decoder's first state from the encoder's summary: tanh(W summary)."""

    def __init__(self, memory_size: int, cells: Cells) -> None:
        super().__init__()
        self.shape: Sequence[int] = (cells.layers, cells.state_size)
        self.project = nn.Linear(memory_size, cells.layers * cells.state_size)

    def forward(self, summary: Float[Tensor, "B M"]) -> Float[Tensor, "B L D"]:
        """One first state for each layer."""
        return self.project(summary).tanh().unflatten(1, self.shape)  # type: ignore[no-any-return]


def _remember(layer: nn.Module) -> None:
    """An LSTM starts by remembering: forget bias 1 (Jozefowicz et al., 2015). The order of gates is i, f, g, o."""
    if isinstance(layer, nn.LSTM | nn.LSTMCell):
        for name, bias in layer.named_parameters():
            if name.startswith("bias"):
                nn.init.zeros_(bias)
            if name.startswith("bias_ih"):
                nn.init.ones_(bias.detach()[layer.hidden_size : 2 * layer.hidden_size])
