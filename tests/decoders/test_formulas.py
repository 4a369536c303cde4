"""Each decoder against its paper's equations, written out a step at a time."""

from typing import Any

import numpy as np
import pytest
from torch import nn

import by_hand
import tiny
from by_hand import Array
from regard.tensors import pad
from regard.types import EOS

NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
TOKENS = [1, 9, 4, EOS]


def array(module: nn.Module, name: str) -> Array:
    found: Array = module.get_parameter(name).detach().numpy()
    return found


class ByHand:
    """The pieces that both decoders are made of, one row at a time."""

    def __init__(self, decoder: Any, cell: str) -> None:
        self.decoder, self.cell = decoder, cell
        self.layers = [[array(c, name) for name in NAMES] for c in decoder.cells.cells]

    def first(self, summary: Array) -> Array:
        project = self.decoder.bridge.project
        flat: Array = np.tanh(array(project, "weight") @ summary + array(project, "bias"))
        return flat.reshape(len(self.layers), -1)

    def embed(self, token: int) -> Array:
        table = self.decoder.embedding.table
        row: Array = array(table, "weight")[token] * np.sqrt(table.embedding_dim)
        return row

    def attend(self, hidden: Array, states: Array) -> tuple[Array, list[float]]:
        w = array(self.decoder.attention, "memory.weight")
        return by_hand.read(lambda query, state: float(query @ w @ state), hidden, states, len(states))

    def move(self, x: Array, state: Array) -> Array:
        """The new state of every layer."""
        moved = []
        for weights, old in zip(self.layers, state, strict=True):
            moved.append(by_hand.STEP[self.cell](weights, x, old))
            x = moved[-1][: tiny.DECODER]
        return np.array(moved)


def attend_then_step(hand: ByHand, states: Array, summary: Array) -> tuple[list[Array], list[list[float]]]:
    readout, state, features, looks = hand.decoder.readout, hand.first(summary), [], []
    for token in TOKENS:
        context, weights = hand.attend(state[-1][: tiny.DECODER], states)
        state = hand.move(np.concatenate([hand.embed(token), context]), state)
        together = np.concatenate([state[-1][: tiny.DECODER], context, hand.embed(token)])
        features.append(np.tanh(array(readout, "weight") @ together + array(readout, "bias")))
        looks.append(weights)
    return features, looks


def step_then_attend(hand: ByHand, states: Array, summary: Array) -> tuple[list[Array], list[list[float]]]:
    combine, state, looks = hand.decoder.combine, hand.first(summary), []
    features = [np.zeros(tiny.DECODER)]
    for token in TOKENS:
        state = hand.move(np.concatenate([hand.embed(token), features[-1]]), state)
        hidden = state[-1][: tiny.DECODER]
        context, weights = hand.attend(hidden, states)
        features.append(np.tanh(array(combine, "weight") @ np.concatenate([context, hidden]) + array(combine, "bias")))
        looks.append(weights)
    return features[1:], looks


@pytest.mark.parametrize("formula", [attend_then_step, step_then_attend])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 2])
def test_it_is_the_papers_equations(formula: Any, cell: str, layers: int) -> None:
    section = {"name": formula.__name__, "cell": cell, "layers": layers}
    model = tiny.model(2.0, decoder=section).double()
    memory = model.encoder(tiny.sources()[:1])
    features, _, read = model.decoder(pad([TOKENS]), model.decoder.start(memory))
    found = formula(ByHand(model.decoder, cell), memory.states[0].detach().numpy(), memory.summary[0].detach().numpy())
    np.testing.assert_allclose(features[0].detach().numpy(), np.array(found[0]), atol=1e-12)
    np.testing.assert_allclose(read.weights[0].detach().numpy(), np.array(found[1]), atol=1e-12)
