"""Several models as one, against means that are taken by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rules_by_hand as plain
import tiny
from regard.decode.backend import Ask
from regard.decode.ensemble import Ensemble
from regard.decode.pytorch import PyTorch
from regard.decode.search import rank, search
from regard.errors import ModelError, UsageError
from regard.sections import Decode
from regard.types import BOS, EOS, Hypothesis
from toy import Prefix, Toy

SOURCE = [4, 5, 4, 2]


class Mean(Toy):
    """A toy whose probabilities are the mean of two others'."""

    def log_probs(self, source: Prefix, prefix: Prefix):  # type: ignore[no-untyped-def]
        both = [np.exp(Toy(self.seed + i).log_probs(source, prefix).astype(np.float64)) for i in range(2)]
        return np.log(np.mean(both, axis=0)).astype(np.float32)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), nbest=st.integers(1, 5))
def test_two_models_are_searched_by_the_mean_of_their_probabilities(seed: int, nbest: int) -> None:
    options = Decode(beam=300, ratio=0.0, extra=4)
    (found,) = search(Ensemble([Toy(seed), Toy(seed + 1)], 6), [SOURCE], options, nbest)
    best = plain.best(Mean(seed), SOURCE, options)[:nbest]
    assert [rank(h, options) for h in found] == pytest.approx([value for value, _ in best], rel=1e-5)
    assert [h.tokens.tolist() for h in found] == [output for _, output in best]
    for hypothesis in found:
        same = Mean(seed).forced(SOURCE, hypothesis.tokens.tolist())
        np.testing.assert_allclose(hypothesis.log_probs, same.log_probs, atol=1e-5)
        np.testing.assert_allclose(hypothesis.attention, same.attention)


@pytest.mark.parametrize("options", [Decode(beam=1), Decode(beam=4), Decode(temperature=1.0, beam=4)], ids=str)
def test_a_model_twice_is_the_model(options: Decode) -> None:
    backend = PyTorch(tiny.model(3.0).double())
    twice = search(Ensemble([backend, backend], tiny.VOCABULARY), tiny.SOURCES, options, options.beam)
    for found, expected in zip(twice, search(backend, tiny.SOURCES, options, options.beam), strict=True):
        same(found, expected)


def test_given_targets_have_the_probabilities_that_a_search_would_give_them() -> None:
    ensemble = Ensemble([PyTorch(tiny.model(2.0).double()) for _ in range(3)], tiny.VOCABULARY)
    for source, found in zip(tiny.SOURCES, search(ensemble, tiny.SOURCES, Decode(beam=3), 3), strict=True):
        same(ensemble.force([source] * len(found), [h.tokens.tolist() for h in found]), found)


def same(found: list[Hypothesis], expected: list[Hypothesis]) -> None:
    assert [h.tokens.tolist() for h in found] == [h.tokens.tolist() for h in expected]
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a.log_probs, b.log_probs, atol=1e-5)
        np.testing.assert_allclose(a.attention, b.attention, atol=1e-6)


def test_a_step_tells_what_it_is_asked_and_keeps_what_is_banned_off_its_list() -> None:
    ensemble = Ensemble([Toy(1), Toy(2)], 6)
    asked = Ask(2, np.array([[EOS, BOS]]), np.array([[0, EOS], [0, 4]]))
    choices, _ = ensemble.step(np.array([BOS]), np.array([0]), ensemble.start([SOURCE]), asked)
    log_probs = Mean(1).log_probs(tuple(SOURCE), ())
    assert sorted(choices.tokens[0].tolist()) == [3, 5]
    np.testing.assert_allclose(choices.log_probs[0], log_probs[choices.tokens[0]], atol=1e-6)
    assert choices.log_probs[0, 0] >= choices.log_probs[0, 1]
    np.testing.assert_allclose(choices.wanted[0], log_probs[[EOS, BOS]], atol=1e-6)


def test_members_must_be_there_and_see_the_same_source() -> None:
    class Longer(Toy):
        def looked(self, source, prefix, places):  # type: ignore[no-untyped-def]
            return np.zeros(places + 1, np.float32)

    with pytest.raises(UsageError, match="An ensemble has no members; it wants at least one model"):
        Ensemble([], 6)
    with pytest.raises(ModelError, match=r"The members of an ensemble differ: arrays of \(1, 4\) and \(1, 5\)"):
        search(Ensemble([Toy(1), Longer(1)], 6), [SOURCE], Decode())
