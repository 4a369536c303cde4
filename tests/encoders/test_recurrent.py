"""The recurrent encoder against a recurrent network written by hand."""

import numpy as np
import pytest
import torch
from torch import nn

import by_hand
import tiny
from by_hand import Array
from regard.cells import Cell
from regard.embedding import Embedding
from regard.encoders.recurrent import Recurrent, reverse


def weights(layer: nn.Module) -> list[Array]:
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return [layer.get_parameter(name).detach().numpy() for name in names]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_it_is_a_recurrent_network_in_each_direction(cell: Cell, layers: int, bidirectional: bool) -> None:
    embedding = Embedding(tiny.VOCABULARY, 5, 0.0)
    encoder = Recurrent(embedding, cell=cell, size=3, layers=layers, bidirectional=bidirectional).double().eval()
    memory = encoder(tiny.sources())
    for row, source in enumerate(tiny.SOURCES):
        states = embedding.table.weight.detach().numpy()[source] * np.sqrt(5)
        for layer in range(layers):
            forward = by_hand.run(cell, weights(encoder.forwards[layer]), states, 3)
            if bidirectional:
                backward = by_hand.run(cell, weights(encoder.backwards[layer]), states[::-1], 3)[::-1]
                last = np.concatenate([forward[-1], backward[0]])
                states = np.concatenate([forward, backward], 1)
            else:
                last, states = forward[-1], forward
        np.testing.assert_allclose(memory.states[row, : len(source)].detach().numpy(), states, atol=1e-12)
        np.testing.assert_allclose(memory.summary[row].detach().numpy(), last, atol=1e-12)


def test_deep_layers_are_normalised_and_add_their_input() -> None:
    """Two normalised layers: the second's states are its own plus what it read."""
    embedding = Embedding(tiny.VOCABULARY, 5, 0.0)
    deep = Recurrent(embedding, size=3, layers=2, residual=True, norm=True).double().eval()
    plain = Recurrent(embedding, size=3, layers=2, norm=True).double().eval()
    first = Recurrent(embedding, size=3, layers=1, norm=True).double().eval()
    plain.load_state_dict(deep.state_dict())
    first.load_state_dict({k: v for k, v in deep.state_dict().items() if ".1." not in k})
    states = [part(tiny.sources()).states for part in (deep, plain, first)]
    torch.testing.assert_close(states[0], states[1] + states[2])
    x = embedding(tiny.sources()[:1])[0].detach().numpy()
    normed = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    forward = by_hand.run("lstm", weights(first.forwards[0]), normed, 3)
    np.testing.assert_allclose(states[2][0, :, :3].detach().numpy(), forward, atol=1e-12)


def test_reverse_turns_real_places_and_leaves_padding() -> None:
    states = torch.arange(1.0, 9.0).reshape(2, 4, 1)
    turned = reverse(states, torch.tensor([4, 2]))
    assert turned[..., 0].tolist() == [[4, 3, 2, 1], [6, 5, 7, 8]]
    assert torch.equal(reverse(turned, torch.tensor([4, 2])), states)
