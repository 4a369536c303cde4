"""The blocks against their papers' equations, a place at a time."""

import numpy as np
import pytest
import torch

import blocks_by_hand as hand
from regard.blocks import FeedForward, GatedConvolution, SelfAttention, projection, sinusoids
from regard.errors import ConfigError

BATCH, PLACES, SIZE, HEADS = 2, 5, 6, 3


@pytest.mark.parametrize("size", [1, 6, 7])
def test_sinusoids_are_those_of_the_paper_at_any_place(size: int) -> None:
    places = torch.tensor([[0, 1, 2, 500], [7, 8, 9, 10_000]])
    found = sinusoids(places, torch.zeros(2, 4, size, dtype=torch.float64))
    for place, row in zip(places.flatten().tolist(), found.flatten(0, 1).numpy(), strict=True):
        np.testing.assert_allclose(row, hand.sinusoid(place, size), atol=1e-11)


@pytest.mark.parametrize(("kind", "error"), [(torch.float32, 1e-4), (torch.bfloat16, 4e-3), (torch.float16, 5e-4)])
def test_half_precision_tells_places_apart_as_well_as_it_can(kind: torch.dtype, error: float) -> None:
    found = sinusoids(torch.tensor([301]), torch.zeros(1, 1, 8, dtype=kind))
    assert found.dtype == kind
    np.testing.assert_allclose(found[0].float().numpy(), hand.sinusoid(301, 8), atol=error)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_gated_convolution_is_one_half_gated_by_the_other(width: int) -> None:
    layer, x = GatedConvolution(SIZE, width, 0.0).double(), torch.randn(BATCH, PLACES, SIZE).double()
    torch.nn.init.normal_(layer.convolution.bias)
    found = layer(x).detach().numpy()
    assert found.shape == (BATCH, PLACES - width + 1, SIZE)
    for b, t in np.ndindex(*found.shape[:2]):
        np.testing.assert_allclose(found[b, t], hand.gated_convolution(layer, list(x[b, t : t + width].numpy())))


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_gated_convolutions_begin_with_the_variance_of_the_paper(dropout: float) -> None:
    """Gehring et al., section 3.5: four times that of what is read, for a gate of about a half takes it down again."""
    layer, x = GatedConvolution(64, 3, dropout), torch.randn(8, 300, 64)  # in training: what is kept is made larger
    both = layer.convolution(layer.dropout(x).transpose(1, 2)).detach()
    assert float(both.square().mean()) == pytest.approx(4.0, rel=0.05)
    assert float(both.mean()) == pytest.approx(0.0, abs=0.1)


def test_self_attention_reads_what_the_mask_shows_with_every_head() -> None:
    layer = SelfAttention(SIZE, HEADS, 0.5).double().eval()
    x, mask = torch.randn(BATCH, PLACES, SIZE).double(), torch.rand(PLACES, PLACES) < 0.5
    mask |= torch.eye(PLACES, dtype=torch.bool)
    found = layer(x, layer.memory(x), mask).detach().numpy()
    for b, t in np.ndindex(BATCH, PLACES):
        seen = [x[b, s].numpy() for s in range(PLACES) if mask[t, s]]
        np.testing.assert_allclose(found[b, t], hand.self_attention(layer, x[b, t].numpy(), seen, HEADS), atol=1e-12)


def test_self_attention_drops_weights_in_training_only() -> None:
    layer, x = SelfAttention(SIZE, HEADS, 0.5), torch.randn(BATCH, PLACES, SIZE)
    everything = torch.ones(PLACES, PLACES, dtype=torch.bool)
    looks = [layer.train(mode)(x, layer.memory(x), everything) for mode in (True, True, False, False)]
    assert not torch.equal(looks[0], looks[1])
    assert torch.equal(looks[2], looks[3])


def test_self_attention_refuses_heads_that_do_not_divide_the_size() -> None:
    with pytest.raises(ConfigError, match="size is 7 with 3 heads; it must be a multiple of them"):
        SelfAttention(7, 3, 0.0)


def test_feed_forward_is_two_layers_for_each_place_alone() -> None:
    layer, x = FeedForward(SIZE, 11, 0.0).double(), torch.randn(BATCH, PLACES, SIZE).double()
    found = layer(x).detach().numpy()
    for b, t in np.ndindex(BATCH, PLACES):
        np.testing.assert_allclose(found[b, t], hand.feed_forward(layer, x[b, t].numpy()), atol=1e-12)


def test_vectors_of_the_right_size_are_left_as_they_are() -> None:
    x = torch.randn(2, 3, 5)
    assert torch.equal(projection(5, 5)(x), x)
    assert projection(5, 7)(x).shape == (2, 3, 7)
