"""LSTM and GRU: one step and whole sequences are the reference, forwards and backwards."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from regard.kernels import gru, lstm

STEPS, ROWS, INPUT, SIZE = 4, 3, 2, 5

Call = Callable[..., Any]


def random(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)


def first(found: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return found if isinstance(found, tuple) else (found,)


def steps_of(gates: int) -> list[Tensor]:
    return [random(ROWS, gates * SIZE), *([random(ROWS, gates * SIZE)] if gates == 3 else []), random(ROWS, SIZE)]


def sequence_of(gates: int) -> list[Tensor]:
    biases, states = (1, 2) if gates == 4 else (2, 1)
    weights = [random(gates * SIZE, INPUT), random(gates * SIZE, SIZE)]
    vectors = [random(gates * SIZE) for _ in range(biases)] + [random(ROWS, SIZE) for _ in range(states)]
    return [random(STEPS, ROWS, INPUT), *weights, *vectors]


CASES = [
    (lstm.step, lstm.reference_step, lambda: steps_of(4)),
    (gru.step, gru.reference_step, lambda: steps_of(3)),
    (lstm.sequence, lstm.reference, lambda: sequence_of(4)),
    (gru.sequence, gru.reference, lambda: sequence_of(3)),
]
every = pytest.mark.parametrize(("kernel", "plain", "make"), CASES, ids=["lstm step", "gru step", "lstm", "gru"])


@every
def test_it_is_the_reference(kernel: Call, plain: Call, make: Callable[[], list[Tensor]]) -> None:
    given = make()
    expected = first(plain(*given))
    gradients = torch.autograd.grad(sum(part.sin().sum() for part in expected), given)
    found = first(kernel(*[t * 1 for t in given]))  # a step may overwrite its gates
    for mine, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, theirs)
    leaves = torch.autograd.grad(sum(part.sin().sum() for part in first(kernel(*[*map(torch.clone, given)]))), given)
    for mine, theirs in zip(leaves, gradients, strict=True):
        torch.testing.assert_close(mine, theirs)


@every
def test_its_gradient_is_that_of_finite_differences(
    kernel: Call, plain: Call, make: Callable[[], list[Tensor]]
) -> None:
    assert torch.autograd.gradcheck(lambda *given: kernel(*[*map(torch.clone, given)]), make())


def test_the_references_are_pytorch_layers() -> None:
    x, state, memory = random(STEPS, ROWS, INPUT), random(ROWS, SIZE), random(ROWS, SIZE)
    layer = nn.LSTM(INPUT, SIZE).double()
    w_x, w_h, b_x, b_h = (layer.get_parameter(f"{n}_l0") for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    outputs, last = lstm.reference(x, w_x, w_h, b_x + b_h, state, memory)
    expected, (_, expected_last) = layer(x, (state[None], memory[None]))
    torch.testing.assert_close(outputs, expected)
    torch.testing.assert_close(last, expected_last[0])
    other = nn.GRU(INPUT, SIZE).double()
    weights = [other.get_parameter(f"{n}_l0") for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    torch.testing.assert_close(gru.reference(x, *weights, state), other(x, state[None])[0])


def test_a_first_input_without_gradient_gets_none() -> None:
    given = sequence_of(4)
    given[0].requires_grad_(False)
    outputs, _ = lstm.sequence(*given)
    outputs.sum().backward()
    assert given[0].grad is None
    assert given[1].grad is not None


@pytest.mark.parametrize(
    ("kernel", "plain", "gates"), [(lstm.sequence, lstm.reference, 4), (gru.sequence, gru.reference, 3)]
)
def test_in_half_precision_they_are_near(kernel: Call, plain: Call, gates: int) -> None:
    torch.manual_seed(0)
    given = [t.detach().float() * 0.5 for t in sequence_of(gates)]
    low = [t.bfloat16() for t in given]
    if gates == 4:
        low[-1] = given[-1]  # the memory of the cells adds up, so it stays in single precision
    found, expected = first(kernel(*low))[0], first(plain(*given))[0]
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), expected, rtol=0.0, atol=0.02)
