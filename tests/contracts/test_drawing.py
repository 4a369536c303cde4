"""What every decoder that draws promises, over every file of the folder, with any attention to the words."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import tiny
from regard import config as configs
from regard.build import find, names
from regard.model import EncoderDecoder
from regard.objectives.bound import Bound
from regard.tensors import Batch, Read, pad

DRAWING = [name for name in names("decoders") if find("decoders", name).writes == "pictures"]
CHOICES: list[dict[str, Any]] = [
    {},
    {"prior": "learnt", "cell": "gru"},
    {"read": 0},
    {"write": 0, "prior": "learnt"},
    {"read": 0, "write": 0},
]
SIDE, STEPS, LATENT = 8, 3, 2
PART = [(name, given) for name in DRAWING for given in CHOICES]
WORDS = 5


@pytest.fixture(params=PART, ids=lambda part: " ".join([part[0], *(f"{k}={v}" for k, v in part[1].items())]))
def decoder(request: pytest.FixtureRequest) -> dict[str, Any]:
    name, given = request.param
    return {"name": name, "size": tiny.DECODER, "steps": STEPS, "latent": LATENT, "read": 2, "write": 3, **given}


def made(
    decoder: dict[str, Any], attention: str = "general", side: int = SIDE, colours: bool = False
) -> EncoderDecoder:
    torch.manual_seed(2)
    config = configs.check(
        {
            "task": "draw",
            "data": {"train": "scenes.jsonl"},
            "picture": {"side": side, "grid": 1, "colours": colours},
            "embedding": {"size": WORDS},
            "encoder": {"size": tiny.ENCODER},
            "attention": {"name": attention},
            "decoder": decoder,
        }
    )
    return tiny.sharpened(EncoderDecoder(tiny.VOCABULARY, side * side, config), 2.0).double().eval()


@pytest.fixture
def model(decoder: dict[str, Any]) -> EncoderDecoder:
    return made(decoder)


def pictures(rows: int, side: int = SIDE, channels: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(5)
    return (torch.rand(rows, side, side, channels, generator=generator) < 0.4).to(torch.uint8) * 255


def luck(rows: int) -> Tensor:
    return torch.randn(rows, STEPS, LATENT, dtype=torch.float64, generator=torch.Generator().manual_seed(6))


def batch() -> Batch:
    sources = tiny.sources()
    return Batch(sources, pictures(len(sources)), luck=luck(len(sources)))


@pytest.mark.parametrize("known", [True, False], ids=["copied", "free"])
def test_many_steps_at_once_are_many_single_ones(model: EncoderDecoder, known: bool) -> None:
    given = batch()
    memory, _ = model.encode(given.source)
    start = model.decoder.taught(memory, given) if known else model.decoder.start(memory)
    features, last, read = model.decoder(given.luck, start)
    assert features.shape == (3, STEPS, SIDE * SIDE) and read.weights.shape == (3, STEPS, given.source.shape[1])
    assert read.boxes is not None and read.boxes.shape == (3, STEPS, 4)
    assert (read.divergence is not None) == known
    state, steps, reads = start, [], []
    assert given.luck is not None
    for one in given.luck.split(1, 1):
        canvas, state, seen = model.decoder(one, state)
        steps.append(canvas)
        reads.append(seen)
    torch.testing.assert_close(torch.cat(steps, 1), features)
    torch.testing.assert_close(Read.join(reads).weights, read.weights)
    torch.testing.assert_close(state.canvas, last.canvas)


def test_a_step_adds_to_the_canvas_that_was_there(model: EncoderDecoder) -> None:
    canvases = model.predict(batch()).features
    assert (canvases.diff(dim=1) != 0).any(-1).all()


def test_a_row_does_not_know_its_neighbours_nor_their_padding(model: EncoderDecoder) -> None:
    given = batch()
    whole = model.score(given)
    for row, source in enumerate(tiny.SOURCES):
        assert given.luck is not None
        alone = Batch(pad([source]), given.target[row : row + 1], luck=given.luck[row : row + 1])
        torch.testing.assert_close(model.score(alone)[0], whole[row])


def test_words_and_luck_decide_what_is_drawn(model: EncoderDecoder) -> None:
    given = batch()
    assert given.luck is not None

    def drawn(source: Tensor, chance: Tensor) -> Tensor:
        memory, _ = model.encode(source)
        return model.decoder.forward(chance, model.decoder.start(memory))[0]

    first = drawn(given.source, given.luck)
    assert torch.equal(first, drawn(given.source, given.luck))
    assert (first != drawn(given.source, 2 * given.luck)).flatten(1).any(1).all()
    other = given.source.clone()
    other[:, 0] = 15
    assert (first != drawn(other, given.luck)).flatten(1).any(1).all()


def test_gradients_reach_every_weight_and_are_those_of_differences(model: EncoderDecoder) -> None:
    given, objective = batch(), Bound()
    loss, count = model(given, objective)
    assert count == 3
    loss.backward()
    for name, weight in model.named_parameters():
        assert weight.grad is not None and weight.grad.abs().sum() > 0, name
        way = torch.randn(weight.shape, dtype=weight.dtype, generator=torch.Generator().manual_seed(7))
        step, found = 1e-6, []
        with torch.no_grad():
            for sign in (1, -1):
                weight += sign * step * way
                found.append(model(given, objective)[0])
                weight -= sign * step * way
        expected = (found[0] - found[1]) / (2 * step)
        torch.testing.assert_close((weight.grad * way).sum(), expected, rtol=1e-4, atol=1e-5, msg=name)


def test_saved_and_loaded_it_draws_the_same(decoder: dict[str, Any], tmp_path: Path) -> None:
    one, given = made(decoder).float(), batch()
    one.save(tmp_path)
    other = made(decoder).float()
    with torch.no_grad():
        for weight in other.parameters():
            weight.add_(1)
    other.load(tmp_path)
    assert given.luck is not None
    given = Batch(given.source, given.target, luck=given.luck.float())
    assert torch.equal(one.score(given), other.score(given))


@pytest.mark.parametrize("attention", tiny.attentions())
@pytest.mark.parametrize("name", DRAWING)
def test_words_are_read_by_any_attention(name: str, attention: str) -> None:
    decoder = {"name": name, "size": tiny.DECODER, "steps": STEPS, "latent": LATENT}
    model, given = made(decoder, attention), batch()
    model.train()
    loss, _ = model(given, Bound())
    loss.backward()
    assert torch.isfinite(loss)
    read = model.predict(given).read
    assert (read.weights.sum(-1) <= 1 + 1e-9).all() and not read.weights[1, :, 3:].any()


def test_colours_are_channels() -> None:
    model = made({"name": "canvas", "size": tiny.DECODER, "steps": STEPS, "latent": LATENT}, colours=True)
    given = batch()
    coloured = Batch(given.source, pictures(3, channels=3), luck=given.luck)
    assert model.predict(coloured).features.shape == (3, STEPS, SIDE * SIDE * 3)
    assert model.score(coloured).shape == (3, STEPS)


def test_in_half_precision_it_learns_much_the_same() -> None:
    decoder = {"name": "canvas", "size": tiny.DECODER, "steps": STEPS, "latent": LATENT}
    model, given = made(decoder).float(), batch()
    assert given.luck is not None
    given = Batch(given.source, given.target, luck=given.luck.float())
    exact, _ = model(given, Bound())
    with torch.autocast("cpu", torch.bfloat16):
        half, _ = model(given, Bound())
    half.backward()
    assert abs(half.item() - exact.item()) < 0.02 * abs(exact.item())
