"""The encoders that read all places at once, against their papers' equations, a place at a time."""

import numpy as np
import pytest

import blocks_by_hand as hand
import tiny
from blocks_by_hand import HALF
from by_hand import Array
from regard.embedding import Embedding
from regard.encoders import Encoder
from regard.encoders.convolutional import Convolutional
from regard.encoders.transformer import Transformer
from regard.tensors import Memory

Rows = list[Array]
SIZE, HEADS = 6, 3


def convolutional(encoder: Convolutional, first: Rows, width: int) -> tuple[Rows, Rows]:
    """Gehring et al., section 3.2, each window centred on its place (or one place late if it cannot be)."""
    x, nothing = first, np.zeros(SIZE)
    for layer in encoder.layers:
        around = [nothing] * ((width - 1) // 2) + x + [nothing] * (width // 2)
        hidden = [hand.gated_convolution(layer, around[s : s + width]) for s in range(len(x))]
        x = [(h + below) * HALF for h, below in zip(hidden, x, strict=True)]
    return x, [(z + e) * HALF for z, e in zip(x, first, strict=True)]


def transformer(encoder: Transformer, x: Rows) -> Rows:
    """Vaswani et al., section 3.1, with the norm before each part."""
    for layer in encoder.layers:
        parts = (layer.get_submodule(name) for name in ("attention", "feed", "norms.0", "norms.1"))
        attention, feed, before_attention, before_feed = parts
        read = [hand.layer_norm(before_attention, row) for row in x]
        x = [row + hand.self_attention(attention, query, read, HEADS) for row, query in zip(x, read, strict=True)]
        x = [row + hand.feed_forward(feed, hand.layer_norm(before_feed, row)) for row in x]
    return [hand.layer_norm(encoder.norm, row) for row in x]


def encoded(encoder: Encoder) -> Memory:
    """What a batch with padding becomes, with weights of which none is zero or one."""
    for parameter in encoder.parameters():
        parameter.data += 0.1 * parameter.new_ones(()).normal_()
    return encoder(tiny.sources())  # type: ignore[no-any-return]


def same(memory: Memory, row: int, states: Rows, values: Rows | None) -> None:
    length = len(tiny.SOURCES[row])
    np.testing.assert_allclose(memory.states[row, :length].detach().numpy(), np.array(states), atol=1e-12)
    np.testing.assert_allclose(memory.summary[row].detach().numpy(), np.mean(states, 0), atol=1e-12)
    assert (memory.values is None) == (values is None)
    if memory.values is not None:
        np.testing.assert_allclose(memory.values[row, :length].detach().numpy(), np.array(values), atol=1e-12)


@pytest.mark.parametrize("embedding", [5, SIZE])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_convolutional_is_the_papers_equations(width: int, embedding: int) -> None:
    encoder = Convolutional(Embedding(tiny.VOCABULARY, embedding, 0.0), size=SIZE, layers=2, width=width)
    memory = encoded(encoder.double().eval())
    for row, source in enumerate(tiny.SOURCES):
        first = hand.embedded(encoder, source, SIZE)
        same(memory, row, *convolutional(encoder, first, width))


@pytest.mark.parametrize("embedding", [5, SIZE])
def test_transformer_is_the_papers_equations(embedding: int) -> None:
    encoder = Transformer(Embedding(tiny.VOCABULARY, embedding, 0.0), size=SIZE, heads=HEADS, layers=2, feed=7)
    memory = encoded(encoder.double().eval())
    for row, source in enumerate(tiny.SOURCES):
        same(memory, row, transformer(encoder, hand.embedded(encoder, source, SIZE)), None)
