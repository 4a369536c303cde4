"""A model that copies, as graphs: words of the source, p_gen, and shared memories."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch

import tiny
from regard.build import find, names
from regard.decode.exported import Exported
from regard.decode.pytorch import PyTorch
from regard.decode.search import search
from regard.errors import UsageError
from regard.export.export import TOLERANCE, in_bytes, largest_difference, with_facts
from regard.export.graph import facts_of, graphs
from regard.model import EncoderDecoder
from regard.outputs import Copying
from regard.sections import Decode
from regard.types import EOS, UNK, Copyable

V = tiny.VOCABULARY
LONG = Copyable((*[UNK, 5] * 4, EOS), (*[V, 5] * 4, EOS))
SOURCES = [*tiny.COPYABLE, LONG, Copyable((EOS,), (EOS,))]
OPTIONS = Decode(beam=3, ratio=1.0, extra=3)
COPYING = [name for name in names("outputs") if issubclass(find("outputs", name), Copying)]
ATTENTIONS = [{"name": "additive", "size": 7}, {"name": "coverage", "size": 7}, {"name": "multi_head", "size": 12}]
ONCE = list(zip(itertools.cycle(COPYING), tiny.WRITERS, strict=False))
REST = sorted({*itertools.product(COPYING, tiny.WRITERS)} - {*ONCE})


def exported(model: EncoderDecoder) -> Exported:
    return Exported(*in_bytes(with_facts(graphs(model), facts_of(model))))


def agrees(model: EncoderDecoder) -> None:
    with torch.no_grad():  # let it copy now and then
        model.output.logits.bias -= 8.0
        for name, weight in model.output.named_parameters():
            if name == "gate.bias":
                weight -= 2.0
    mine, graph = PyTorch(model), exported(model)
    for sources in (SOURCES, SOURCES[:1], SOURCES[4:]):
        assert largest_difference(mine, graph, sources) < TOLERANCE
    found, expected = (search(backend, SOURCES, OPTIONS, nbest=3) for backend in (graph, mine))
    copied = 0
    for a, b in zip(itertools.chain(*found), itertools.chain(*expected), strict=True):
        np.testing.assert_array_equal(a.tokens, b.tokens)
        for one, other in ((a.log_probs, b.log_probs), (a.attention, b.attention), (a.p_gen, b.p_gen)):
            assert one is not None
            assert other is not None
            np.testing.assert_allclose(one, other, atol=TOLERANCE)
        copied += int((a.tokens >= V).sum())
    assert copied
    targets = [*tiny.COPIED, [V, 5, EOS], [EOS]]
    for a, b in zip(graph.force(SOURCES, targets), mine.force(SOURCES, targets), strict=True):
        np.testing.assert_allclose(a.log_probs, b.log_probs, atol=TOLERANCE)
        assert a.p_gen is not None
        assert a.p_gen.shape == a.tokens.shape
    with pytest.raises(UsageError, match="its sources want the ids"):
        graph.start(tiny.SOURCES)


@pytest.mark.parametrize("parts", tiny.few([*ONCE, *REST], 2), ids="-".join)
def test_every_output_that_copies_with_every_decoder(parts: tuple[str, str]) -> None:
    output, decoder = parts
    part = {"name": decoder, **tiny.taken("decoders", decoder, tiny.DECODERS)}
    agrees(tiny.model(2.0, output={"name": output}, decoder=part, attention=ATTENTIONS[0]))


@pytest.mark.slow
@pytest.mark.parametrize("attention", ATTENTIONS[1:], ids=tiny.label)
def test_a_pointer_with_attention_that_shares_no_memory(attention: dict[str, Any]) -> None:
    agrees(tiny.model(2.0, output={"name": "pointer"}, attention=attention))
