"""One recurrent layer, many steps or one: (inputs, state) -> (outputs, new state), for each kind of cell.

The state is one tensor (B, D): the hidden state, and for an LSTM the memory of
its cell behind it. PyTorch's own layers run many steps fastest, but on a CPU in
half precision, where our sequences do; a single step takes the cell.
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from regard import kernels
from regard.kernels import gru, lstm

Cell = Literal["lstm", "gru"]


class LSTM(nn.LSTM):
    """An LSTM that starts by remembering: forget bias 1 (Jozefowicz et al., 2015)."""

    def __init__(self, input_size: int, size: int) -> None:
        super().__init__(input_size, size, batch_first=True)
        self.state_size = 2 * size
        for bias in _weights(self)[2:]:
            nn.init.zeros_(bias)
        nn.init.ones_(bias.detach()[size : 2 * size])  # the order of gates is i, f, g, o

    def run(self, x: Float[Tensor, "B T I"], state: Float[Tensor, "B D"]) -> tuple[Tensor, Tensor]:
        """T steps."""
        hidden, memory = state.chunk(2, 1)
        if x.shape[1] == 1:
            hidden, memory = torch.lstm_cell(x[:, 0], (hidden, memory), *_weights(self))
            return hidden[:, None], torch.cat([hidden, memory], 1)
        if _in_half_precision(x):
            w_x, w_h, b_x, b_h = _weights(self)
            low = kernels.lowered
            weights = low(w_x), low(w_h), low(b_x + b_h)
            outputs, memory = lstm.sequence(low(x.transpose(0, 1)), *weights, low(hidden), memory.float())
            return outputs.transpose(0, 1), torch.cat([outputs[-1], memory], 1)
        outputs, (hidden, memory) = self(x, (hidden[None].contiguous(), memory[None].contiguous()))
        return outputs, torch.cat([hidden[0], memory[0]], 1)


class GRU(nn.GRU):
    """A GRU."""

    def __init__(self, input_size: int, size: int) -> None:
        super().__init__(input_size, size, batch_first=True)
        self.state_size = size

    def run(self, x: Float[Tensor, "B T I"], state: Float[Tensor, "B D"]) -> tuple[Tensor, Tensor]:
        """T steps."""
        if x.shape[1] == 1:
            state = torch.gru_cell(x[:, 0], state, *_weights(self))
            return state[:, None], state
        if _in_half_precision(x):
            outputs = gru.sequence(*map(kernels.lowered, (x.transpose(0, 1), *_weights(self), state)))
            return outputs.transpose(0, 1), outputs[-1]
        outputs, last = self(x, state[None].contiguous())
        return outputs, last[0]


def recurrent_layer(cell: Cell, input_size: int, size: int) -> LSTM | GRU:
    """One unidirectional layer over (B, T, input size)."""
    return LSTM(input_size, size) if cell == "lstm" else GRU(input_size, size)


def _weights(layer: nn.Module) -> list[Tensor]:
    return [layer.get_parameter(f"{name}_l0") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]


def _in_half_precision(x: Tensor) -> bool:
    return kernels.fused() and x.device.type == "cpu" and kernels.lowered(x[:0]).dtype == torch.bfloat16
