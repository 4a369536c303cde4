"""Draws and diverse groups: the right shares, nothing outside of the set, the same by the same seed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import toy
from regard.decode.search import rank, search
from regard.sections import Decode
from regard.types import BOS, EOS, PAD
from toy import Prefix, Toy

quick = settings(max_examples=40, deadline=None, derandomize=True)
SOURCE = [4, 5, 4, 2]
toys = st.builds(Toy, seed=st.integers(0, 10**6), vocabulary=st.integers(4, 8), sharpness=st.sampled_from([0.3, 2.0]))
DRAWS = 4000


def drawn(backend: Toy, options: Decode, draws: int, source: Sequence[int] = SOURCE) -> list[list[int]]:
    return [hypothesis.tokens.tolist() for hypothesis in search(backend, [source], options, draws)[0]]


def shares(backend: Toy, prefix: Prefix, temperature: float, top_k: int = 0, top_p: float = 1.0) -> dict[int, float]:
    """The probability of each token that may be drawn, likeliest first."""
    p = np.exp(backend.log_probs(tuple(SOURCE), prefix).astype(np.float64) / temperature)
    p[[PAD, BOS]] = 0
    order = np.argsort(-p, kind="stable")[: top_k or len(p)]
    p = p[order] / p[order].sum()
    least = 1 + int(np.searchsorted(p.cumsum(), top_p))
    kept = {int(token): float(share) for token, share in zip(order[:least], p[:least], strict=True) if share}
    return {token: share / sum(kept.values()) for token, share in kept.items()}


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"), [(1.0, 0, 1.0), (0.5, 0, 1.0), (2.0, 3, 1.0), (1.0, 0, 0.8), (1.5, 4, 0.7)]
)
def test_tokens_are_drawn_as_often_as_they_are_likely(temperature: float, top_k: int, top_p: float) -> None:
    backend = Toy(11, vocabulary=8, sharpness=1.0)
    options = Decode(ratio=0.0, extra=3, temperature=temperature, top_k=top_k, top_p=top_p)
    outputs = drawn(backend, options, DRAWS)
    assert len(outputs) == DRAWS
    first = Counter(output[0] for output in outputs)
    likeliest = first.most_common(1)[0][0]
    second = Counter(output[1] for output in outputs if output[0] == likeliest and likeliest != EOS)
    for counted, prefix in ((first, ()), (second, (likeliest,))):
        total, expected = sum(counted.values()), shares(backend, prefix, temperature, top_k, top_p)
        assert set(counted) <= set(expected)
        chi = sum((counted[token] - total * p) ** 2 / (total * p) for token, p in expected.items())
        assert chi < 25  # 6 degrees of freedom at most: p > 0.0003; the seed is fixed


@quick
@given(backend=toys, temperature=st.sampled_from([0.5, 1.0, 3.0]), top_k=st.integers(0, 9), top_p=st.floats(0, 1))
def test_no_draw_leaves_its_set(backend: Toy, temperature: float, top_k: int, top_p: float) -> None:
    options = Decode(ratio=0.0, extra=4, temperature=temperature, top_k=top_k, top_p=top_p)
    for hypothesis in search(backend, [SOURCE], options, 20)[0]:
        toy.check(backend, SOURCE, hypothesis, 4)
        output = hypothesis.tokens.tolist()
        for step, token in enumerate(output[:3]):
            assert token in shares(backend, tuple(output[:step]), temperature, top_k, top_p + 1e-9)


@quick
@given(backend=toys, draws=st.integers(1, 5))
def test_little_temperature_few_tokens_or_little_probability_is_greedy(backend: Toy, draws: int) -> None:
    greedy = drawn(backend, Decode(beam=1, ratio=0.0, extra=6), 1)
    for changed in ({"temperature": 1e-9}, {"temperature": 2.0, "top_k": 1}, {"temperature": 2.0, "top_p": 0.0}):
        assert drawn(backend, replace(Decode(ratio=0.0, extra=6), **changed), draws) == greedy * draws


def test_a_draw_depends_on_the_seed_the_source_and_its_number_and_on_nothing_else() -> None:
    backend, options = Toy(7, sharpness=0.3), Decode(ratio=0.0, extra=9, temperature=1.0, beam=1)
    sources = [[4, 5, 2], [5, 4, 2], [4, 5, 2], [9, 9, 9, 9, 2]]
    found = search(backend, sources, options, 6)
    same = search(backend, sources[::-1], options, 6)[::-1]
    alone = [drawn(backend, options, 6, source) for source in sources]
    assert [[h.tokens.tolist() for h in one] for one in found] == alone
    assert [[h.tokens.tolist() for h in one] for one in same] == alone
    assert alone[0] == alone[2] != alone[1]
    assert len({tuple(output) for output in alone[0]}) > 1
    assert drawn(backend, options, 1)[0] in drawn(backend, options, 2)
    assert drawn(backend, replace(options, seed=2), 6) != drawn(backend, options, 6)


def test_what_is_drawn_is_given_best_first() -> None:
    options = Decode(ratio=0.0, extra=9, temperature=1.0)
    ranks = [rank(h, options) for h in search(Toy(7, sharpness=0.3), [SOURCE], options, 9)[0]]
    assert ranks == sorted(ranks, reverse=True)
    assert len(ranks) == 9


def plain_groups(backend: Toy, options: Decode, limit: int) -> list[list[int]]:
    """Diverse beam search as in the paper, one source, never stopping early."""
    width = options.beam // options.groups
    live: list[list[tuple[float, Prefix]]] = [[(0.0, ())] for _ in range(options.groups)]
    done: list[list[list[int]]] = [[] for _ in live]
    for step in range(1, limit + 1):
        said: Counter[int] = Counter()
        for group in range(options.groups):
            longer = []
            for score, prefix in live[group]:
                log_probs = backend.log_probs(tuple(SOURCE), prefix)
                for token in (EOS,) if step == limit else (EOS, *backend.words):
                    total = score + float(log_probs[token])
                    longer.append((total - options.diversity * said[token], total, (*prefix, token)))
            longer.sort(key=lambda candidate: -candidate[0])
            kept = longer[: width - len(done[group])]
            said.update(prefix[-1] for _, _, prefix in kept)
            done[group] += [list(prefix) for _, _, prefix in kept if prefix[-1] == EOS]
            live[group] = [(total, prefix) for _, total, prefix in kept if prefix[-1] != EOS]
    return [output for group in done for output in group]


@settings(quick, max_examples=80)
@given(
    backend=toys,
    limit=st.integers(1, 6),
    groups=st.integers(1, 4),
    size=st.integers(1, 3),
    diversity=st.sampled_from([0.0, 0.4, 2.0, 100.0]),
)
def test_groups_take_turns_and_avoid_each_other(
    backend: Toy, limit: int, groups: int, size: int, diversity: float
) -> None:
    options = Decode(beam=groups * size, groups=groups, diversity=diversity, ratio=0.0, extra=limit)
    (found,) = search(backend, [SOURCE], options, options.beam)
    expected = {tuple(output) for output in plain_groups(backend, options, limit)}
    assert {tuple(h.tokens.tolist()) for h in found} == expected
    assert len(found) == len(expected)
    ranks = [rank(h, options) for h in found]
    assert ranks == sorted(ranks, reverse=True)
    for hypothesis in found:
        toy.check(backend, SOURCE, hypothesis, limit)


def test_groups_begin_differently_where_it_is_worth_more_than_any_probability() -> None:
    options = Decode(beam=4, groups=4, diversity=100.0, ratio=0.0, extra=5)
    starts = [h.tokens[0] for h in search(Toy(3, vocabulary=8), [SOURCE], options, 4)[0]]
    assert len(set(starts)) == len(starts) == 4
