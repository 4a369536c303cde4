"""The graphs say what the model says: for any rows, any places, any step, and every kind of model."""

import itertools
from typing import Any

import numpy as np
import pytest

import tiny
from regard.build import names
from regard.decode.exported import Exported
from regard.decode.pytorch import PyTorch
from regard.decode.search import search
from regard.export.export import TOLERANCE, in_bytes, largest_difference, with_facts
from regard.export.graph import facts_of, graphs
from regard.model import EncoderDecoder
from regard.sections import Decode
from regard.types import EOS

SOURCES = [[4, 5, 6, 7, 8, EOS], [9, EOS], [EOS], [4] * 11 + [EOS], [13, 14, EOS]]
OPTIONS = Decode(beam=3, ratio=1.0, extra=3)
SIZES = {"size": 12, "heads": 3, "width": 2, "fertility": 2.0}
PAIRINGS = tiny.pairings()
ENCODERS, DECODERS = ([dict(t) for t in dict.fromkeys(tuple(pair[i].items()) for pair in PAIRINGS)] for i in (0, 1))
ATTENTIONS = [{"name": name, **tiny.taken("attention", name, SIZES)} for name in tiny.attentions()]
REMEMBERING = [part for part in ATTENTIONS if part["name"] in ("additive", "coverage", "local_m", "location", "mocha")]
EACH_ONCE = list(zip(itertools.cycle(ENCODERS), DECODERS, REMEMBERING, strict=False))


def label(parts: tuple[dict[str, Any], ...]) -> str:
    return " + ".join(str(part["name"]) for part in parts)


def exported(model: EncoderDecoder) -> Exported:
    return Exported(*in_bytes(with_facts(graphs(model), facts_of(model))))


def agrees(encoder: dict[str, Any], decoder: dict[str, Any], attention: dict[str, Any]) -> None:
    model = tiny.model(2.0, encoder=encoder, decoder=decoder, attention=attention)
    mine, graph = PyTorch(model), exported(model)
    for sources in (SOURCES, SOURCES[:1], SOURCES[2:3]):
        assert largest_difference(mine, graph, sources) < TOLERANCE
    found, expected = (search(backend, SOURCES, OPTIONS, nbest=3) for backend in (graph, mine))
    for a, b in zip(itertools.chain(*found), itertools.chain(*expected), strict=True):
        np.testing.assert_array_equal(a.tokens, b.tokens)
        np.testing.assert_allclose(a.log_probs, b.log_probs, atol=TOLERANCE)
        np.testing.assert_allclose(a.attention, b.attention, atol=TOLERANCE)
    forced = graph.force(SOURCES, [hypotheses[0].tokens.tolist() for hypotheses in found])
    for a, b in zip(forced, expected, strict=True):
        np.testing.assert_allclose(a.log_probs, b[0].log_probs, atol=TOLERANCE)
        np.testing.assert_allclose(a.attention, b[0].attention, atol=TOLERANCE)


@pytest.mark.parametrize("parts", tiny.few(EACH_ONCE, 2), ids=label)
def test_every_encoder_and_every_decoder_as_graphs(parts: tuple[dict[str, Any], ...]) -> None:
    agrees(*parts)


@pytest.mark.slow
@pytest.mark.parametrize("parts", PAIRINGS, ids=label)
def test_every_encoder_with_every_decoder_as_graphs(parts: tuple[dict[str, Any], ...]) -> None:
    agrees(*parts, attention={"name": "multi_head", "size": 12, "heads": 3})


@pytest.mark.slow
@pytest.mark.parametrize("attention", ATTENTIONS, ids=tiny.label)
def test_every_attention_as_graphs(attention: dict[str, Any]) -> None:
    agrees({"name": "recurrent", "size": 5}, {"name": "attend_then_step", "size": 2 * 5}, attention)


@pytest.mark.slow
@pytest.mark.parametrize("normaliser", names("normalisers"))
def test_every_normaliser_as_graphs(normaliser: str) -> None:
    model = tiny.model(2.0, normaliser={"name": normaliser})
    assert largest_difference(PyTorch(model), exported(model), SOURCES) < TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize(
    "option", [{"cell": "gru"}, {"layers": 2, "residual": True}, {"norm": True, "layers": 2}], ids=str
)
def test_other_choices_of_recurrent_parts_as_graphs(option: dict[str, Any]) -> None:
    agrees({"name": "recurrent", "size": 5, **option}, {"name": "between", "size": 10, **option}, {"name": "additive"})
