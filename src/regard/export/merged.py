"""An LSTM's step with fewer, larger products: what one token alone costs most is calls."""

import copy

import torch
from jaxtyping import Float
from torch import Tensor, nn

from regard.cells import LSTM
from regard.model import EncoderDecoder


def merged(model: EncoderDecoder) -> EncoderDecoder:
    """A copy whose decoder's LSTMs make one product a step."""
    copied = copy.deepcopy(model)
    for part in list(copied.decoder.modules()):
        for name, child in list(part.named_children()):
            if isinstance(child, LSTM):
                setattr(part, name, Merged(child))
    return copied


class Merged(nn.Module):
    """A step of an LSTM as one product: [x; h] with both matrices side by side, the gate that is no sigmoid last."""

    def __init__(self, layer: LSTM) -> None:
        super().__init__()
        w_x, w_h, b_x, b_h = (p.detach() for p in layer.parameters())
        size = layer.hidden_size
        order = torch.cat([torch.arange(2 * size), torch.arange(3 * size, 4 * size), torch.arange(2 * size, 3 * size)])
        self.size = size
        self.product = nn.Linear(w_x.shape[1] + size, 4 * size)
        self.product.weight = nn.Parameter(torch.cat([w_x, w_h], 1)[order])
        self.product.bias = nn.Parameter((b_x + b_h)[order])

    def run(self, x: Float[Tensor, "B 1 I"], state: Float[Tensor, "B D"]) -> tuple[Tensor, Tensor]:
        """One step."""
        hidden, memory = state.chunk(2, 1)
        gates = self.product(torch.cat([x[:, 0], hidden], 1))
        let_in, keep, show = gates[:, : 3 * self.size].sigmoid().chunk(3, 1)
        memory = keep * memory + let_in * gates[:, 3 * self.size :].tanh()
        hidden = show * memory.tanh()
        return hidden[:, None], torch.cat([hidden, memory], 1)
