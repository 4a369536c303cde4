"""Several reads after each other, with every attention: the same promises as one read, and the paper's formula."""

from typing import Any

import pytest
import torch

import tiny
from regard.attention import Attention
from regard.attention.hard import Hard
from regard.attention.none import Nothing
from regard.decode.exported import Exported
from regard.decode.pytorch import PyTorch
from regard.export.export import TOLERANCE, in_bytes, largest_difference, with_facts
from regard.export.graph import facts_of, graphs
from regard.hops import Hops
from regard.model import EncoderDecoder
from regard.objectives.cross_entropy import CrossEntropy
from regard.tensors import Batch
from regard.types import EOS

SIZES = {"size": tiny.KEYS, "heads": 1, "width": 2, "fertility": 2.0, "loss": 1.0}
ATTENTIONS = [{"name": name, **tiny.taken("attention", name, SIZES)} for name in tiny.attentions()]
HOPS = 3


def hops(section: dict[str, Any]) -> tuple[Hops, int]:
    reads, size = [], 0
    for _ in range(HOPS):
        attention, size = tiny.attention(section)
        reads.append(attention)
    return Hops(size, tiny.MEMORY, reads).double(), size


@pytest.fixture(params=ATTENTIONS, ids=tiny.label)
def part(request: pytest.FixtureRequest) -> tuple[Hops, int]:
    several, size = hops(dict(request.param))
    return several.eval(), size


def queries(size: int) -> torch.Tensor:
    return torch.randn(tiny.BATCH, tiny.STEPS, size, dtype=torch.float64)


def test_each_read_moves_the_query_of_the_next(part: tuple[Hops, int]) -> None:
    several, size = part
    memory, query = tiny.memory(), queries(size)
    found, _ = several(query, several.start(memory))
    assert found.hops is not None
    contexts = []
    for k, read in enumerate(several.reads):
        alone, _ = read(query, read.start(memory))  # type: ignore[operator]
        contexts.append(alone.context)
        torch.testing.assert_close(found.hops[:, :, k], alone.weights)
        if k < HOPS - 1:
            query = query + alone.context @ several.moves[k].weight.T  # type: ignore[operator]
    torch.testing.assert_close(found.weights, alone.weights)
    torch.testing.assert_close(found.context, sum(contexts))


def test_many_queries_are_single_ones_after_each_other(part: tuple[Hops, int]) -> None:
    several, size = part
    memory, query = tiny.memory(), queries(size)
    whole, _ = several(query, several.start(memory))
    state = several.start(memory)
    for t in range(tiny.STEPS):
        read, state = several(query[:, t : t + 1], state)
        torch.testing.assert_close(read.weights, whole.weights[:, t : t + 1])
        torch.testing.assert_close(read.hops, whole.hops[:, t : t + 1])
        torch.testing.assert_close(read.context, whole.context[:, t : t + 1])


def test_what_reads_ask_of_training_is_added_up() -> None:
    several, size = hops({"name": "coverage", "size": 7, "loss": 0.5})
    memory, query = tiny.memory(), queries(size)
    total = torch.zeros(tiny.BATCH, tiny.STEPS, dtype=torch.float64)
    found, _ = several(query, several.start(memory))
    for k, read in enumerate(several.reads):
        alone, _ = read(query, read.start(memory))  # type: ignore[operator]
        total = total + alone.loss
        if k < HOPS - 1:
            query = query + several.moves[k](alone.context)
    torch.testing.assert_close(found.loss, total)


@pytest.mark.parametrize("attention", ATTENTIONS, ids=tiny.label)
def test_a_model_with_hops_learns_by_all_its_weights(attention: dict[str, Any]) -> None:
    config = tiny.config(attention=attention, reading={"hops": 2})
    model = EncoderDecoder(tiny.VOCABULARY, tiny.VOCABULARY, config).train()
    loss, _ = model(Batch(tiny.sources(), tiny.targets()), CrossEntropy())
    loss.backward()
    parts = [part for part in model.modules() if isinstance(part, Attention)]
    assert [type(part) for part in parts].count(Hops) == 1
    if isinstance(parts[1], Nothing | Hard):  # the one looks at nothing, of the other draws decide which half learns
        return
    still = [n for n, w in model.decoder.named_parameters() if "attention" in n and w.grad is None]
    assert still == []


# The hops of `glimpses` are its own looks.
@pytest.mark.parametrize(
    "decoder",
    [
        pytest.param(name, marks=() if name == "between" else pytest.mark.slow)
        for name in tiny.WRITERS
        if name != "glimpses"
    ],
)
def test_every_decoder_takes_hops_and_so_does_a_graph(decoder: str) -> None:
    part = {"name": decoder, **tiny.taken("decoders", decoder, tiny.DECODERS)}
    model = tiny.model(attention={"name": "additive", "size": 7}, reading={"hops": 2}, decoder=part)
    read = model.predict(Batch(tiny.sources(), tiny.targets())).read
    assert read.hops is not None
    assert read.hops.shape == (3, 4, 2, 5)
    torch.testing.assert_close(read.hops[:, :, -1], read.weights)
    graph = Exported(*in_bytes(with_facts(graphs(model), facts_of(model))))
    assert largest_difference(PyTorch(model), graph, [[4, 5, 6, EOS], [7, EOS]]) < TOLERANCE


def test_one_read_is_the_attention_itself() -> None:
    one, usual = tiny.model(reading={"hops": 1}), tiny.model()
    assert [name for name, _ in one.named_parameters()] == [name for name, _ in usual.named_parameters()]
