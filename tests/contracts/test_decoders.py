"""What every decoder promises with every attention, over every file of both folders."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import tiny
from regard.decoders import Decoder
from regard.model import EncoderDecoder
from regard.objectives.cross_entropy import CrossEntropy
from regard.tensors import Batch, Memory, Read, Tree, pad
from regard.types import PAD

Parts = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture(params=tiny.combinations(), ids=lambda parts: " + ".join(map(tiny.label, parts)))
def parts(request: pytest.FixtureRequest) -> Parts:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def model(parts: Parts) -> EncoderDecoder:
    return tiny.model(2.0, decoder=parts[0], attention=parts[1]).double()


def decode(model: EncoderDecoder, tokens: Tensor, source: Tensor) -> tuple[Tensor, Tree, Read]:
    return model.decoder(tokens, model.decoder.start(model.encoder(source)))  # type: ignore[no-any-return]


def batch() -> Batch:
    return Batch(tiny.sources(), tiny.targets())


def test_sizes_are_as_promised(model: EncoderDecoder) -> None:
    tokens, source = tiny.targets(), tiny.sources()
    features, _, read = decode(model, tokens, source)
    assert features.shape == (*tokens.shape, model.decoder.feature_size)
    assert read.weights.shape == (*tokens.shape, source.shape[1])
    assert read.context.shape == (*tokens.shape, model.encoder.memory_size)


def test_many_tokens_at_once_are_many_single_steps(model: EncoderDecoder) -> None:
    tokens, source = tiny.targets(), tiny.sources()
    features, last, read = decode(model, tokens, source)
    state, steps, reads = model.decoder.start(model.encoder(source)), [], []
    for t in range(tokens.shape[1]):
        one, state, seen = model.decoder(tokens[:, t : t + 1], state)
        steps.append(one)
        reads.append(seen)
    torch.testing.assert_close(torch.cat(steps, 1), features)
    torch.testing.assert_close(Read.join(reads).weights, read.weights)
    torch.testing.assert_close(*(model.decoder(tokens[:, :1], after)[0] for after in (state, last)))


def test_no_step_sees_a_later_token(model: EncoderDecoder) -> None:
    tokens = tiny.targets()
    changed = tokens.clone()
    changed[:, 2:] = 16
    before, after = (decode(model, t, tiny.sources())[0] for t in (tokens, changed))
    assert torch.equal(before[:, :2], after[:, :2])
    assert not torch.equal(before[:, 2:], after[:, 2:])


def test_every_step_sees_the_token_before_and_the_source(model: EncoderDecoder) -> None:
    tokens, source = tiny.targets(), tiny.sources()
    features = decode(model, tokens, source)[0]
    other_token, other_source = tokens.clone(), source.clone()
    other_token[:, 0], other_source[:, 0] = 16, 15
    assert (decode(model, other_token, source)[0] != features).any(-1).all()
    assert (decode(model, tokens, other_source)[0] != features).any(-1).all()


def test_more_padding_on_either_side_changes_nothing(model: EncoderDecoder) -> None:
    more = Batch(*(torch.nn.functional.pad(side, (0, 3)) for side in (tiny.sources(), tiny.targets())))
    scores, wider = model.score(batch()), model.score(more)
    torch.testing.assert_close(wider[:, : scores.shape[1]], scores)
    assert (wider[:, scores.shape[1] :] == 0).all()
    for a, b in zip(*(model(given, CrossEntropy()) for given in (batch(), more)), strict=True):
        torch.testing.assert_close(a, b)


def test_a_batch_is_its_rows_alone(model: EncoderDecoder) -> None:
    together = model.score(batch())
    for row, (source, target) in enumerate(zip(tiny.SOURCES, tiny.TARGETS, strict=True)):
        alone = model.score(Batch(pad([source]), pad([target])))
        torch.testing.assert_close(together[row, : len(target)], alone[0])


def test_a_selected_state_goes_on_as_those_rows_do(model: EncoderDecoder) -> None:
    rows, tokens, source = torch.tensor([2, 0, 0, 1]), tiny.targets(), tiny.sources()
    _, state, _ = decode(model, tokens[:, :2], source)
    straight = model.decoder(tokens[:, 2:], state)
    picked = model.decoder(tokens[rows, 2:], state.select(rows))
    torch.testing.assert_close(picked[0], straight[0][rows])
    torch.testing.assert_close(picked[2].weights, straight[2].weights[rows])


def test_a_state_is_not_changed_by_a_step(model: EncoderDecoder) -> None:
    state = model.decoder.start(model.encoder(tiny.sources()))
    once, again = (model.decoder(tiny.targets()[:, :1], state)[0] for _ in range(2))
    assert torch.equal(once, again)


def test_a_source_and_a_target_of_one_token_are_scored(model: EncoderDecoder) -> None:
    assert model.score(Batch(pad([[5]]), pad([[2]]))).item() < 0


def test_gradients_reach_every_weight(model: EncoderDecoder) -> None:
    loss, count = model(batch(), CrossEntropy())
    assert int(count) == int((tiny.targets() != PAD).sum())
    loss.backward()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_the_gradient_of_a_step_is_right(model: EncoderDecoder) -> None:
    memory = model.encoder(pad([[4, 5, 6], [7, 8]]))
    decoder: Decoder[Any] = model.decoder

    def step(states: Tensor, summary: Tensor) -> Tensor:
        start = decoder.start(Memory(states, memory.mask, summary))
        return model.output(decoder(pad([[9, 10], [11, 12]]), start)[0])  # type: ignore[no-any-return]

    given = [tensor.detach().requires_grad_() for tensor in (memory.states, memory.summary)]
    assert torch.autograd.gradcheck(step, given, fast_mode=True)


def test_saved_and_loaded_it_is_the_same(parts: Parts, tmp_path: Path) -> None:
    one, other = (tiny.model(decoder=parts[0], attention=parts[1]) for _ in range(2))
    assert not torch.equal(one.score(batch()), other.score(batch()))
    one.save(tmp_path)
    assert torch.equal(one.score(batch()), other.load(tmp_path).score(batch()))
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]
