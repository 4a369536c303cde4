"""Windows on pictures, against what is cut, averaged and summed directly."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from regard.kernels.gaussian import filters
from regard.windows import Glimpse, Join, box, covered, crop, retina

HEIGHT, WIDTH, CHANNELS = 23, 31, 3


def picture(batch: int = 2) -> Tensor:
    return torch.randint(1, 256, (batch, HEIGHT, WIDTH, CHANNELS), dtype=torch.uint8)


def at(x: float, y: float) -> Tensor:
    """The place of a point, in pixels, one row and one step."""
    return torch.tensor([[[2 * x / WIDTH - 1, 2 * y / HEIGHT - 1]]])


def cut(given: Tensor, left: int, top: int, side: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """From a picture with black all around it."""
    wide = np.pad(given.numpy(), ((side, side), (side, side), (0, 0)))
    return wide[top + side : top + 2 * side, left + side : left + 2 * side]


@pytest.mark.parametrize("side", [1, 4, 5, 8])
@pytest.mark.parametrize("centre", [(11.0, 7.0), (0.0, 0.0), (30.9, 22.9), (3.3, 21.6)])
def test_a_crop_is_what_is_cut_out_directly(centre: tuple[float, float], side: int) -> None:
    given = picture(1)
    x, y = centre
    left, top = round(x - side / 2 + 1e-4), round(y - side / 2 + 1e-4)
    found = crop(given, at(x + 1e-4, y + 1e-4), side)
    np.testing.assert_array_equal(found[0, 0].numpy(), cut(given[0], left, top, side))
    edges = box(given, at(x + 1e-4, y + 1e-4), side)[0, 0]
    expected = [left / WIDTH, top / HEIGHT, (left + side) / WIDTH, (top + side) / HEIGHT]
    np.testing.assert_allclose(edges.numpy(), expected, atol=1e-6)


def test_rows_and_steps_have_places_of_their_own() -> None:
    given, places = picture(), torch.rand(2, 3, 2) * 2 - 1
    together = crop(given, places, 6)
    for row in range(2):
        for step in range(3):
            alone = crop(given[row : row + 1], places[row : row + 1, step : step + 1], 6)
            assert torch.equal(alone[0, 0], together[row, step])


@pytest.mark.parametrize("channels", [1, 3])
def test_a_graph_takes_the_same_pixels_as_copying_does(channels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    given = torch.randint(0, 256, (4, 9, 11, channels), dtype=torch.uint8)
    places = torch.rand(4, 5, 2) * 4 - 2  # some of them are nowhere near the picture
    copied = [crop(given, places, side) for side in (1, 4, 12)]
    monkeypatch.setattr(torch.compiler, "is_exporting", lambda: True)
    for found, side in zip(copied, (1, 4, 12), strict=True):
        assert torch.equal(crop(given, places, side), found)


def test_a_retina_is_sharp_inside_and_means_around() -> None:
    given, patch, scales = picture(1), 4, 3
    found = retina(given, at(13, 12), patch, scales).view(scales, patch, patch, CHANNELS)
    for scale in range(scales):
        step = 2**scale
        window = cut(given[0], 13 - patch * step // 2, 12 - patch * step // 2, patch * step) / 255
        means = window.reshape(patch, step, patch, step, CHANNELS).mean((1, 3))
        np.testing.assert_allclose(found[scale].numpy(), means, atol=1e-6)


def test_nothing_outside_of_the_widest_window_is_seen() -> None:
    given = picture(1)
    other = 255 - given
    other[:, 4:20, 5:21] = given[:, 4:20, 5:21]  # 16 x 16 around (13, 12)
    assert not torch.equal(given, other)
    assert torch.equal(retina(given, at(13, 12), 4, 3), retina(other, at(13, 12), 4, 3))


def test_gaussian_filters_are_the_sums_of_the_paper() -> None:
    centre, step, spread, number, side = 9.3, 2.7, 1.9, 5, 29
    one, two, three = (torch.tensor([[value]]).double() for value in (centre, step, spread))
    given = filters(one, two, three, number, side)
    expected = np.zeros((number, side))
    for i in range(1, number + 1):
        mean = centre + (i - number / 2 - 0.5) * step
        for a in range(side):
            expected[i - 1, a] = math.exp(-((a - mean) ** 2) / (2 * spread**2))
        expected[i - 1] /= expected[i - 1].sum()
    np.testing.assert_allclose(given[0, 0].numpy(), expected, atol=1e-6)


def test_filters_far_outside_see_nothing_and_stay_finite() -> None:
    one, two, three = (torch.tensor([[value]]) for value in (-900.0, 1.0, 0.5))
    found = filters(one, two, three, 4, 20)
    assert found.isfinite().all() and not found.any()


def test_covered_is_the_share_of_a_box_in_each_region() -> None:
    weights = covered(torch.tensor([[[0.25, 0.0, 0.75, 0.5], [-1.0, 0.9, 0.1, 1.5]]]), 2)
    torch.testing.assert_close(weights, torch.tensor([[[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]]))


def test_covered_is_counted_pixel_by_pixel() -> None:
    inside = np.zeros((60, 60))
    inside[12:40, 5:33] = 1
    weights = covered(torch.tensor([[[5 / 60, 12 / 60, 33 / 60, 40 / 60]]]), 6)[0, 0].view(6, 6)
    expected = inside.reshape(6, 10, 6, 10).sum((1, 3)) / inside.sum()
    np.testing.assert_allclose(weights.numpy(), expected, atol=1e-6)


def test_what_and_where_are_added_or_multiplied() -> None:
    seen, place = torch.randn(2, 3, 7), torch.randn(2, 3, 2)
    joins: tuple[Join, ...] = ("sum", "product")
    for join in joins:
        glimpse = Glimpse((7,), 2, 5, 11, join)
        what, where = glimpse.what(seen), glimpse.where(place)
        expected = (what + where).relu() if join == "sum" else what.relu() * where.relu()
        torch.testing.assert_close(glimpse(seen, place), expected)
