"""What every attention promises, over every file of the folder."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings, strategies
from torch import Tensor
from torch.autograd import gradcheck
from torch.func import functional_call

import tiny
from regard.attention import Attention
from regard.attention.hard import Hard
from regard.attention.none import Nothing
from regard.build import find, names, options
from regard.errors import ConfigError
from regard.tensors import Memory, Read

SIZES = {"size": tiny.KEYS, "heads": 1, "width": 2, "fertility": 2.0, "loss": 1.0}  # heads divide a prime size
ALL = [*tiny.variants("attention", **SIZES), {"name": "multi_head", "size": 12, "heads": 3}]
NORMALISERS = names("normalisers")


@pytest.fixture(params=ALL, ids=tiny.label)
def section(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


@pytest.fixture
def part(section: dict[str, Any]) -> tuple[Attention, int]:
    """In use: a mechanism that draws or adds noise in training does not do so."""
    attention, size = tiny.attention(section)
    return attention.eval(), size


def queries(size: int, steps: int = tiny.STEPS) -> Tensor:
    return torch.randn(tiny.BATCH, steps, size, dtype=torch.float64)


def read(attention: Attention, query: Tensor, memory: Memory) -> Read:
    return attention(query, attention.start(memory))[0]  # type: ignore[no-any-return]


def same(a: Read, b: Read) -> None:
    torch.testing.assert_close(a.context, b.context)
    torch.testing.assert_close(a.weights, b.weights)


@pytest.mark.parametrize("training", [True, False])
def test_weights_sum_to_one_unless_it_says_otherwise(part: tuple[Attention, int], training: bool) -> None:
    weights = read(part[0].train(training), queries(part[1]), tiny.memory()).weights
    assert weights.shape == (tiny.BATCH, tiny.STEPS, tiny.PLACES)
    assert (weights >= 0).all()
    if part[0].sums_to_one:
        torch.testing.assert_close(weights.sum(-1), torch.ones(tiny.BATCH, tiny.STEPS).double())
    else:
        assert (weights.sum(-1) <= 1 + 1e-9).all()


@pytest.mark.parametrize("normaliser", NORMALISERS)
def test_every_normaliser_works_with_what_has_scores(section: dict[str, Any], normaliser: str) -> None:
    try:
        attention, size = tiny.attention(section, normaliser=normaliser)
    except ConfigError as error:
        assert "has no effect on the attention" in str(error)
        return
    memory = tiny.memory()
    weights = read(attention, queries(size), memory).weights
    assert (weights[~memory.mask[:, None].expand_as(weights)] == 0).all()
    if attention.sums_to_one:
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
    if part[0].sums_to_one:
        torch.testing.assert_close(found.weights, torch.ones(tiny.BATCH, tiny.STEPS, 1).double())
    elif isinstance(part[0], Nothing):
        assert not found.weights.any()
    assert found.context.isfinite().all()


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


def outcome(attention: Attention, query: Tensor, memory: Memory) -> tuple[Tensor, ...]:
    """All that a loss can depend on; what is drawn is drawn again alike."""
    torch.manual_seed(5)
    found = read(attention, query, memory)
    drawn = (found.sample.log_prob, found.sample.baseline) if found.sample else ()
    return (found.context, found.weights, *([] if found.loss is None else [found.loss]), *drawn)


def test_gradients_are_right_and_reach_every_weight(part: tuple[Attention, int]) -> None:
    attention, memory = part[0].train(), tiny.memory((1, 3, tiny.MEMORY), padding=1)
    query = torch.randn(1, 2, part[1], dtype=torch.float64, requires_grad=True)
    named = dict(attention.named_parameters())

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = attention

        def forward(self, query: Tensor, states: Tensor) -> tuple[Tensor, ...]:
            given = Memory(states, memory.mask, states[:, 0])
            return tuple(part for part in outcome(self.attention, query, given) if part.requires_grad)

    def function(query: Tensor, states: Tensor, *weights: Tensor) -> tuple[Tensor, ...]:
        given = {f"attention.{name}": weight for name, weight in zip(named, weights, strict=True)}
        return functional_call(Whole(), given, (query, states))  # type: ignore[no-any-return]

    states = memory.states.clone().requires_grad_()
    # A baseline does not send its gradient to the query: it must not change what is asked.
    inputs = (query.detach() if isinstance(attention, Hard) else query, states, *named.values())
    assert gradcheck(function, inputs, fast_mode=True)
    sum((k + 1) * part.square().sum() for k, part in enumerate(Whole()(query, states))).backward()  # type: ignore[union-attr]
    assert [name for name, p in named.items() if p.grad is None or not p.grad.any()] == []


@settings(max_examples=12, deadline=None, derandomize=True)
@given(lengths=strategies.lists(strategies.integers(1, 9), min_size=1, max_size=4), steps=strategies.integers(1, 5))
@pytest.mark.parametrize("section", [{"name": name} for name in tiny.attentions()], ids=tiny.label)
def test_any_lengths_are_read_whole_and_finite(section: dict[str, Any], lengths: list[int], steps: int) -> None:
    attention, size = tiny.attention({**section, **{k: v for k, v in SIZES.items() if k in known(section)}})
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    states = torch.randn(len(lengths), max(lengths), tiny.MEMORY, dtype=torch.float64)
    memory = Memory(states, mask, states[:, 0])
    query = 9 * torch.randn(len(lengths), steps, size, dtype=torch.float64)
    for training in (True, False):
        found = read(attention.train(training), query, memory)
        assert found.context.isfinite().all()
        assert (found.weights.masked_select(~mask[:, None]) == 0).all()
        most = found.weights.sum(-1)
        assert (most <= 1 + 1e-9).all()
        assert not attention.sums_to_one or (most >= 1 - 1e-9).all()


def known(section: dict[str, Any]) -> list[str]:
    return list(options(find("attention", section["name"])))
