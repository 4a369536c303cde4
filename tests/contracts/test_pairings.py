"""What every encoder promises together with every decoder, over every file of both folders."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings, strategies
from torch import Tensor

import tiny
from regard.config import Decode
from regard.decode.pytorch import PyTorch
from regard.decode.search import search
from regard.model import EncoderDecoder
from regard.objectives.cross_entropy import CrossEntropy
from regard.tensors import Batch, Read, pad
from regard.types import PAD


@pytest.fixture(params=tiny.pairings(), ids=lambda parts: " + ".join(part["name"] for part in parts))
def model(request: pytest.FixtureRequest) -> EncoderDecoder:
    encoder, decoder = request.param
    apart: dict[str, Any] = {"size": 7, "shared": False, "tied": False}  # a table for each side, to read only
    return tiny.model(2.0, encoder=encoder, decoder=decoder, embedding=apart).double()


def batch() -> Batch:
    return Batch(tiny.sources(), tiny.targets())


def wider(tokens: Tensor, places: int = 3) -> Tensor:
    return torch.nn.functional.pad(tokens, (0, places), value=PAD)


def test_many_tokens_at_once_are_many_single_steps_of_the_sizes_promised(model: EncoderDecoder) -> None:
    source, target = tiny.sources(), tiny.targets()
    whole, _, read = model.decoder(target, model.decoder.start(model.encoder(source)))
    assert whole.shape == (*target.shape, model.decoder.feature_size)
    assert read.weights.shape == (*target.shape, source.shape[1])
    assert read.context.shape == (*target.shape, model.encoder.memory_size)
    state, steps, reads = model.decoder.start(model.encoder(source)), [], []
    for token in target.split(1, 1):
        one, state, seen = model.decoder(token, state)
        steps.append(one)
        reads.append(seen)
    torch.testing.assert_close(torch.cat(steps, 1), whole)
    torch.testing.assert_close(Read.join(reads).weights, read.weights)


def test_weights_sum_to_one_and_padding_gets_none(model: EncoderDecoder) -> None:
    weights = model.predict(batch()).read.weights
    torch.testing.assert_close(weights.sum(-1), torch.ones(tiny.targets().shape).double())
    assert (weights >= 0).all()
    assert not weights.masked_select((tiny.sources() == PAD)[:, None]).any()


LENGTHS = strategies.tuples(strategies.integers(1, 8), strategies.integers(1, 6))  # of a source and its target


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=strategies.lists(LENGTHS, min_size=1, max_size=4), padding=strategies.integers(0, 3))
def test_neither_padding_nor_the_other_rows_change_anything(
    model: EncoderDecoder, lengths: list[tuple[int, int]], padding: int
) -> None:
    rows = [[torch.randint(4, tiny.VOCABULARY, (n,)).tolist() for n in pair] for pair in lengths]
    sides = [wider(pad([row[side] for row in rows]), padding) for side in (0, 1)]
    together = model.score(Batch(*sides))
    for row, (source, target) in enumerate(rows):
        torch.testing.assert_close(together[row, : len(target)], model.score(Batch(pad([source]), pad([target])))[0])
        assert not together[row, len(target) :].any()


def test_gradients_reach_every_weight_and_padding_sends_none(model: EncoderDecoder) -> None:
    model(Batch(wider(tiny.sources()), wider(tiny.targets())), CrossEntropy())[0].backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []
    for side, part in ((tiny.SOURCES, model.encoder), (tiny.TARGETS, model.decoder)):
        (table,) = (p.grad for name, p in part.named_parameters() if name.endswith("embedding.table.weight"))
        assert table is not None
        assert not table[PAD].any()
        assert table.any(1).nonzero().flatten().tolist() == read_by(side, first=part is model.decoder)


def read_by(rows: list[list[int]], *, first: bool) -> list[int]:
    """The tokens that a side reads: a decoder begins with the start sign, and does not read the end sign."""
    return sorted({token for row in rows for token in ([1, *row[:-1]] if first else row)})


def test_the_score_of_a_greedy_search_is_that_of_teacher_forcing(model: EncoderDecoder) -> None:
    backend = PyTorch(model)
    found = [best for (best,) in search(backend, tiny.SOURCES, Decode(beam=1, extra=4))]
    forced = backend.force(tiny.SOURCES, [hypothesis.tokens.tolist() for hypothesis in found])
    for hypothesis, same in zip(found, forced, strict=True):
        np.testing.assert_allclose(hypothesis.log_probs, same.log_probs, atol=1e-5)
        np.testing.assert_allclose(hypothesis.attention, same.attention, atol=1e-6)
        np.testing.assert_allclose(hypothesis.attention.sum(1), 1.0, atol=1e-6)
