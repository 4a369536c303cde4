"""What every decoder promises with every attention, over every file of both folders."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import tiny
from regard.attention import Attention
from regard.attention.none import Nothing
from regard.decoders import Decoder
from regard.model import EncoderDecoder
from regard.objectives.cross_entropy import CrossEntropy
from regard.tensors import Batch, Memory, Read, Tree, pad
from regard.types import EOS, PAD

Parts = tuple[dict[str, Any], dict[str, Any]]
LAST_BITS = 1e-12  # of a product, which are not always those of the same product again


def label(parts: Parts) -> str:
    return " + ".join(map(tiny.label, parts))


@pytest.fixture(params=tiny.combinations(), ids=label)
def parts(request: pytest.FixtureRequest) -> Parts:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def model(parts: Parts) -> EncoderDecoder:
    return tiny.model(2.0, decoder=parts[0], attention=parts[1]).double()


def decode(model: EncoderDecoder, tokens: Tensor, source: Tensor) -> tuple[Tensor, Tree, Read]:
    return model.decoder(tokens, model.decoder.start(model.encoder(source)))  # type: ignore[no-any-return]


def batch() -> Batch:
    return Batch(tiny.sources(), tiny.targets())


def test_many_tokens_at_once_are_many_single_steps_of_the_sizes_promised(model: EncoderDecoder) -> None:
    tokens, source = tiny.targets(), tiny.sources()
    features, last, read = decode(model, tokens, source)
    assert features.shape == (*tokens.shape, model.decoder.feature_size)
    assert read.weights.shape == (*tokens.shape, source.shape[1])
    assert read.context.shape == (*tokens.shape, model.encoder.memory_size)
    first = state = model.decoder.start(model.encoder(source))
    steps, reads = [], []
    for token in tokens.split(1, 1):
        one, state, seen = model.decoder(token, state)
        steps.append(one)
        reads.append(seen)
    torch.testing.assert_close(torch.cat(steps, 1), features)
    torch.testing.assert_close(Read.join(reads).weights, read.weights)
    torch.testing.assert_close(*(model.decoder(tokens[:, :1], after)[0] for after in (state, last)))
    assert torch.equal(model.decoder(tokens[:, :1], first)[0], steps[0])  # a step does not change a state


def test_every_step_sees_its_last_two_tokens_and_the_source_but_nothing_later(model: EncoderDecoder) -> None:
    """In training: in use, a mechanism that passed the end of the source is right to see nothing of it."""

    def features(tokens: Tensor, source: Tensor) -> Tensor:
        torch.manual_seed(3)  # what is drawn is drawn alike
        return decode(model.train(), tokens, source)[0]

    tokens, source = tiny.targets(), tiny.sources()
    before = features(tokens, source)
    for t in range(tokens.shape[1]):
        other = tokens.clone()
        other[:, t] = 16
        changed = (features(other, source) - before).abs().amax(-1)
        assert (changed[:, t : t + 2] > LAST_BITS).all()
        assert (changed[:, :t] < LAST_BITS).all()
    source[:, 0] = 15
    assert (features(tokens, source) != before).any(-1).all()


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
    assert model.score(Batch(pad([[5]]), pad([[EOS]]))).item() < 0  # one place, one token


def test_a_selected_state_goes_on_as_those_rows_do(model: EncoderDecoder) -> None:
    rows, tokens, source = torch.tensor([2, 0, 0, 1]), tiny.targets(), tiny.sources()
    _, state, _ = decode(model, tokens[:, :2], source)
    straight = model.decoder(tokens[:, 2:], state)
    picked = model.decoder(tokens[rows, 2:], state.select(rows))
    torch.testing.assert_close(picked[0], straight[0][rows])
    torch.testing.assert_close(picked[2].weights, straight[2].weights[rows])


def without_gradient(model: EncoderDecoder) -> set[str]:
    """The weights that a loss does not reach, in training: what is discrete in use has no gradient there."""
    loss, count = model.train()(batch(), CrossEntropy())
    assert int(count) == int((tiny.targets() != PAD).sum())
    loss.backward()
    return {name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()}


def only_asking(parts: Parts) -> set[str]:
    """The weights that make queries and nothing else, so that their gradient ends where the queries' does."""
    model = tiny.model(2.0, decoder=parts[0], attention={"name": "general"}).double()
    for part in model.modules():
        if isinstance(part, Attention):
            part.register_forward_pre_hook(lambda _, given: (given[0].detach(), *given[1:]))
    return without_gradient(model)


def test_gradients_reach_every_weight(model: EncoderDecoder, parts: Parts) -> None:
    """Only `none` does not hear what it is asked: then exactly what only asks has no gradient."""
    deaf = any(isinstance(part, Nothing) for part in model.modules())
    assert without_gradient(model) == (only_asking(parts) if deaf else set())


def test_the_gradient_of_a_step_is_right(model: EncoderDecoder) -> None:
    memory = model.encoder(pad([[4, 5, 6], [7, 8]]))
    decoder: Decoder[Any] = model.decoder

    def step(states: Tensor, summary: Tensor) -> Tensor:
        start = decoder.start(Memory(states, memory.mask, summary))
        return model.output(decoder(pad([[9, 10], [11, 12]]), start)[0])  # type: ignore[no-any-return]

    given = [tensor.detach().requires_grad_() for tensor in (memory.states, memory.summary)]
    assert torch.autograd.gradcheck(step, given, fast_mode=True)


@pytest.mark.parametrize("parts", tiny.samples(), ids=label)
def test_saved_and_loaded_it_is_the_same(parts: Parts, tmp_path: Path) -> None:
    one, other = (tiny.model(decoder=parts[0], attention=parts[1]) for _ in range(2))
    assert not torch.equal(one.score(batch()), other.score(batch()))
    one.save(tmp_path)
    assert torch.equal(one.score(batch()), other.load(tmp_path).score(batch()))
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]
