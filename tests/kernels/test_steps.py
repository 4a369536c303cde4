"""A block of steps: the loop that it speeds up gives what it gave, and so do its gradients."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from regard import kernels
from regard.kernels.additive import additive_scores
from regard.kernels.multiplicative import dot_scores, weighted_sum
from regard.kernels.steps import WIDE, Steps, steps

ROWS, PLACES, SIZE, STEPS = 3, 4, 5, 4


def random(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)


def lstm(x: Tensor, hidden: Tensor, weights: list[Tensor]) -> Tensor:
    state = hidden[:, :SIZE], hidden[:, SIZE:]
    return torch.cat(torch.lstm_cell(x, state, *weights), 1)


def gru(x: Tensor, hidden: Tensor, weights: list[Tensor]) -> Tensor:
    return torch.cat([torch.gru_cell(x, hidden[:, :SIZE], *weights), hidden[:, SIZE:]], 1)


def additive(query: Tensor, keys: Tensor, energy: Tensor) -> Tensor:
    return additive_scores(query, keys, energy)


def dot(query: Tensor, keys: Tensor, energy: Tensor) -> Tensor:
    return dot_scores(query * energy, keys)


def loop(cell: Callable[..., Tensor], score: Callable[..., Tensor], leaves: list[Tensor]) -> Tensor:
    """A decoder in small: attend, then step, with a projection on the way."""
    x, hidden, memory, keys, energy, project, bias, *weights = leaves
    outputs = []
    for t in range(STEPS):
        query = F.linear(hidden[:, None, :SIZE], project, bias)
        context = weighted_sum(score(query, keys, energy).softmax(-1), memory)[:, 0]
        hidden = cell(torch.cat([x[t], context], 1), hidden, weights)
        outputs.append(hidden)
    return torch.stack(outputs)


def leaves_for(gates: int) -> list[Tensor]:
    weights = [random(gates * SIZE, 2 * SIZE), random(gates * SIZE, SIZE), random(gates * SIZE), random(gates * SIZE)]
    memory, keys = random(ROWS, PLACES, SIZE), random(ROWS, PLACES, SIZE)
    first = [random(STEPS, ROWS, SIZE), random(ROWS, 2 * SIZE), memory, keys, random(SIZE)]
    return [*first, random(SIZE, SIZE), random(SIZE), *weights]


every = pytest.mark.parametrize(
    ("cell", "gates", "score"),
    [(lstm, 4, additive), (gru, 3, additive), (lstm, 4, dot), (gru, 3, dot)],
    ids=["lstm additive", "gru additive", "lstm dot", "gru dot"],
)


@every
def test_a_loop_in_the_block_is_the_loop(cell: Callable[..., Tensor], gates: int, score: Callable[..., Tensor]) -> None:
    leaves = leaves_for(gates)
    with kernels.using("reference"):
        expected = loop(cell, score, leaves)
    with steps(WIDE) as block:
        found = loop(cell, score, leaves)
    assert isinstance(block, Steps)
    torch.testing.assert_close(found, expected)
    theirs = torch.autograd.grad(expected.sin().sum(), leaves)
    for _ in range(2):  # a second backward pass gives the same
        for mine, other in zip(torch.autograd.grad(found.sin().sum(), leaves, retain_graph=True), theirs, strict=True):
            torch.testing.assert_close(mine, other)


def test_each_weight_has_one_product_for_all_steps() -> None:
    leaves = leaves_for(4)
    with steps(WIDE) as block:
        found = loop(lstm, dot, leaves)
    left = [len(shared.gathers.left) for shared in block.matrices.values()]
    found.sum().backward()
    assert len(left) == 5  # memory, keys, projection, and both weights of the cell
    assert all(shared.gathers.left == [] for shared in block.matrices.values())


def test_without_a_backward_pass_the_block_changes_nothing() -> None:
    with torch.no_grad(), steps(WIDE) as block:
        assert block is None
    with kernels.using("reference"), steps(WIDE) as block:
        assert block is None
    with steps(WIDE - 1) as block:
        assert block is None


def test_in_half_precision_it_is_near_and_gradients_are_whole() -> None:
    torch.manual_seed(0)
    leaves = [(t.detach().float() * 0.5).requires_grad_() for t in leaves_for(4)]
    expected = loop(lstm, additive, leaves)
    with torch.autocast("cpu", torch.bfloat16), steps(WIDE):
        found = loop(lstm, additive, leaves)
    torch.testing.assert_close(found.float(), expected, rtol=0.0, atol=0.03)
    theirs = torch.autograd.grad(expected.sum(), leaves)
    for mine, other in zip(torch.autograd.grad(found.float().sum(), leaves), theirs, strict=True):
        assert mine.dtype == torch.float32
        assert (mine - other).norm() <= 0.05 * other.norm() + 0.02
