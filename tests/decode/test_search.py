"""The beam against exhaustive search, and against a plain beam of one source that never stops early."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import toy
from regard.decode.search import rank, search
from regard.sections import Decode
from regard.types import EOS
from toy import Toy

quick = settings(max_examples=40, deadline=None, derandomize=True)
penalties = st.sampled_from([0.0, 0.6, 1.0, 2.0])
toys = st.builds(
    Toy,
    seed=st.integers(0, 10**6),
    vocabulary=st.integers(5, 7),
    sharpness=st.sampled_from([0.1, 1.0, 4.0]),
    levels=st.sampled_from([0, 0, 1]),
)
SOURCE = [4, 5, 4, 2]


def decode(limit: int, beam: int, penalty: float) -> Decode:
    return Decode(beam=beam, length_penalty=penalty, ratio=0.0, extra=limit)


@quick
@given(backend=toys, limit=st.integers(1, 4), penalty=penalties, nbest=st.integers(1, 12))
def test_a_wide_beam_finds_the_true_n_best_in_order(backend: Toy, limit: int, penalty: float, nbest: int) -> None:
    options = decode(limit, 300, penalty)
    (found,) = search(backend, [SOURCE], options, nbest)
    best = toy.everything(backend, SOURCE, limit, penalty)[:nbest]
    assert [rank(h, options) for h in found] == pytest.approx([score for score, _ in best], rel=1e-6)
    assert len({tuple(h.tokens.tolist()) for h in found}) == len(found)
    for hypothesis in found:
        toy.check(backend, SOURCE, hypothesis, limit)


@quick
@given(backend=toys, limit=st.integers(1, 6), beam=st.integers(1, 5), penalty=penalties, data=st.data())
def test_stopping_early_never_changes_the_n_best(
    backend: Toy, limit: int, beam: int, penalty: float, data: st.DataObject
) -> None:
    backend, nbest = replace(backend, levels=0), data.draw(st.integers(1, beam))
    (found,) = search(backend, [SOURCE], decode(limit, beam, penalty), nbest)
    plain = toy.plain_beam(backend, SOURCE, beam, limit)
    plain.sort(key=lambda tokens: -toy.rank(backend, SOURCE, tokens, penalty))
    assert [h.tokens.tolist() for h in found] == plain[:nbest]


@quick
@given(backend=toys, limit=st.integers(1, 9), penalty=penalties)
def test_a_beam_of_one_takes_the_likeliest_token_each_time(backend: Toy, limit: int, penalty: float) -> None:
    ((found,),) = search(backend, [SOURCE], decode(limit, 1, penalty))
    walk: list[int] = []
    while EOS not in walk:
        log_probs = backend.log_probs(tuple(SOURCE), tuple(walk))
        allowed = [EOS, *backend.words] if len(walk) < limit - 1 else [EOS]
        walk.append(max(sorted(allowed), key=lambda token: log_probs[token]))
    assert found.tokens.tolist() == walk
    toy.check(backend, SOURCE, found, limit)


sources = st.lists(st.lists(st.integers(3, 9), min_size=1, max_size=5), min_size=1, max_size=5)


@quick
@given(backend=toys, sources=sources, beam=st.integers(1, 4), penalty=penalties, data=st.data())
def test_a_batch_is_each_source_alone_whatever_their_limits(
    backend: Toy, sources: list[list[int]], beam: int, penalty: float, data: st.DataObject
) -> None:
    nbest = data.draw(st.integers(1, beam))
    options = Decode(beam=beam, length_penalty=penalty, ratio=1.5, extra=1)
    for source, found in zip(sources, search(backend, sources, options, nbest), strict=True):
        (alone,) = search(backend, [source], options, nbest)
        assert len(found) == len(alone) >= 1
        for a, b in zip(found, alone, strict=True):
            np.testing.assert_array_equal(a.tokens, b.tokens)
            np.testing.assert_array_equal(a.log_probs, b.log_probs)
            np.testing.assert_array_equal(a.attention, b.attention)
            toy.check(backend, source, a, int(1.5 * len(source)) + 1)


@quick
@given(backend=toys, beam=st.integers(2, 6), penalty=penalties)
def test_the_n_best_differ_and_fall(backend: Toy, beam: int, penalty: float) -> None:
    options = decode(5, beam, penalty)
    (found,) = search(backend, [SOURCE], options, beam)
    ranks = [rank(h, options) for h in found]
    assert ranks == sorted(ranks, reverse=True)
    assert len({tuple(h.tokens.tolist()) for h in found}) == len(found) == beam


def test_stopping_early_saves_steps() -> None:
    steps: list[int] = []

    class Counting(Toy):
        def step(self, tokens, parents, state, ask):  # type: ignore[no-untyped-def]
            steps.append(len(tokens))
            return super().step(tokens, parents, state, ask)

    search(Counting(seed=1, sharpness=4.0), [SOURCE], decode(500, 3, 1.0))
    assert len(steps) < 100
    assert max(steps) <= 3


def test_finished_sources_are_searched_no_more() -> None:
    rows: list[set[tuple[int, ...]]] = []

    class Watching(Toy):
        def step(self, tokens, parents, state, ask):  # type: ignore[no-untyped-def]
            choices, state = super().step(tokens, parents, state, ask)
            rows.append({source for source, _ in state.rows})
            return choices, state

    options = Decode(beam=2, ratio=1.0, extra=0)
    search(Watching(seed=3), [[5, 2], [5, 6, 7, 8, 2]], options)
    assert rows[0] == {(5, 2), (5, 6, 7, 8, 2)}
    assert all((5, 2) not in seen for seen in rows[2:])


def test_a_limit_of_nothing_gives_an_end_sign_alone() -> None:
    ((found,),) = search(Toy(seed=1), [SOURCE], Decode(beam=3, ratio=0.0, extra=0))
    assert found.tokens.tolist() == [EOS]
    assert found.attention.shape == (1, len(SOURCE))


@pytest.mark.parametrize(("penalty", "winner"), [(0.0, 1), (1.0, 3)])
def test_the_length_penalty_decides_between_short_and_long(penalty: float, winner: int) -> None:
    class Two(Toy):
        """The end at once has probability .3; w w end has .55 each time: a lower product, a higher mean."""

        def log_probs(self, source, prefix):  # type: ignore[no-untyped-def]
            probabilities = np.full(6, 1e-3)
            probabilities[EOS], probabilities[3] = ((0.3, 0.55), (0.2, 0.55), (0.55, 0.2), (0.9, 0.1))[len(prefix)]
            return np.log(probabilities).astype(np.float32)

    ((found,),) = search(Two(seed=0), [SOURCE], decode(4, 4, penalty))
    assert len(found.tokens) == winner
    assert found.score == pytest.approx(np.log(0.3) if winner == 1 else 3 * np.log(0.55), rel=1e-5)
