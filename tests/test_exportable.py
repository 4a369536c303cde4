"""What `torch.export` makes of each part: one graph for any batch and any lengths, with eager's numbers."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram, export
from torch.export._patches import register_gru_while_loop_decomposition, register_lstm_while_loop_decomposition

import tiny
from regard.build import names
from regard.model import EncoderDecoder
from regard.tensors import Tree, pad
from regard.types import EOS

FEW = [[4, 5, 6, 7, 8, EOS], [9, EOS], [16, 3, EOS]]
MANY = [[4, EOS], [5, 6, 7, 8, 9, 10, 11, 12, EOS], [EOS], [13, 14, EOS], [15, EOS], [16, EOS], [4, 4, EOS]]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")


def leaves(tree: Tree) -> list[Tensor]:
    """The tensors of a tree, one after the other, as a back end without Python holds them."""
    found: list[Tensor] = []
    tree.map(lambda tensor: found.append(tensor.contiguous()) or tensor)  # type: ignore[func-returns-value]
    return found


def like(tree: Tree, tensors: Iterator[Tensor]) -> Tree:
    """A tree of the same shape of other tensors."""
    return tree.map(lambda _: next(tensors))


class Start(nn.Module):
    """Source ids -> the first state, which holds the memory."""

    def __init__(self, model: EncoderDecoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, source: Tensor) -> list[Tensor]:
        return leaves(self.model.decoder.start(self.model.encoder(source)))


class Step(nn.Module):
    """One token for each chosen row of a state."""

    def __init__(self, model: EncoderDecoder, state: Tree) -> None:
        super().__init__()
        self.model, self.state = model, state

    def forward(self, token: Tensor, parents: Tensor, *state: Tensor) -> list[Tensor]:
        before = like(self.state, iter(state)).select(parents)
        features, after, read = self.model.decoder(token, before)
        return [features, read.weights, *leaves(after)]


def states(model: EncoderDecoder, sources: list[list[int]], steps: int) -> Tree:
    """The state after some steps."""
    state = model.decoder.start(model.encoder(pad(sources)))
    for step in range(steps):
        state = model.decoder(torch.full((len(sources), 1), 4 + step), state)[1]
    return state


def same(program: ExportedProgram, eager: nn.Module, *given: Tensor) -> None:
    """The exported program computes what eager does."""
    for found, expected in zip(program.module()(*given), eager(*given), strict=True):
        torch.testing.assert_close(found, expected)


def exports_start(model: EncoderDecoder) -> None:
    """Captured with a few sources, it encodes any others; recurrent layers become loops, by PyTorch's own means."""
    module = Start(model)
    with ExitStack() as loops:
        loops.enter_context(register_lstm_while_loop_decomposition())
        loops.enter_context(register_gru_while_loop_decomposition())
        program = export(module, (pad(FEW),), dynamic_shapes=({0: Dim.DYNAMIC, 1: Dim.DYNAMIC},))
        for sources in (MANY, [[5, EOS]]):
            same(program, module, pad(sources))


def exports_step(model: EncoderDecoder) -> None:
    """Captured after some steps, it makes the first one and any other, for more rows, fewer, or the same twice."""
    few, many = states(model, FEW, 3), states(model, MANY, 5)
    module = Step(model, few)
    # A size that is not the same after other steps on other sources may be anything.
    free = [
        {axis: Dim.DYNAMIC for axis, (a, b) in enumerate(zip(one.shape, other.shape, strict=True)) if a != b}
        for one, other in zip(leaves(few), leaves(many), strict=True)
    ]
    example = (torch.tensor([[4], [5]]), torch.tensor([2, 0]), *leaves(few))
    program = export(module, example, dynamic_shapes=({0: Dim.DYNAMIC}, {0: Dim.DYNAMIC}, tuple(free)))
    for steps in (0, 1, 4):
        rows = torch.tensor([3, 1, 1, 0, 6])
        same(program, module, rows[:, None] + 4, rows, *leaves(states(model, MANY, steps)))


def exports(encoder: dict[str, Any], decoder: dict[str, Any], attention: dict[str, Any]) -> None:
    model = tiny.model(2.0, encoder=encoder, decoder=decoder, attention=attention)
    with torch.no_grad():
        exports_start(model)
        exports_step(model)


PAIRINGS = tiny.pairings()
ENCODERS, DECODERS = ([dict(t) for t in dict.fromkeys(tuple(pair[i].items()) for pair in PAIRINGS)] for i in (0, 1))
SIZES = {"size": 12, "heads": 3, "width": 2, "fertility": 2.0}
ATTENTIONS = [{"name": name, **tiny.taken("attention", name, SIZES)} for name in names("attention")]
REMEMBERING = [part for part in ATTENTIONS if part["name"] in ("coverage", "hard", "local_m", "location", "mocha")]
EACH_ONCE = list(zip(itertools.cycle(ENCODERS), DECODERS, REMEMBERING, strict=False))


def label(parts: tuple[dict[str, Any], ...]) -> str:
    return " + ".join(str(part["name"]) for part in parts)


@pytest.mark.parametrize("parts", EACH_ONCE, ids=label)
def test_every_encoder_and_every_decoder_is_exportable(parts: tuple[dict[str, Any], ...]) -> None:
    exports(*parts)


@pytest.mark.slow
@pytest.mark.parametrize("parts", PAIRINGS, ids=label)
def test_every_encoder_with_every_decoder_is_exportable(parts: tuple[dict[str, Any], ...]) -> None:
    exports(*parts, attention={"name": "multi_head", "size": 12, "heads": 3})


@pytest.mark.slow
@pytest.mark.parametrize("attention", ATTENTIONS, ids=tiny.label)
def test_every_attention_is_exportable(attention: dict[str, Any]) -> None:
    exports({"name": "recurrent", "size": 5}, {"name": "attend_then_step", "size": 2 * 5}, attention)
