"""What every attention promises, over every file of the folder."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck
from torch.func import functional_call

import tiny
from regard.attention import Attention
from regard.tensors import Memory, Read

ALL = tiny.variants("attention", size=tiny.KEYS)


@pytest.fixture(params=ALL, ids=tiny.label)
def section(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


@pytest.fixture
def part(section: dict[str, Any]) -> tuple[Attention, int]:
    return tiny.attention(section)


def queries(size: int, steps: int = tiny.STEPS) -> Tensor:
    return torch.randn(tiny.BATCH, steps, size, dtype=torch.float64)


def read(attention: Attention, query: Tensor, memory: Memory) -> Read:
    return attention(query, attention.start(memory))[0]  # type: ignore[no-any-return]


def same(a: Read, b: Read) -> None:
    torch.testing.assert_close(a.context, b.context)
    torch.testing.assert_close(a.weights, b.weights)


def test_weights_sum_to_one_unless_it_looks_nowhere(part: tuple[Attention, int]) -> None:
    weights = read(part[0], queries(part[1]), tiny.memory()).weights
    assert weights.shape == (tiny.BATCH, tiny.STEPS, tiny.PLACES)
    assert (weights >= 0).all()
    if weights.any():
        torch.testing.assert_close(weights.sum(-1), torch.ones(tiny.BATCH, tiny.STEPS).double())


def test_padding_gets_no_weight_at_all(part: tuple[Attention, int]) -> None:
    memory = tiny.memory()
    weights = read(part[0], queries(part[1]), memory).weights
    assert (weights[~memory.mask[:, None].expand_as(weights)] == 0).all()


def test_what_stands_in_padding_and_how_much_changes_nothing(part: tuple[Attention, int]) -> None:
    memory, query = tiny.memory(), queries(part[1])
    less, more = read(part[0], query, memory), read(part[0], query, tiny.padded(memory, 4))
    assert (more.weights[..., tiny.PLACES :] == 0).all()
    same(less, Read(more.context, more.weights[..., : tiny.PLACES]))


def test_many_queries_at_once_are_many_single_ones(part: tuple[Attention, int]) -> None:
    attention, memory, query = part[0], tiny.memory(), queries(part[1])
    state, reads = attention.start(memory), []
    for t in range(tiny.STEPS):
        one, state = attention(query[:, t : t + 1], state)
        reads.append(one)
    same(read(attention, query, memory), Read.join(reads))


def test_a_source_of_one_place_is_read_whole(part: tuple[Attention, int]) -> None:
    memory = tiny.memory((tiny.BATCH, 1, tiny.MEMORY), padding=0)
    found = read(part[0], queries(part[1]), memory)
    if found.weights.any():
        torch.testing.assert_close(found.weights, torch.ones(tiny.BATCH, tiny.STEPS, 1).double())
        torch.testing.assert_close(found.context, memory.states.expand(-1, tiny.STEPS, -1))


def test_rows_do_not_see_each_other(part: tuple[Attention, int]) -> None:
    attention, memory, query, rows = part[0], tiny.memory(), queries(part[1]), torch.tensor([1, 0, 1])
    picked = read(attention, query[rows], memory.select(rows))
    same(picked, read(attention, query, memory).select(rows))


def test_a_selected_state_reads_as_those_rows_do(part: tuple[Attention, int]) -> None:
    attention, rows, query = part[0], torch.tensor([1, 1, 0]), queries(part[1])
    _, state = attention(query[:, :1], attention.start(tiny.memory()))
    whole, _ = attention(query[:, 1:], state)
    picked, _ = attention(query[rows][:, 1:], state.select(rows))
    same(picked, whole.select(rows))


def test_gradients_are_right_and_reach_every_weight(part: tuple[Attention, int]) -> None:
    attention, memory = part[0], tiny.memory((1, 3, tiny.MEMORY), padding=1)
    query = torch.randn(1, 2, part[1], dtype=torch.float64, requires_grad=True)
    named = dict(attention.named_parameters())

    class Both(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = attention

        def forward(self, query: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
            found = read(self.attention, query, Memory(states, memory.mask, states[:, 0]))
            return found.context, found.weights

    def function(query: Tensor, states: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
        given = {f"attention.{name}": weight for name, weight in zip(named, weights, strict=True)}
        return functional_call(Both(), given, (query, states))  # type: ignore[no-any-return]

    states = memory.states.clone().requires_grad_()
    assert gradcheck(function, (query, states, *named.values()), fast_mode=True)
    context, weights = Both()(query, states)
    (context.sum() + weights.square().sum()).backward()
    assert all(p.grad is not None and p.grad.any() for p in named.values())
