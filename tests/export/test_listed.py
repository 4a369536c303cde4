"""A step that can choose among some tokens says, of these, what PyTorch says; of single precision and in bytes."""

import functools

import numpy as np
import pytest

import tiny
from regard.decode.backend import Ask
from regard.decode.constraint import FREE, Constraint
from regard.decode.engine import Engine
from regard.decode.exported import Exported
from regard.decode.pytorch import PyTorch
from regard.decode.shortlist import Among, Shortlist
from regard.errors import UsageError
from regard.export.export import in_bytes, in_eight_bits, with_facts
from regard.export.graph import Graphs, facts_of, graphs
from regard.export.listed import listed
from regard.export.shortlist import gather
from regard.model import EncoderDecoder
from regard.sections import Decode
from regard.types import BOS, EOS, Hypothesis
from toy import Toy

V = tiny.VOCABULARY
SOURCES = [[4, 5, 6, 7, 8, EOS], [9, EOS], [EOS], [4] * 11 + [EOS], [13, 14, EOS], [9, EOS]]
OWN = [FREE, Constraint(required=((15,), (16, 7))), FREE, Constraint(prefix=(14,)), FREE, FREE]
OPTIONS = Decode(beam=3, ratio=1.0, extra=4)
LIKELY = np.random.default_rng(1).integers(4, V, (V, 2)).astype(np.int32)
SHORTLIST = Shortlist(LIKELY, np.arange(5, dtype=np.int32), V, "")
FULL = Shortlist(LIKELY, np.arange(V, dtype=np.int32), V, "")
PARTS = [
    {},
    {"embedding": {"tied": False, "shared": False, "size": 256}},  # so large that eight bits have it in bytes
    {"embedding": {"size": 256}, "attention": {"name": "coverage"}},  # rows that cannot share a memory
    {"embedding": {"size": 256}, "decoder": {"name": "transformer", "size": 6, "heads": 3, "feed": 7}},
]


@functools.cache
def usual() -> tuple[EncoderDecoder, Graphs]:
    """A model and its graphs, which take seconds to trace; read them only."""
    model = tiny.model(2.0)
    return model, graphs(model)


def exported(given: Graphs, model: EncoderDecoder) -> Exported:
    encoder, step = in_bytes(with_facts(Graphs(given.encoder, listed(given.step)), facts_of(model)))
    return Exported(encoder, step)


def both(model: EncoderDecoder, traced: Graphs) -> dict[str, Exported]:
    plain = with_facts(traced, facts_of(model))
    return {"int8": exported(in_eight_bits(plain, SOURCES, OPTIONS), model), "fp32": exported(plain, model)}


def same(one: list[Hypothesis], other: list[Hypothesis], apart: float = 1e-4) -> None:
    assert [h.tokens.tolist() for h in one] == [h.tokens.tolist() for h in other]
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a.log_probs, b.log_probs, atol=apart)
        np.testing.assert_allclose(a.attention, b.attention, atol=apart)


@pytest.mark.parametrize("parts", tiny.few(PARTS, 1), ids=str)
def test_a_listed_step_says_what_pytorch_says_and_what_it_says_alone(parts: dict[str, dict[str, object]]) -> None:
    model, traced = usual()
    if parts:
        model = tiny.model(2.0, **parts)
        traced = graphs(model)
    for name, graph in both(model, traced).items():
        found = Engine(graph, OPTIONS, shortlist=SHORTLIST).run(SOURCES, 2, OWN)
        for source, own, hypotheses in zip(SOURCES, OWN, found, strict=True):
            same(hypotheses, Engine(graph, OPTIONS, shortlist=SHORTLIST).run([source], 2, [own])[0])
            among = set(SHORTLIST.of([source], [own]).words.tolist())
            assert all(set(h.tokens.tolist()) <= among for h in hypotheses)
        assert found[3][0].tokens[0] == 14
        if name == "fp32":
            for one, other in zip(
                found, Engine(PyTorch(model), OPTIONS, shortlist=SHORTLIST).run(SOURCES, 2, OWN), strict=True
            ):
                same(one, other, apart=1e-3)
        free, full = (Engine(graph, OPTIONS, shortlist=given).run(SOURCES, 2) for given in (None, FULL))
        for one, other in zip(free, full, strict=True):
            same(one, other)


