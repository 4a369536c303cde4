"""Shortlists: a source chooses among its own tokens whoever its neighbours are, and can say what it must."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny
from regard.decode.backend import Ask, Backend
from regard.decode.constraint import FREE, Constraint
from regard.decode.engine import Engine
from regard.decode.ensemble import Ensemble
from regard.decode.pytorch import PyTorch
from regard.decode.shortlist import FILE, Shortlist
from regard.decode.stream import stream
from regard.errors import ModelError
from regard.sections import Decode
from regard.types import BOS, EOS, UNK, Hypothesis
from toy import Toy

V = 9
OPTIONS = Decode(beam=3, ratio=1.0, extra=3)
SOURCES = [[4, 5, EOS], [6, EOS], [7, 8, 4, EOS], [5, EOS], [4, 5, EOS]]
CONSTRAINTS = [FREE, Constraint(required=((7, 8),)), FREE, Constraint(prefix=(8, 4)), Constraint(forbidden=((4,),))]
SEARCHES = [
    Decode(beam=1, ratio=1.0, extra=3),
    OPTIONS,
    Decode(beam=4, groups=2, ratio=1.0, extra=3),
    Decode(beam=40, ratio=0.0, extra=3, no_repeat=1),
]


def table(rows: dict[int, list[int]], size: int = V, common: tuple[int, ...] = (0, 1, 2, 3)) -> Shortlist:
    likely = np.zeros((size, 3), np.int32)
    for token, yields in rows.items():
        likely[token, : len(yields)] = yields
    return Shortlist(likely, np.array(common, np.int32), size, "these weights")


LISTED = table({4: [5, 6], 5: [4], 6: [6], 7: [7, 8, 4], 8: [5]})
FULL = table({}, common=tuple(range(V)))


def same(one: list[Hypothesis], other: list[Hypothesis], exactly: bool = True) -> None:
    assert [h.tokens.tolist() for h in one] == [h.tokens.tolist() for h in other]
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a.log_probs, b.log_probs, atol=0 if exactly else 1e-5)
        np.testing.assert_allclose(a.attention, b.attention, atol=0 if exactly else 1e-6)


def test_a_list_is_what_the_source_yields_what_is_common_and_what_is_required() -> None:
    among = LISTED.of(SOURCES, CONSTRAINTS)
    own = [set(among.words[row].tolist()) - {0, 1, 2, 3} for row in among.own]
    assert own == [{5, 6, 4}, {6, 7, 8}, {7, 8, 4, 5, 6}, {4, 8}, {5, 6, 4}]
    assert among.words.tolist() == sorted({0, 1, 2, 3, 4, 5, 6, 7, 8})
    alone = LISTED.of(SOURCES[:1], CONSTRAINTS[:1])
    assert alone.words.tolist() == [0, 1, 2, 3, 4, 5, 6]
    places, known = alone.places(np.array([[6, 7], [0, 8]]))
    assert known.tolist() == [[True, False], [True, False]]
    assert alone.words[places[known]].tolist() == [6, 0]


@pytest.mark.parametrize("options", SEARCHES, ids=str)
@pytest.mark.parametrize("rows", [1, 2, 5])
def test_results_are_those_of_a_source_alone_and_hold_its_own_tokens_only(options: Decode, rows: int) -> None:
    found = Engine(Toy(3, V), options, rows=rows, shortlist=LISTED).run(SOURCES, 2, CONSTRAINTS)
    for source, constraint, hypotheses in zip(SOURCES, CONSTRAINTS, found, strict=True):
        same(hypotheses, Engine(Toy(3, V), options, shortlist=LISTED).run([source], 2, [constraint])[0])
        own = set(LISTED.of([source], [constraint]).words.tolist())
        assert hypotheses
        assert all(set(h.tokens.tolist()) <= own for h in hypotheses)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    yields=st.lists(st.lists(st.integers(UNK, V - 1), max_size=3), min_size=V, max_size=V),
    sources=st.lists(st.lists(st.integers(UNK, V - 1), min_size=1, max_size=3), min_size=1, max_size=5),
    temperature=st.sampled_from([0.0, 1.0]),
)
def test_no_table_and_no_neighbour_changes_what_a_source_gets(
    yields: list[list[int]], sources: list[list[int]], temperature: float
) -> None:
    shortlist = table(dict(enumerate(yields)))
    options = Decode(beam=3, ratio=1.0, extra=2, temperature=temperature)
    together = Engine(Toy(5, V), options, shortlist=shortlist).run(sources, nbest=2)
    for source, found in zip(sources, together, strict=True):
        same(found, Engine(Toy(5, V), options, shortlist=shortlist).run([source], nbest=2)[0])


@pytest.mark.parametrize("options", SEARCHES, ids=str)
def test_with_every_token_in_the_list_nothing_changes(options: Decode) -> None:
    size = tiny.VOCABULARY
    full = table({}, size, tuple(range(size)))
    backend = PyTorch(tiny.model(2.0))
    found, expected = (Engine(backend, options, shortlist=given).run(tiny.SOURCES, 2) for given in (full, None))
    for one, other in zip(found, expected, strict=True):
        same(one, other, exactly=False)


def test_what_is_required_is_reached_whatever_is_listed() -> None:
    nothing = table({})
    engine = Engine(Toy(1, V), Decode(beam=4, ratio=0.0, extra=6), shortlist=nothing)
    own = [Constraint(prefix=(8, 4), required=((7, 5),)), Constraint(required=((6,), (5, 4)))]
    first, second = (h[0].tokens.tolist() for h in engine.run(SOURCES[:2], 1, own))
    assert first[:2] == [8, 4]
    assert "7, 5" in str(first)
    assert "5, 4" in str(second)
    assert 6 in second


@pytest.mark.parametrize("make", [lambda model: PyTorch(model), lambda model: Ensemble([PyTorch(model)] * 2, 17)])
def test_probabilities_are_among_the_own_tokens(make: Any) -> None:
    model = tiny.model(2.0)
    backend: Backend[Any] = make(model)
    shortlist = table({4: [5, 6], 8: [9], 16: [4, 16]}, tiny.VOCABULARY)
    among = shortlist.of(tiny.SOURCES, [FREE] * 3)
    rows = np.arange(3)
    every = Ask(1, np.tile(np.arange(tiny.VOCABULARY), (3, 1)))
    start = np.full(3, BOS)
    free, _ = backend.step(start, rows, backend.start(tiny.SOURCES), every)
    listed, _ = backend.step(start, rows, backend.start(tiny.SOURCES, among), every)
    for row in rows:
        own = among.words[among.own[row]]
        inside = free.wanted[row, own]
        np.testing.assert_allclose(listed.wanted[row, own], inside - np.log(np.exp(inside).sum()), atol=1e-5)
        assert np.isneginf(np.delete(listed.wanted[row], own)).all()
    turned, _ = backend.step(start, rows[::-1].copy(), backend.start(tiny.SOURCES, among), every)
    np.testing.assert_allclose(turned.wanted, listed.wanted[::-1], atol=1e-5)


def test_a_stream_is_the_search() -> None:
    options = Decode(beam=1, ratio=1.0, extra=3)
    for source in SOURCES:
        expected = Engine(Toy(3, V), options, shortlist=LISTED).run([source])[0][0].tokens.tolist()
        assert [step.token for step in stream(Toy(3, V), source, options, LISTED)] == expected


def test_given_targets_are_judged_among_all_tokens() -> None:
    toy = Toy(3, V)
    forced = dict(Engine(toy, OPTIONS, shortlist=LISTED).force([[4, EOS]], [[8, EOS]]))
    np.testing.assert_array_equal(forced[0].log_probs, toy.own([4, EOS], [8, EOS]))


def test_a_file_gives_back_what_was_saved(tmp_path: Path) -> None:
    LISTED.save(tmp_path)
    found = Shortlist.load(tmp_path, "these weights", (V, V))
    np.testing.assert_array_equal(found.likely, LISTED.likely)
    np.testing.assert_array_equal(found.common, LISTED.common)
    assert (found.size, found.weights) == (V, "these weights")


def test_a_missing_or_foreign_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no shortlist.safetensors, which decode.shortlist = true asks for"):
        Shortlist.load(tmp_path, "these weights", (V, V))
    LISTED.save(tmp_path)
    with pytest.raises(ModelError, match="was made with other weights than the model's: run `regard export"):
        Shortlist.load(tmp_path, "others", (V, V))
    for sizes in ((V, V + 1), (V + 1, V)):
        with pytest.raises(ModelError, match="its tokens are not those of the model's vocabularies"):
            Shortlist.load(tmp_path, "these weights", sizes)


@pytest.mark.parametrize("left", [0, 5, 40, -1])
def test_a_damaged_file_is_refused(tmp_path: Path, left: int) -> None:
    LISTED.save(tmp_path)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:left])
    with pytest.raises(ModelError, match=r"shortlist.safetensors is damaged"):
        Shortlist.load(tmp_path, "these weights", (V, V))


@pytest.mark.parametrize(
    "tables",
    [
        {"likely": np.full((V, 2), V, np.int32)},
        {"likely": np.full((V, 2), -1, np.int32)},
        {"likely": np.zeros((V, 2), np.int64)},
        {"likely": np.zeros(V, np.int32)},
        {"common": np.zeros(0, np.int32)},
        {"other": np.zeros(3, np.int32), "likely": None},
    ],
    ids=str,
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, tables: dict[str, Any]) -> None:
    both = {"likely": LISTED.likely, "common": LISTED.common, **tables}
    kept = {name: found for name, found in both.items() if found is not None}
    facts = {"weights": "these weights", "vocabulary": str(V)}
    safetensors.numpy.save_file(kept, tmp_path / FILE, facts)
    with pytest.raises(ModelError, match=r"shortlist.safetensors is damaged"):
        Shortlist.load(tmp_path, "these weights", (V, V))
    safetensors.numpy.save_file(kept, tmp_path / FILE)
    with pytest.raises(ModelError, match=r"shortlist.safetensors is damaged"):
        Shortlist.load(tmp_path, "these weights", (V, V))
