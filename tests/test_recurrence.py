"""Recurrent stacks, first states and gates against what is written by hand."""

import numpy as np
import pytest
import torch

import by_hand
import tiny
from by_hand import Array
from regard.cells import Cell, recurrent_layer
from regard.recurrence import Bridge, ContextGate, First, Stack

NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def norm(x: Array) -> Array:
    """Layer normalisation with gain one and bias zero."""
    normed: Array = (x - x.mean()) / np.sqrt(x.var() + 1e-5)
    return normed


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("steps", [1, 4])
@pytest.mark.parametrize("deep", [False, True])
def test_a_step_moves_every_layer(cell: Cell, layers: int, steps: int, deep: bool) -> None:
    stack = Stack(cell, 7, 5, layers, 0.5, residual=deep, norm=deep).double().eval()
    x, state = torch.randn(2, steps, 7).double(), torch.randn(2, layers, stack.state_size).double()
    outputs, new = stack(x, state)
    for b in range(2):
        states = state[b].numpy().copy()
        for t in range(steps):
            below = x[b, t].numpy()
            for layer in range(layers):
                weights = [stack.layers[layer].get_parameter(name).detach().numpy() for name in NAMES]
                states[layer] = by_hand.STEP[cell](weights, norm(below) if deep else below, states[layer])
                below = states[layer][:5] + (below if deep and layer else 0)
            np.testing.assert_allclose(outputs[b, t].detach().numpy(), below, atol=1e-12)
        np.testing.assert_allclose(new[b].detach().numpy(), states, atol=1e-12)
    if not deep:
        torch.testing.assert_close(stack.hidden(new), outputs[:, -1])


def test_an_lstm_starts_by_remembering() -> None:
    layer = recurrent_layer("lstm", 7, 5)
    biases = sum(p.detach() for name, p in layer.named_parameters() if name.startswith("bias"))
    assert biases.tolist() == [0.0] * 5 + [1.0] * 5 + [0.0] * 10  # type: ignore[union-attr]  # i, f, g, o


@pytest.mark.parametrize("first", ["last", "mean"])
def test_the_bridge_gives_each_layer_a_bounded_first_state(first: First) -> None:
    memory = tiny.memory()
    bridge = Bridge(tiny.MEMORY, Stack("lstm", 7, 5, 3, 0.0), first).double()
    assert bridge.project is not None
    w, bias = (p.detach().numpy() for p in bridge.project.parameters())
    for b, row in enumerate(bridge(memory).detach().numpy()):
        real = memory.states[b][memory.mask[b]].numpy()
        known = memory.summary[b].numpy() if first == "last" else sum(real) / len(real)
        np.testing.assert_allclose(row.reshape(30), np.tanh(w @ known + bias), atol=1e-12)


def test_a_bridge_may_begin_with_nothing() -> None:
    bridge = Bridge(tiny.MEMORY, Stack("gru", 7, 5, 3, 0.0), "zero")
    assert not list(bridge.parameters())
    assert torch.equal(bridge(tiny.memory()), torch.zeros(tiny.BATCH, 3, 5).double())


def test_dropout_stands_between_layers_only() -> None:
    one, two = Stack("gru", 7, 5, 1, 0.9), Stack("gru", 7, 5, 2, 0.9)
    x = torch.randn(2, 3, 7)
    assert torch.equal(one(x, torch.zeros(2, 1, 5))[0], one(x, torch.zeros(2, 1, 5))[0])
    assert not torch.equal(two(x, torch.zeros(2, 2, 5))[0], two(x, torch.zeros(2, 2, 5))[0])


def test_context_gates_weigh_either_side() -> None:
    target, context, hidden = (torch.randn(2, 3, size).double() for size in (7, 11, 5))
    both = ContextGate("both", 7, 11, 5).double()
    assert both.target is not None
    assert both.source is not None
    given = torch.cat([target, context, hidden], -1).numpy()
    z_target, z_source = (
        by_hand.sigmoid(given @ gate.weight.detach().numpy().T + gate.bias.detach().numpy())
        for gate in (both.target, both.source)
    )
    expected = np.concatenate([z_target * target.numpy(), z_source * context.numpy()], -1)
    np.testing.assert_allclose(both(target, context, hidden).detach().numpy(), expected, atol=1e-12)
    one = ContextGate("source", 7, 11, 5).double()
    one.load_state_dict({k: v for k, v in both.state_dict().items() if k.startswith("source")})
    assert torch.equal(one(target, context, hidden)[..., :7], target)
    torch.testing.assert_close(one(target, context, hidden)[..., 7:], both(target, context, hidden)[..., 7:])
    assert torch.equal(ContextGate("none", 7, 11)(target, context), torch.cat([target, context], -1))
