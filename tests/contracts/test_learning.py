"""What every part promises to learn: to copy letters, in a second, by its context alone."""

import itertools
import random
from typing import Any

import pytest
import torch

import tiny
from regard.model import EncoderDecoder
from regard.objectives.cross_entropy import CrossEntropy
from regard.tensors import Batch, pad
from regard.types import EOS, PAD

LETTERS, LONGEST, STEPS, ROWS = range(4, 12), 6, 80, 48
# Who does not see the source knows no letter and no length: (4 ln 8 + ln 5) / 5 = 1.99 nats a token at best.
WITHOUT_SOURCE = 1.99

ATTENTION = {"size": 64, "heads": 4, "width": 2, "offset": 0.0}
ENCODER = {"size": 32, "heads": 4, "feed": 64, "dropout": 0.0}
# From a first state of zero, the context is all that a decoder knows of the source.
DECODER = {"size": 64, "heads": 4, "feed": 128, "layers": 2, "dropout": 0.0, "bridge": "zero"}
TOO_SLOW = ("convolutional", "glimpses")  # which has come to 1.05 after these steps
LOOKING = {"glimpses": {"looks": 2, "layers": 1}}  # each look goes through all layers


def batch(seed: int) -> Batch:
    """Random letters, to be copied."""
    choose = random.Random(seed)
    rows = pad([[*choose.choices(LETTERS, k=choose.randint(2, LONGEST)), EOS] for _ in range(ROWS)])
    return Batch(rows, rows)


def loss(model: EncoderDecoder) -> float:
    """Nats for each token of what was never seen, in use."""
    unseen = batch(STEPS)
    with torch.no_grad():
        return float(-model.eval().score(unseen).sum() / (unseen.target != PAD).sum())


def loss_after_learning(**sections: dict[str, Any]) -> float:
    """The same after a short training."""
    config = tiny.config(embedding={"size": 32}, **sections)
    model, objective = EncoderDecoder(LETTERS.stop, LETTERS.stop, config).train(), CrossEntropy(smoothing=0.0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = 0.01 * min(1, (step + 1) / 10) * (1 - step / STEPS) ** 0.5
        optimizer.zero_grad()
        total, count = model(batch(step), objective)
        (total / count).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return loss(model)


def section(kind: str, name: str, sizes: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, **tiny.taken(kind, name, sizes)}


@pytest.mark.parametrize("attention", tiny.attentions())
def test_every_attention_learns_to_copy(attention: str) -> None:
    parts = {
        "encoder": section("encoders", "recurrent", ENCODER),
        "attention": section("attention", attention, ATTENTION),
        "decoder": section("decoders", "step_then_attend", {**DECODER, "layers": 1, "input_feeding": False}),
    }
    assert loss_after_learning(**parts) < WITHOUT_SOURCE / 2


def pairings() -> list[tuple[str, str]]:
    """Every encoder and every decoder once, and the rest of their pairs under `slow`."""
    once = list(zip(itertools.cycle(tiny.READERS), tiny.WRITERS, strict=False))
    rest = sorted({*itertools.product(tiny.READERS, tiny.WRITERS)} - {*once, TOO_SLOW})
    return [*once, *(pytest.param(*pair, marks=pytest.mark.slow) for pair in rest)]  # type: ignore[list-item]


@pytest.mark.parametrize(("encoder", "decoder"), pairings())
def test_every_encoder_and_decoder_learns_to_copy(encoder: str, decoder: str) -> None:
    parts = {
        "encoder": section("encoders", encoder, ENCODER),
        "attention": {"name": "general"},
        "decoder": section("decoders", decoder, DECODER | LOOKING.get(decoder, {})),
    }
    assert loss_after_learning(**parts) < WITHOUT_SOURCE / 2


def test_what_was_not_trained_is_worse_than_not_to_see_the_source() -> None:
    assert loss(EncoderDecoder(LETTERS.stop, LETTERS.stop, tiny.config())) > WITHOUT_SOURCE
