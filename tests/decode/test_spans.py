"""Spans: the best one is that of brute force, and its score that of its two ends."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny
from regard.decode.constraint import Constraint
from regard.decode.ensemble import Ensemble
from regard.decode.exported import Exported
from regard.decode.pytorch import PyTorch
from regard.decode.search import search
from regard.decode.spans import LEAST, Passage, likeliest, log_shares, of_forced
from regard.decode.stream import stream
from regard.errors import ConfigError, UsageError
from regard.export.export import in_bytes, with_facts
from regard.export.graph import facts_of, graphs
from regard.objectives.cross_entropy import CrossEntropy
from regard.sections import Decode
from regard.tensors import Batch, pad
from regard.types import BOS, EOS, UNK, Copyable

V = tiny.VOCABULARY
OPTIONS = Decode(ratio=0.0, extra=3)


def passage(question: int, words: int) -> Passage:
    ids = (*range(4, 4 + question), BOS, *range(8, 8 + words), EOS)
    copies = (V + i if question < i < len(ids) - 1 else UNK for i in range(len(ids)))
    return Passage(ids, tuple(copies), V)


SOURCES = [passage(2, 5), passage(1, 1), passage(3, 4)]


def model(seed: int = 1, **sections: dict[str, object]) -> PyTorch:
    torch.manual_seed(seed)
    return PyTorch(tiny.model(3.0, output={"name": "span"}, **sections))


def brute(begin: np.ndarray, end: np.ndarray, longest: int) -> list[tuple[float, int, int]]:
    """Every span, best first; of equal ones the earlier, then the shorter."""
    found = [
        (-(begin[i] + end[j]), i, j)
        for i in range(len(begin))
        for j in range(i, min(len(begin), i + longest))
        if begin[i] + end[j] > -np.inf
    ]
    return sorted(found)


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(1, 14), st.integers(1, 6), st.integers(0, 10_000))
def test_the_best_spans_are_those_of_brute_force(places: int, longest: int, number: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    begin, end = (np.round(random.normal(size=places), 1) for _ in range(2))  # rounded, so that some are equal
    outside = random.random(places) < 0.2
    begin[outside] = end[outside] = -np.inf
    expected = [(i, j) for _, i, j in brute(begin, end, longest)]
    assert likeliest(begin, end, longest, number) == expected[:number]


@pytest.mark.parametrize("encoder", ["recurrent", "flow"])
@pytest.mark.parametrize("decoder", ["attend_then_step", "step_then_attend", "transformer"])
def test_a_search_finds_the_likeliest_span_of_all(encoder: str, decoder: str) -> None:
    section = {"name": decoder, **tiny.taken("decoders", decoder, tiny.DECODERS)}
    backend = model(encoder={"name": encoder, "size": tiny.ENCODER, "dropout": 0.0}, decoder=section)
    for source, found in zip(SOURCES, search(backend, SOURCES, OPTIONS, 4), strict=True):
        inside = [place for place, copy in enumerate(source.copies) if copy >= V]
        every = [(i, j) for i in inside for j in inside if i <= j < i + 3]
        forced = backend.force([source] * len(every), [[V + i, V + j] for i, j in every])
        best = sorted(zip(every, forced, strict=True), key=lambda one: -one[1].score)[:4]
        for hypothesis, ((first, last), other) in zip(found, best, strict=True):
            assert hypothesis.tokens.tolist() == [*range(V + first, V + last + 1), EOS]
            assert hypothesis.score == pytest.approx(other.score, abs=1e-5)
            same = of_forced(source, other)
            np.testing.assert_allclose(hypothesis.attention, same.attention, atol=1e-6)
            np.testing.assert_allclose(hypothesis.log_probs, same.log_probs, atol=1e-5)
            assert hypothesis.p_gen is not None
            assert not hypothesis.p_gen.any()


def test_the_ends_have_the_looks_and_what_is_between_looks_at_itself() -> None:
    ((best,),) = search(model(), SOURCES[:1], Decode(ratio=0.0, extra=5))
    first, last = (best.tokens[[0, -2]] - V).tolist()
    begin, end = (log_shares(SOURCES[0], row) for row in (best.attention[0], best.attention[-1]))
    assert best.log_probs[0] == pytest.approx(begin[first])
    assert best.log_probs[-1] == pytest.approx(end[last])
    np.testing.assert_array_equal(best.attention[1:-1], np.eye(len(SOURCES[0]))[first + 1 : last + 1])
    assert np.exp(begin).sum() == pytest.approx(1)


def test_neighbours_and_their_length_change_nothing() -> None:
    backend = model(encoder={"name": "flow", "size": tiny.ENCODER, "dropout": 0.0})
    for source, (together,) in zip(SOURCES, search(backend, SOURCES, OPTIONS), strict=True):
        ((alone,),) = search(backend, [source], OPTIONS)
        assert together.tokens.tolist() == alone.tokens.tolist()
        np.testing.assert_allclose(together.attention, alone.attention, atol=1e-6)


def test_a_stream_says_the_best_span() -> None:
    backend = model()
    ((best,),) = search(backend, SOURCES[:1], OPTIONS)
    assert [step.token for step in stream(backend, SOURCES[0], OPTIONS)] == best.tokens.tolist()


def test_members_point_together() -> None:
    one, other = model(1), model(2)
    found = search(Ensemble([one, other], V), SOURCES, OPTIONS)
    for row, (best,) in enumerate(found):
        looks = [backend.force([SOURCES[row]], [[V + 3, V + 3]])[0].attention for backend in (one, other)]
        np.testing.assert_allclose(best.attention[[0, -1]], sum(looks) / 2, atol=1e-6)


@pytest.mark.parametrize("encoder", tiny.few(["flow", "recurrent"], 1))
def test_the_graphs_point_where_the_model_does(encoder: str) -> None:
    backend = model(encoder={"name": encoder, "size": tiny.ENCODER, "dropout": 0.0})
    made = with_facts(graphs(backend.model), {**facts_of(backend.model), "weights": ""})
    for (best, *_), (same, *_) in zip(
        search(backend, SOURCES, OPTIONS), search(Exported(*in_bytes(made)), SOURCES, OPTIONS), strict=True
    ):
        assert best.tokens.tolist() == same.tokens.tolist()
        np.testing.assert_allclose(best.log_probs, same.log_probs, atol=1e-4)
        np.testing.assert_allclose(best.attention, same.attention, atol=1e-5)


def test_the_loss_is_that_of_the_two_places() -> None:
    backend = model()
    targets = [[V + 4, V + 6], [V + 2, V + 2], [V + 5, V + 7]]
    batch = Batch(pad([Copyable(s.ids, s.copies) for s in SOURCES]), pad(targets))
    scores = backend.model.score(batch)
    loss, count = backend.model(batch, CrossEntropy(smoothing=0.0))
    assert int(count) == 6
    torch.testing.assert_close(loss, -scores.sum())
    for row, (source, target) in enumerate(zip(SOURCES, targets, strict=True)):
        (forced,) = backend.force([source], [target])
        expected = [log_shares(source, look)[place - V] for look, place in zip(forced.attention, target, strict=True)]
        np.testing.assert_allclose(scores[row].detach(), expected, atol=1e-5)
    smoothed, _ = backend.model(batch, CrossEntropy(smoothing=0.4))
    looks = [backend.force([s], [t])[0].attention for s, t in zip(SOURCES, targets, strict=True)]
    means = [
        [log_shares(s, row)[np.array(s.copies) >= V].mean() for row in look]
        for s, look in zip(SOURCES, looks, strict=True)
    ]
    torch.testing.assert_close(smoothed, 0.6 * loss - 0.4 * torch.tensor(means).sum().float(), rtol=1e-4, atol=1e-4)


def test_gradients_reach_all_but_what_generates() -> None:
    backend = model(encoder={"name": "flow", "size": tiny.ENCODER, "dropout": 0.0})
    assert list(backend.model.output.parameters()) == []
    batch = Batch(pad(SOURCES), pad([[V + 4, V + 6], [V + 2, V + 2], [V + 5, V + 7]]))
    loss, _ = backend.model(batch, CrossEntropy())
    loss.backward()
    still = {name for name, p in backend.model.named_parameters() if p.grad is None or not p.grad.any()}
    assert still <= {"decoder.readout.weight", "decoder.readout.bias"}  # features: nothing is made of them


def test_what_cannot_be_asked_of_a_span_is_refused() -> None:
    for options, constraints in ((Decode(temperature=1.0), None), (OPTIONS, [Constraint(forbidden=((V + 4,),))])):
        with pytest.raises(UsageError, match="none can be drawn, and no words asked for"):
            search(model(), SOURCES[:1], options, constraints=constraints)
    with pytest.raises(ConfigError, match=r"nothing looks nowhere|looks nowhere"):
        model(attention={"name": "none"})
    with pytest.raises(UsageError, match=r"decode.shortlist"):
        model().model.output.log_probs_among(torch.zeros(1, 1), torch.tensor([4]), torch.ones(1, 1).bool())


def test_attention_that_is_nowhere_near_costs_a_finite_amount() -> None:
    source = SOURCES[0]
    look = np.zeros(len(source), np.float32)
    look[0] = 1.0  # all at the question
    inside = np.array(source.copies) >= V
    shares = log_shares(source, look)
    assert (shares[inside] == 0).all() or np.isfinite(shares[inside]).all()
    assert (shares[~inside] == -np.inf).all()
    assert LEAST > 0
