"""A model as two graphs: source ids -> the first state, and (tokens, state) -> the best tokens and the next state."""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass

import onnx
import torch
from onnx import TensorProto, helper
from torch import Tensor, nn
from torch.export import Dim

from regard.attention import Attention, Looking, Soft
from regard.decode.exported import FIXED, MOVING
from regard.encoders import Seeing
from regard.export.merged import merged
from regard.export.tidied import tidied
from regard.model import EncoderDecoder, State
from regard.tensors import Tree, pad
from regard.types import EOS, UNK, Copyable

OPSET = 20
FEW, MANY = (3, 5), (4, 7)  # rows and places of two batches: a size that differs between them may be anything


@dataclass(frozen=True, slots=True)
class Graphs:
    """The encoder with all that is made once for a source, and one step of the decoder."""

    encoder: onnx.ModelProto
    step: onnx.ModelProto


class Start(nn.Module):
    """Source ids, or pixels -> the leaves of the first state, which holds the memory."""

    def __init__(self, model: EncoderDecoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, source: Tensor) -> list[Tensor]:
        """Encode."""
        return leaves(self.model.start(source))


class Step(nn.Module):
    """One token for each row; leaves of its state that steps change come from its parent, the others as they are."""

    def __init__(self, model: EncoderDecoder, state: State, moving: list[bool]) -> None:
        super().__init__()
        self.model, self.state, self.moving = model, state, moving

    def forward(self, tokens: Tensor, parents: Tensor, *given: Tensor) -> list[Tensor]:
        """Log probabilities of all tokens, where it looked, p_gen if it copies, boxes if it looks, and changed leaves.

        Tokens and parents are (B, R / B): the sources that are fixed, and the rows of each.
        """
        chosen = [
            leaf.index_select(0, parents.flatten()) if moves else leaf
            for leaf, moves in zip(given, self.moving, strict=True)
        ]
        features, read, after = self.model.step(tokens.reshape(-1, 1), like(self.state, iter(chosen)))
        changed = [leaf for leaf, moves in zip(leaves(after), self.moving, strict=True) if moves]
        log_probs, p_gen = self.model.output.predict(features[:, 0], read, after.copies)
        boxes = [] if read.boxes is None else [read.boxes[:, 0].reshape(features.shape[0], -1, 4)]
        return [log_probs, read.weights[:, 0], *([] if p_gen is None else [p_gen]), *boxes, *changed]


@torch.no_grad()
def graphs(model: EncoderDecoder) -> Graphs:
    """Trace both with examples; any number of rows and places may follow."""
    few, many = (_states(model, *sizes) for sizes in (FEW, MANY))
    moving = _moving(model, few[0])
    with _quiet():
        given = _sources(model, *FEW)
        shape = {0: Dim.DYNAMIC} if isinstance(model.encoder, Seeing) else {0: Dim.DYNAMIC, 1: Dim.DYNAMIC}
        encoder = _traced(Start(model), (given,), [shape], ["source"], _names(moving))
        # Traced after some steps: what grows with them has a size by then.
        shapes = [_free(one, other) for one, other in zip(*(leaves(states[1]) for states in (few, many)), strict=True)]
        sources = {0: Dim("sources", min=1)}
        shapes = [shape if moves else {**shape, **sources} for shape, moves in zip(shapes, moving, strict=True)]
        several = {1: Dim.DYNAMIC} if shares_memory(model) else {}
        rows = torch.tensor([[2, 0], [1, 1], [0, 2]] if several else [[2], [0], [1]])
        step = _traced(
            Step(merged(model), few[1], moving),
            (torch.full_like(rows, UNK), rows, *leaves(few[1])),
            [{**sources, **several}, {**sources, **several}, tuple(shapes)],
            ["tokens", "parents", *_names(moving)],
            ["all_log_probs", "attention", *_told(model), *_changed(moving)],
        )
    return Graphs(encoder, _choosing(tidied(step)))


def shares_memory(model: EncoderDecoder) -> bool:
    """Whether rows that follow each other may share a memory: where an attention keeps nothing of its own for a row."""
    kinds = [type(part) for part in model.decoder.modules() if isinstance(part, Attention)]
    return all(kind.forward is Soft.forward for kind in kinds)


def _told(model: EncoderDecoder) -> list[str]:
    """What a step of some models tells besides."""
    looks = any(isinstance(part, Looking) for part in model.decoder.modules())
    return [*(["p_gen"] if model.copies else []), *(["boxes"] if looks else [])]


