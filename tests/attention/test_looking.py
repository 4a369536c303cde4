"""Attention to parts of a picture: what it hands over, what it touches, and that luck has the right gradient."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from regard.attention import Attention, Looking
from regard.attention.gaussian import Gaussian
from regard.attention.retina import Retina
from regard.build import build, find, names
from regard.errors import ConfigError
from regard.objectives import rewarded
from regard.tensors import Memory, Read, Sample

BATCH, STEPS, GRID, QUERY, MEMORY, SIDE = 2, 3, 4, 7, 11, 20
LOOKING = [name for name in names("attention") if find("attention", name).looks_at == "pictures"]


def memory(channels: int = 1, side: int = SIDE) -> Memory:
    states = torch.randn(BATCH, GRID * GRID, MEMORY, dtype=torch.float64)
    pixels = torch.randint(0, 256, (BATCH, side, side, channels), dtype=torch.uint8)
    return Memory(states, torch.ones(BATCH, GRID * GRID, dtype=torch.bool), states.mean(1), picture=pixels)


def made(name: str, **options: Any) -> Looking:
    part = build(
        "attention", {"name": name, "patch": 4, **options}, QUERY, MEMORY, build("normalisers", {"name": "softmax"})
    )
    assert isinstance(part, Looking)
    return part.double()


def a_retina(**options: Any) -> Retina:
    part = made("retina", **options)
    assert isinstance(part, Retina)
    return part


def a_window(**options: Any) -> Gaussian:
    part = made("gaussian", **options)
    assert isinstance(part, Gaussian)
    return part


def queries() -> Tensor:
    return torch.randn(BATCH, STEPS, QUERY, dtype=torch.float64)


def read(attention: Attention, query: Tensor, given: Memory) -> Read:
    return attention(query, attention.start(given))[0]  # type: ignore[no-any-return]


@pytest.fixture(params=LOOKING)
def part(request: pytest.FixtureRequest) -> Looking:
    return made(request.param).eval()


def test_there_are_two() -> None:
    assert {"gaussian", "retina"} <= set(LOOKING)


@pytest.mark.parametrize("training", [True, False])
def test_weights_say_where_the_box_lies(part: Looking, training: bool) -> None:
    found = read(part.train(training), queries(), memory())
    assert found.context.shape == (BATCH, STEPS, MEMORY)
    assert found.weights.shape == (BATCH, STEPS, GRID * GRID)
    torch.testing.assert_close(found.weights.sum(-1), torch.ones(BATCH, STEPS).double())
    assert found.boxes is not None and found.boxes.shape == (BATCH, STEPS, 4)
    assert (found.boxes[..., 2:] > found.boxes[..., :2]).all()


def test_many_queries_are_single_ones_and_rows_are_their_own(part: Looking) -> None:
    query, given = queries(), memory()
    whole = read(part, query, given)
    for t in range(STEPS):
        one = read(part, query[:, t : t + 1], given)
        torch.testing.assert_close(one.context, whole.context[:, t : t + 1])
    rows = torch.tensor([1, 0, 1])
    picked = read(part, query[rows], given.select(rows))
    torch.testing.assert_close(picked.context, whole.context[rows])


def test_gradients_reach_every_weight(part: Looking) -> None:
    found = read(part.train(), queries(), memory())
    loss = found.context.square().sum()
    if found.sample:
        loss = loss + found.sample.log_prob.square().sum() + found.sample.baseline.square().sum()
    torch.autograd.backward(loss)
    assert [name for name, p in part.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_without_a_picture_or_with_other_colours_it_says_what_is_wanted(part: Looking) -> None:
    plain = memory()
    with pytest.raises(ConfigError, match=r"looks at the picture itself; it wants \[encoder\] pixels"):
        part.start(Memory(plain.states, plain.mask, plain.summary))
    with pytest.raises(ConfigError, match="channels is 1; the pictures have 3"):
        part.start(memory(channels=3))
    assert read(made(part.name, channels=3), queries(), memory(channels=3)).context.isfinite().all()


def test_a_retina_takes_the_mean_in_use_and_draws_around_it_in_training() -> None:
    retina, query, given = a_retina(deviation=0.3), queries()[:, :1], memory(side=2000)
    mean = (retina.eval().pace * retina.place(query)).tanh()
    boxes = read(retina, query, given).boxes
    assert boxes is not None
    centre = (boxes[..., :2] + boxes[..., 2:]) - 1
    np.testing.assert_allclose(centre.detach().numpy(), mean.detach().numpy(), atol=2 / 2000)
    drawn = read(retina.train(), query.expand(-1, 4000, -1), given)
    assert drawn.boxes is not None and drawn.sample is not None
    inside = (mean.abs() < 0.4).all()  # else some draws are held back at the edge
    places = (drawn.boxes[..., :2] + drawn.boxes[..., 2:]) - 1
    if inside:
        np.testing.assert_allclose(places.std(1).numpy(), 0.3, rtol=0.1)
    expected = -((places - mean) / 0.3).square().sum(-1) / 2 - 2 * math.log(0.3 * math.sqrt(2 * math.pi))
    held = (places.abs() > 0.99).any(-1)
    close = (drawn.sample.log_prob - expected).abs() < 0.05 + 0.02 * expected.abs()
    assert (close | held).all()


def test_in_use_a_retina_touches_no_pixel_outside_its_windows() -> None:
    retina, query, given = a_retina(scales=2).eval(), queries()[:, :1], memory(side=40)
    found = read(retina, query, given)
    assert given.picture is not None and found.boxes is not None
    other = given.picture.clone()
    for row, edges in enumerate((found.boxes[:, 0] * 40).round().long().tolist()):
        left, top, right, bottom = (max(0, edge + way) for edge, way in zip(edges, (-2, -2, 2, 2), strict=True))
        kept = given.picture[row, top:bottom, left:right].clone()
        other[row] = 255 - other[row]
        other[row, top:bottom, left:right] = kept
    blind = Memory(given.states, given.mask, given.summary, picture=other)
    assert torch.equal(read(retina, query, blind).context, found.context)


def test_what_a_look_costs_does_not_grow_with_the_picture() -> None:
    counts = []
    for side in (20, 400):
        with FlopCounterMode(display=False) as counter:
            read(a_retina(scales=2).eval(), queries(), memory(side=side))
        counts.append(counter.get_total_flops())
    assert counts[0] == counts[1] > 0


def test_a_gaussian_window_is_the_direct_sum_of_the_paper() -> None:
    window, query, given = a_window(), queries()[:1, :1], memory().select(torch.tensor([0]))
    gx, gy, spread, step, gain = window.ask(query)[0, 0].tolist()
    x, y = (math.tanh(gx) + 1) / 2 * (SIDE - 1), (math.tanh(gy) + 1) / 2 * (SIDE - 1)
    apart = 0.7 * (SIDE - 1) / 3 * math.exp(step)
    wide = apart / 2 * math.exp(spread / 2)
    assert given.picture is not None
    lit, seen = given.picture[0, :, :, 0].double().numpy() / 255, np.zeros((4, 4))
    for i, j in itertools.product(range(4), range(4)):
        weight = np.zeros((SIDE, SIDE))
        for row, column in itertools.product(range(SIDE), range(SIDE)):
            down, across = row - (y + (i - 1.5) * apart), column - (x + (j - 1.5) * apart)
            weight[row, column] = math.exp(-(down**2 + across**2) / (2 * wide**2))
        seen[i, j] = math.exp(gain) * (weight / weight.sum() * lit).sum()
    taken: list[Tensor] = []
    window.glimpse.register_forward_pre_hook(lambda _, inputs: taken.append(inputs[0]))
    read(window, query, given)
    np.testing.assert_allclose(taken[0][0, 0].detach().numpy().reshape(4, 4), seen, atol=1e-6)


def test_a_gaussian_window_learns_where_to_look_by_its_gradient() -> None:
    torch.manual_seed(1)
    bright = torch.zeros(1, SIDE, SIDE, 1, dtype=torch.uint8)
    bright[:, 12:16, 3:7] = 255
    state = memory().select(torch.tensor([0]))
    given = Memory(state.states, state.mask, state.summary, picture=bright)
    window, query = a_window(window=1.0), queries()[:1, :1]
    taken: list[Tensor] = []
    window.glimpse.register_forward_pre_hook(lambda _, inputs: taken.append(inputs[0]))
    optimizer = torch.optim.Adam(window.parameters(), lr=0.01)
    for _ in range(120):
        optimizer.zero_grad()
        taken.clear()
        read(window, query, given)
        (window.ask(query)[0, 0, 4] - taken[0].mean().log()).backward()
        optimizer.step()
    boxes = read(window, query, given).boxes
    assert boxes is not None
    centre = (boxes[0, 0, :2] + boxes[0, 0, 2:]) / 2
    np.testing.assert_allclose(centre.numpy(), [5 / SIDE, 14 / SIDE], atol=0.06)


PRIZES = torch.tensor([[0.2, 1.0, -0.5], [0.7, 0.1, 0.4]], dtype=torch.float64)


@pytest.mark.parametrize("baseline", [0.0, 0.6])
def test_the_estimate_of_reinforce_is_the_exact_gradient_on_average(baseline: float) -> None:
    """Two draws after each other among three places each: all nine outcomes, weighed by their probability."""
    logits = torch.tensor([[0.3, -0.2, 0.5], [0.1, 0.4, -0.6]], dtype=torch.float64, requires_grad=True)
    logs = logits.log_softmax(-1)
    expected = sum(
        (logs[0, a] + logs[1, b]).exp() * (PRIZES[0, a] * PRIZES[1, b])
        for a, b in itertools.product(range(3), range(3))
    )
    assert isinstance(expected, Tensor)
    (exact,) = torch.autograd.grad(-expected, logits, retain_graph=True)
    total = torch.zeros_like(exact)
    for a, b in itertools.product(range(3), range(3)):
        drawn = Sample(torch.stack([logs[0, a], logs[1, b]])[None, None], torch.full((1, 1, 2), baseline).double())
        loss = rewarded(drawn, (PRIZES[0, a] * PRIZES[1, b]).view(1, 1), torch.ones(1, 1, 2, dtype=torch.bool))
        (one,) = torch.autograd.grad(loss, logits, retain_graph=True)
        total += (logs[0, a] + logs[1, b]).exp().detach() * one
    torch.testing.assert_close(total, exact)


def test_the_estimate_for_a_place_is_the_gradient_by_quadrature() -> None:
    """The expected reward of a Gaussian place, integrated directly, against many draws of a retina."""
    torch.manual_seed(7)
    retina, query = a_retina(deviation=0.2), torch.randn(1, 1, QUERY, dtype=torch.float64)
    given = memory(side=400).select(torch.tensor([0]))
    with torch.no_grad():
        retina.place.weight.mul_(0.3)

    def prize(place: Tensor) -> Tensor:
        return torch.exp(-((place - torch.tensor([0.3, -0.2])) ** 2).sum(-1) / 0.18)

    ticks = torch.linspace(-1.6, 1.6, 161, dtype=torch.float64)
    grid = torch.stack(torch.meshgrid(ticks, ticks, indexing="xy"), -1)
    mean = (retina.pace * retina.place(query)).tanh()[0, 0]
    density = torch.exp(-((grid - mean) / 0.2).square().sum(-1) / 2) / (2 * math.pi * 0.04)
    expected = (density * prize(grid)).sum() * float(ticks[1] - ticks[0]) ** 2
    exact = torch.autograd.grad(-expected, retina.place.bias)[0]
    drawn = read(retina.train(), query.expand(1, 60_000, -1), given)
    assert drawn.boxes is not None and drawn.sample is not None
    places = (drawn.boxes[..., :2] + drawn.boxes[..., 2:]) - 1
    rewards = prize(places.double())
    loss = rewarded(
        Sample(drawn.sample.log_prob, torch.full_like(rewards, expected.item())),
        rewards,
        torch.ones_like(rewards).bool(),
    )
    estimate = torch.autograd.grad(loss / 60_000, retina.place.bias)[0]
    np.testing.assert_allclose(estimate.numpy(), exact.numpy(), atol=0.05 * float(exact.abs().max()))


def test_every_part_has_a_class_that_is_known() -> None:
    assert find("attention", "retina") is Retina and find("attention", "gaussian") is Gaussian
