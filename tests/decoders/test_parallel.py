"""The decoders that read all tokens at once, against their papers' equations, a token at a time."""

from typing import Any

import numpy as np
import pytest
from torch import nn

import blocks_by_hand as hand
import by_hand
import tiny
from blocks_by_hand import HALF
from by_hand import Array
from regard.tensors import pad
from regard.types import EOS

Rows = list[Array]
TOKENS = [1, 9, 4, 6, EOS]


def attend(attention: nn.Module, query: Array, states: Array, values: Array) -> tuple[Array, Array]:
    """`general` over states, of values: context and weights."""
    w = hand.array(attention, "memory.weight")
    weights = np.array(by_hand.softmax([float(query @ w @ state) for state in states]))
    return weights @ values, weights


def convolutional(part: Any, states: Array, values: Array) -> tuple[Rows, Array]:
    """Gehring et al., equations 1 and 2, each convolution over a token and those before it."""
    first = hand.embedded(part, TOKENS, part.feature_size)
    x, looks = first, []
    for layer in part.layers:
        known = [np.zeros(part.feature_size)] * (part.width - 1) + x
        new, seen = [], []
        for t, before in enumerate(x):
            h = hand.gated_convolution(layer.convolution, known[t : t + part.width])
            query = (hand.linear(layer.query, h) + first[t]) * HALF
            context, weights = attend(layer.attention, query, states, values)
            h = (h + hand.linear(layer.context, context)) * HALF
            new.append((h + before) * HALF)
            seen.append(weights)
        x = new
        looks.append(seen)
    return x, np.mean(looks, 0)


def transformer(part: Any, states: Array, values: Array) -> tuple[Rows, Array]:
    """Vaswani et al., section 3.1, with the norm before each part (Xiong et al., figure 1b)."""
    x, looks = hand.embedded(part, TOKENS, part.feature_size), []
    for layer in part.layers:
        new, seen = [], []
        read = [hand.layer_norm(layer.norms[0], row) for row in x]
        for t, row in enumerate(x):
            row = row + hand.self_attention(layer.tokens, read[t], read[: t + 1], tiny.DECODERS["heads"])
            context, weights = attend(layer.attention, hand.layer_norm(layer.norms[1], row), states, values)
            row = row + hand.linear(layer.context, context)
            new.append(row + hand.feed_forward(layer.feed, hand.layer_norm(layer.norms[2], row)))
            seen.append(weights)
        x = new
        looks.append(seen)
    return [hand.layer_norm(part.norm, row) for row in x], np.mean(looks, 0)


@pytest.mark.parametrize("embedding", [5, tiny.DECODER])
@pytest.mark.parametrize("encoder", ["recurrent", "convolutional"])  # states that are read themselves, and values
@pytest.mark.parametrize("formula", [convolutional, transformer])
def test_it_is_the_papers_equations(formula: Any, encoder: str, embedding: int) -> None:
    decoder = {"name": formula.__name__, **tiny.taken("decoders", formula.__name__, {**tiny.DECODERS, "width": 3})}
    source = {"name": encoder, **tiny.taken("encoders", encoder, tiny.ENCODERS)}
    model = tiny.model(
        2.0, encoder=source, decoder={**decoder, "layers": 2}, embedding={"size": embedding, "shared": False}
    ).double()
    memory = model.encoder(tiny.sources()[:1])
    features, _, read = model.decoder(pad([TOKENS]), model.decoder.start(memory))
    states, values = (x[0].detach().numpy() for x in (memory.states, memory.read_from))
    found, looks = formula(model.decoder, states, values)
    np.testing.assert_allclose(features[0].detach().numpy(), np.array(found), atol=1e-12)
    np.testing.assert_allclose(read.weights[0].detach().numpy(), looks, atol=1e-12)
