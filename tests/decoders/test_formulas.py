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

NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
TOKENS = [1, 9, 4, EOS]


def array(module: nn.Module, name: str) -> Array:
    found: Array = module.get_parameter(name).detach().numpy()
    return found


class ByHand:
    """The pieces that recurrent decoders are made of, one row at a time."""

    def __init__(self, decoder: Any, cell: str, summary: Array) -> None:
        self.decoder, self.cell, self.summary = decoder, cell, summary

    def first(self, bridge: nn.Module, stack: Any) -> Array:
        flat: Array = np.tanh(self.linear(bridge.project, self.summary))  # type: ignore[arg-type]
        return flat.reshape(len(stack.layers), -1)

    def linear(self, layer: nn.Module, x: Array) -> Array:
        found: Array = array(layer, "weight") @ x + array(layer, "bias")
        return found

    def embed(self, token: int) -> Array:
        table = self.decoder.embedding.table
        row: Array = array(table, "weight")[token] * np.sqrt(table.embedding_dim)
        return row

    def attend(self, hidden: Array, states: Array) -> tuple[Array, list[float]]:
        w = array(self.decoder.attention, "memory.weight")
        return by_hand.read(lambda query, state: float(query @ w @ state), hidden, states, len(states))

    def move(self, stack: Any, x: Array, state: Array) -> Array:
        """The new state of every layer."""
        moved = []
        for layer, old in zip(stack.layers, state, strict=True):
            moved.append(by_hand.STEP[self.cell]([array(layer, name) for name in NAMES], x, old))
            x = moved[-1][: tiny.DECODER]
        return np.array(moved)


def top(state: Array) -> Array:
    """The hidden state of the top layer."""
    hidden: Array = state[-1][: tiny.DECODER]
    return hidden


def attend_then_step(hand: ByHand, states: Array, **_: Any) -> tuple[list[Array], list[list[float]]]:
    part, features, looks = hand.decoder, [], []
    state = hand.first(part.bridge, part.stack)
    for token in TOKENS:
        context, weights = hand.attend(top(state), states)
        state = hand.move(part.stack, np.concatenate([hand.embed(token), context]), state)
        features.append(np.tanh(hand.linear(part.readout, np.concatenate([top(state), context, hand.embed(token)]))))
        looks.append(weights)
    return features, looks


def step_then_attend(hand: ByHand, states: Array, *, input_feeding: bool = True) -> tuple[list[Array], list[Any]]:
    part, looks, features = hand.decoder, [], [np.zeros(tiny.DECODER)]
    state = hand.first(part.bridge, part.stack)
    for token in TOKENS:
        fed = [features[-1]] if input_feeding else []
        state = hand.move(part.stack, np.concatenate([hand.embed(token), *fed]), state)
        context, weights = hand.attend(top(state), states)
        features.append(np.tanh(hand.linear(part.combine, np.concatenate([top(state), context]))))
        looks.append(weights)
    return features[1:], looks


def between(hand: ByHand, states: Array, **_: Any) -> tuple[list[Array], list[list[float]]]:
    part, features, looks = hand.decoder, [], []
    stacks = part.below, part.above
    below, above = (hand.first(bridge, stack) for bridge, stack in zip(part.bridges, stacks, strict=True))
    for token in TOKENS:
        below = hand.move(part.below, hand.embed(token), below)
        context, weights = hand.attend(top(below), states)
        above = hand.move(part.above, np.concatenate([top(below), context]), above)
        features.append(np.tanh(hand.linear(part.readout, np.concatenate([top(above), context]))))
        looks.append(weights)
    return features, looks


CASES = [
    *((attend_then_step, {"layers": layers}) for layers in (1, 2)),
    *((step_then_attend, {"layers": layers}) for layers in (1, 2)),
    (step_then_attend, {"input_feeding": False}),
    *((between, {"layers": layers}) for layers in (2, 3)),
]


@pytest.mark.parametrize(("formula", "options"), CASES)
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_it_is_the_papers_equations(formula: Any, options: dict[str, Any], cell: str) -> None:
    model = tiny.model(2.0, decoder={"name": formula.__name__, "cell": cell, **options}).double()
    memory = model.encoder(tiny.sources()[:1])
    features, _, read = model.decoder(pad([TOKENS]), model.decoder.start(memory))
    hand = ByHand(model.decoder, cell, memory.summary[0].detach().numpy())
    found = formula(hand, memory.states[0].detach().numpy(), **{k: v for k, v in options.items() if k != "layers"})
    np.testing.assert_allclose(features[0].detach().numpy(), np.array(found[0]), atol=1e-12)
    np.testing.assert_allclose(read.weights[0].detach().numpy(), np.array(found[1]), atol=1e-12)
