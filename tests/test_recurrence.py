"""Stacks of recurrent cells against cells written by hand."""

import numpy as np
import pytest
import torch

import by_hand
from regard.recurrence import Bridge, Cell, Cells, sequence_layer

NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_one_step_moves_every_layer(cell: Cell, layers: int) -> None:
    cells = Cells(cell, 7, 5, layers, 0.5).double().eval()
    x, state = torch.randn(2, 7).double(), torch.randn(2, layers, cells.state_size).double()
    output, new = cells(x, state)
    for b in range(2):
        below = x[b].numpy()
        for layer in range(layers):
            weights = [cells.cells[layer].get_parameter(name).detach().numpy() for name in NAMES]
            moved = by_hand.STEP[cell](weights, below, state[b, layer].numpy())
            np.testing.assert_allclose(new[b, layer].detach().numpy(), moved, atol=1e-12)
            below = moved[:5]
        np.testing.assert_allclose(output[b].detach().numpy(), below, atol=1e-12)
    torch.testing.assert_close(cells.hidden(new), output)


@pytest.mark.parametrize("make", [lambda: sequence_layer("lstm", 7, 5), lambda: Cells("lstm", 7, 5, 1, 0.0).cells[0]])
def test_an_lstm_starts_by_remembering(make) -> None:  # type: ignore[no-untyped-def]
    layer = make()
    biases = sum(p.detach() for name, p in layer.named_parameters() if name.startswith("bias"))
    assert biases.tolist() == [0.0] * 5 + [1.0] * 5 + [0.0] * 10  # i, f, g, o


def test_the_bridge_gives_each_layer_a_bounded_first_state() -> None:
    cells = Cells("lstm", 7, 5, 3, 0.0)
    bridge, summary = Bridge(11, cells), torch.randn(2, 11)
    expected = np.tanh(
        summary.numpy() @ bridge.project.weight.detach().numpy().T + bridge.project.bias.detach().numpy()
    )
    first = bridge(summary)
    assert first.shape == (2, 3, 10)
    np.testing.assert_allclose(first.detach().numpy().reshape(2, 30), expected, atol=1e-6)


def test_dropout_stands_between_layers_only() -> None:
    one, two = Cells("gru", 7, 5, 1, 0.9), Cells("gru", 7, 5, 2, 0.9)
    x = torch.randn(2, 7)
    assert torch.equal(one(x, torch.zeros(2, 1, 5))[0], one(x, torch.zeros(2, 1, 5))[0])
    assert not torch.equal(two(x, torch.zeros(2, 2, 5))[0], two(x, torch.zeros(2, 2, 5))[0])
