"""Every decoder and every attention: the same loss and gradients whichever kernels ran, and near ones in bf16."""

from typing import Any

import pytest
import torch
from torch import Tensor

import tiny
from regard import kernels
from regard.build import build
from regard.kernels import steps
from regard.model import EncoderDecoder
from regard.tensors import Batch

Section = dict[str, Any]
every = pytest.mark.parametrize("parts", tiny.samples(), ids=lambda parts: " ".join(map(tiny.label, parts)))


@pytest.fixture(autouse=True)
def _small_models_take_the_block_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "WIDE", 0)


def made(parts: tuple[Section, Section]) -> EncoderDecoder:
    decoder, attention = parts
    return tiny.model(sharpness=2.0, decoder={**decoder, "dropout": 0.0}, attention=attention).train()


def learnt(model: EncoderDecoder, *, half: bool = False) -> tuple[float, dict[str, Tensor]]:
    """The loss of a batch, and the gradient of each weight that has one."""
    torch.manual_seed(2)  # what draws at random draws the same
    model.zero_grad()
    batch = Batch(tiny.sources(), tiny.targets())
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss, _ = model(batch, build("objectives", {"name": "cross_entropy"}))
    loss.backward()
    return loss.item(), {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}


@every
def test_kernels_change_no_result(parts: tuple[Section, Section]) -> None:
    model = made(parts).double()
    with kernels.using("reference"):
        expected, gradients = learnt(model)
    found, mine = learnt(model)
    assert found == pytest.approx(expected, rel=1e-9)
    assert mine.keys() == gradients.keys()
    for name, gradient in gradients.items():
        torch.testing.assert_close(
            mine[name], gradient, rtol=1e-6, atol=1e-9, msg=lambda text, name=name: f"{name}: {text}"
        )


@every
def test_in_bf16_everything_trains_and_weights_keep_their_precision(parts: tuple[Section, Section]) -> None:
    model = made(parts)
    expected, gradients = learnt(model)
    found, mine = learnt(model, half=True)
    if parts[1]["name"] != "hard":  # rounding may turn a draw
        assert found == pytest.approx(expected, rel=0.05)
    assert mine.keys() == gradients.keys()
    for name, gradient in mine.items():
        assert gradient.dtype == torch.float32, name
        assert torch.isfinite(gradient).all(), name