def facts_of(model: EncoderDecoder) -> dict[str, str]:
    """What a back end must know of the graphs."""
    return {
        "vocabulary": str(model.output.vocabulary),
        "shared": str(shares_memory(model)),
        "copies": str(model.copies),
    }


def leaves(tree: Tree) -> list[Tensor]:
    """The tensors of a tree, one after the other, each as one block of memory."""
    return [tensor.contiguous() for tensor in _tensors(tree)]


def like(tree: State, tensors: Iterator[Tensor]) -> State:
    """A tree of the same shape of other tensors."""
    return tree.map(lambda _: next(tensors))


def _tensors(tree: Tree) -> list[Tensor]:
    found: list[Tensor] = []

    def take(tensor: Tensor) -> Tensor:
        found.append(tensor)
        return tensor

    tree.map(take)
    return found


def _moving(model: EncoderDecoder, state: State) -> list[bool]:
    """Which leaves a step changes; the others, the memory above all, are handed on as they are."""
    before = _tensors(state)
    after = _tensors(model.step(torch.full((before[0].shape[0], 1), UNK), state)[2])
    return [one is not other for one, other in zip(before, after, strict=True)]


def _names(moving: list[bool]) -> list[str]:
    return [f"{MOVING if moves else FIXED}{i}" for i, moves in enumerate(moving)]


def _changed(moving: list[bool]) -> list[str]:
    return [f"{name}_next" for name in _names(moving) if name.startswith(MOVING)]


def _states(model: EncoderDecoder, rows: int, places: int) -> tuple[State, State]:
    """The state before the first token, and after as many as there are rows."""
    first = state = model.start(_sources(model, rows, places))
    for _ in range(rows):
        state = model.step(torch.full((rows, 1), UNK), state)[2]
    return first, state


def _sources(model: EncoderDecoder, rows: int, places: int) -> Tensor:
    if isinstance(model.encoder, Seeing):
        side, channels = model.encoder.side, model.encoder.channels
        colours = torch.arange(rows * channels, dtype=torch.uint8).view(rows, 1, 1, channels)
        return colours.repeat(1, side, side, 1)
    texts = [[UNK] * (places - 1 - row) + [EOS] for row in range(rows)]
    return pad([Copyable(tuple(ids), tuple(ids)) for ids in texts] if model.copies else texts)


def _free(one: Tensor, other: Tensor) -> dict[int, object]:
    return {i: Dim.DYNAMIC for i, (a, b) in enumerate(zip(one.shape, other.shape, strict=True)) if a != b}


def _traced(
    module: nn.Module, given: tuple[Tensor, ...], shapes: list[object], inputs: list[str], outputs: list[str]
) -> onnx.ModelProto:
    program = torch.onnx.export(
        module.eval(),
        given,
        dynamo=True,
        dynamic_shapes=tuple(shapes),
        input_names=inputs,
        output_names=outputs,
        opset_version=OPSET,
        verbose=False,
    )
    assert program is not None
    traced: onnx.ModelProto = program.model_proto
    for node in traced.graph.node:  # where in the source code each came from: more than the graph itself
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    traced.graph.ClearField("value_info")
    used = {name for node in traced.graph.node for name in node.input}
    for output in traced.graph.output:  # the sizes of the examples do not always stay behind
        output.type.tensor_type.ClearField("shape")
    needed = [given for given in traced.graph.input if given.name in used]
    traced.graph.ClearField("input")
    traced.graph.input.extend(needed)
    return traced


def _choosing(step: onnx.ModelProto) -> onnx.ModelProto:
    """Behind the log probabilities: the k best of them, and those of the tokens that are wanted."""
    graph = step.graph
    graph.node.extend(
        [
            helper.make_node("TopK", ["all_log_probs", "k"], ["log_probs", "best"], axis=1, largest=1, sorted=1),
            helper.make_node("GatherElements", ["all_log_probs", "wanted"], ["wanted_log_probs"], axis=1),
        ]
    )
    graph.input.extend(
        [
            helper.make_tensor_value_info("k", TensorProto.INT64, [1]),
            helper.make_tensor_value_info("wanted", TensorProto.INT64, ["rows", "wanted"]),
        ]
    )
    kept = [output for output in graph.output if output.name != "all_log_probs"]
    graph.ClearField("output")
    graph.output.extend(
        [
            helper.make_tensor_value_info("best", TensorProto.INT64, ["rows", "k"]),
            helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, ["rows", "k"]),
            helper.make_tensor_value_info("wanted_log_probs", TensorProto.FLOAT, ["rows", "wanted"]),
            *kept,
        ]
    )
    return step


@contextmanager
def _quiet() -> Iterator[None]:
    """PyTorch's exporter tells its own story, which is none of the user's."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
