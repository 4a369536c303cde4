"""What every encoder of text promises, over every file of the folder and each of its choices."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_model, save_model

import tiny
from regard.encoders import Encoder
from regard.tensors import Memory, pad
from regard.types import PAD


@pytest.fixture(params=tiny.variants("encoders", **tiny.ENCODERS), ids=tiny.label)
def section(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


@pytest.fixture
def encoder(section: dict[str, Any]) -> Encoder:
    return tiny.encoder(section)


def real(memory: Memory) -> torch.Tensor:
    return memory.states[memory.mask]


def test_sizes_are_as_promised(encoder: Encoder) -> None:
    memory = encoder(tiny.sources())
    assert memory.states.shape == (*tiny.sources().shape, encoder.memory_size)
    assert memory.summary.shape == (len(tiny.sources()), encoder.memory_size)
    assert torch.equal(memory.mask, tiny.sources() != PAD)


def test_more_padding_changes_nothing(encoder: Encoder) -> None:
    less, more = encoder(tiny.sources()), encoder(torch.nn.functional.pad(tiny.sources(), (0, 3)))
    torch.testing.assert_close(real(more), real(less))
    torch.testing.assert_close(more.summary, less.summary)


def test_a_batch_is_its_rows_alone(encoder: Encoder) -> None:
    together = encoder(tiny.sources())
    for row, source in enumerate(tiny.SOURCES):
        alone = encoder(pad([source]))
        torch.testing.assert_close(together.states[row, : len(source)], alone.states[0])
        torch.testing.assert_close(together.summary[row], alone.summary[0])


def test_rows_in_another_order_give_states_in_that_order(encoder: Encoder) -> None:
    rows = torch.tensor([2, 0, 1])
    straight, turned = encoder(tiny.sources()).select(rows), encoder(tiny.sources()[rows])
    torch.testing.assert_close(turned.states, straight.states)
    torch.testing.assert_close(turned.summary, straight.summary)


def test_a_source_of_one_token_is_encoded(encoder: Encoder) -> None:
    memory = encoder(pad([[5]]))
    assert memory.states.shape == (1, 1, encoder.memory_size)
    torch.testing.assert_close(memory.summary, memory.states[:, 0])


def test_gradients_reach_every_weight(encoder: Encoder) -> None:
    memory = encoder(tiny.sources())
    (real(memory).square().sum() + memory.summary.sum()).backward()
    assert [name for name, p in encoder.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_padding_sends_no_gradient_back(encoder: Encoder) -> None:
    memory = encoder(tiny.sources())
    (real(memory).square().sum() + memory.summary.sum()).backward()
    (table,) = (p.grad for p in encoder.parameters() if p.shape[0] == tiny.VOCABULARY)
    assert table is not None
    assert set(table.any(1).nonzero().flatten().tolist()) == {token for source in tiny.SOURCES for token in source}


def test_dropout_acts_in_training_only(encoder: Encoder) -> None:
    calm = encoder(tiny.sources()).states
    assert torch.equal(calm, encoder(tiny.sources()).states)
    assert not torch.equal(calm, encoder.train()(tiny.sources()).states)


def test_saved_and_loaded_it_is_the_same(encoder: Encoder, section: dict[str, Any], tmp_path: Path) -> None:
    path = str(tmp_path / "weights.safetensors")
    save_model(encoder, path)
    other = tiny.encoder(section)
    assert not torch.equal(other(tiny.sources()).states, encoder(tiny.sources()).states)
    load_model(other, path)
    assert torch.equal(other(tiny.sources()).states, encoder(tiny.sources()).states)