def test_a_step_without_a_list_is_what_it_was_and_targets_are_judged_among_all_tokens() -> None:
    model, plain = usual()
    with_list, without = exported(plain, model), Exported(*in_bytes(with_facts(plain, facts_of(model))))
    for one, other in zip(with_list.force(SOURCES, SOURCES), without.force(SOURCES, SOURCES), strict=True):
        np.testing.assert_array_equal(one.log_probs, other.log_probs)
    with pytest.raises(UsageError, match="exported without a shortlist: run `regard export MODEL --shortlist`"):
        without.start(SOURCES, SHORTLIST.of(SOURCES, OWN))


def test_what_is_asked_for_outside_of_the_list_has_no_probability() -> None:
    model, traced = usual()
    rows = np.arange(2)
    own = np.zeros((2, 6), np.bool_)
    own[0, :5], own[1, [0, 1, 2, 5]] = True, True
    among = Among(np.array([0, 1, 2, 4, 7, 9]), own)
    ask = Ask(9, np.array([[EOS, 4, 9, 16], [EOS, 4, 9, 16]]), np.array([[0, 7], [1, 12]]))
    for backend in (PyTorch(model), exported(traced, model)):
        choices, _ = backend.step(np.full(2, BOS), rows, backend.start(SOURCES[:2], among), ask)
        assert np.isfinite(choices.wanted).tolist() == [[True, True, False, False], [True, False, True, False]]
        offered = [set(t[np.isfinite(p)].tolist()) for t, p in zip(choices.tokens, choices.log_probs, strict=True)]
        assert offered == [{2, 4}, {2, 9}]


def test_what_is_banned_stays_off_the_list() -> None:
    model, traced = usual()
    mine, graph = PyTorch(model), Exported(*in_bytes(with_facts(traced, facts_of(model))))
    for backend in (mine, graph):
        assert Engine(backend, OPTIONS).run(SOURCES, 1)[0][0].tokens[-1] == EOS
    rows, start = np.arange(len(SOURCES)), np.ones(len(SOURCES), np.int64)
    first, _ = mine.step(start, rows, mine.start(SOURCES), Ask(4, rows[:, None]))
    banned = np.array([[0, first.tokens[0, 0]], [0, first.tokens[0, 2]], [3, first.tokens[3, 1]]])
    ask = Ask(2, np.full((len(SOURCES), 1), 9), banned)
    found, expected = (backend.step(start, rows, backend.start(SOURCES), ask)[0] for backend in (graph, mine))
    np.testing.assert_array_equal(found.tokens, expected.tokens)
    np.testing.assert_allclose(found.log_probs, expected.log_probs, atol=1e-5)
    np.testing.assert_allclose(found.wanted, expected.wanted, atol=1e-5)


class Looking(Toy):
    """Each target token looks at the source place of its own number alone, the end at the last."""

    def forced(self, source, target):  # type: ignore[no-untyped-def]
        looked = np.zeros((len(target), len(source)), np.float32)
        for t in range(len(target)):
            looked[t, min(t, len(source) - 1)] = 1
        return Hypothesis(np.array(target), np.zeros(len(target), np.float32), looked)


def test_a_table_holds_what_was_looked_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regard.export.shortlist.COMMON", 1)
    pairs = [([5, 6, EOS], [9, 7, EOS]), ([5, EOS], [7, EOS]), ([5, 6, EOS], [9, 10, EOS]), ([5, EOS], [7, EOS])]
    pairs += [([5, 4, EOS], [7, 8, EOS]), ([], [11, EOS])]
    found = gather(Looking(1, 12), pairs, (8, 12), "w", 2, shared=False)
    assert found.common.tolist() == [0, 1, 2, 3]  # the end is the most frequent
    assert found.likely[5].tolist() == [7, 9]
    assert found.likely[6].tolist() == [7, 10]
    assert found.likely[4].tolist() == [8, 0]
    assert not found.likely[7].any()
    shared = gather(Looking(1, 12), pairs, (12, 12), "w", 2, shared=True)
    assert shared.likely[4].tolist() == [8, 4]
    assert shared.likely[11].tolist() == [11, 0]
    monkeypatch.setattr("regard.export.shortlist.COMMON", 2)
    found = gather(Looking(1, 12), pairs, (8, 12), "w", 2, shared=False)
    assert found.common.tolist() == [0, 1, 2, 3, 7]
    assert found.likely[5].tolist() == [9, 0]
