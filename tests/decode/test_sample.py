"""Draws from a model's own distribution."""

from collections import Counter

import numpy as np
import pytest

import tiny
from regard.decode.pytorch import PyTorch
from regard.decode.sample import TOGETHER, sample
from regard.types import BOS, EOS, PAD


def test_luck_that_is_spread_evenly_draws_by_the_probabilities() -> None:
    model, count = tiny.model(3.0), 5000
    luck = np.full((1, count, 2), 0.5)
    luck[0, :, 0] = (np.arange(count) + 0.5) / count
    found = Counter(row[0] for row in sample(model, [tiny.SOURCES[0]], luck, [2]))
    firsts = [[token, EOS] for token in range(tiny.VOCABULARY) if token not in (PAD, BOS)]
    forced = PyTorch(model).force([tiny.SOURCES[0]] * len(firsts), firsts)
    p = np.exp([h.log_probs[0] for h in forced])
    for (token, _), share in zip(firsts, p / p.sum(), strict=True):
        assert found[token] == pytest.approx(count * share, abs=1.01)


@pytest.mark.parametrize("decoder", tiny.WRITERS)
def test_a_source_is_drawn_for_alone_as_among_others(decoder: str) -> None:
    options = tiny.taken("decoders", decoder, tiny.DECODERS)
    model = tiny.model(2.0, decoder={"name": decoder, **options}, attention={"name": "additive"})
    luck = np.random.default_rng(5).random((3, 4, 9))
    limits = [9, 4, 6]
    together = sample(model, tiny.SOURCES, luck, limits)
    alone = [
        sample(model, [source], luck[i : i + 1], [limit])
        for i, (source, limit) in enumerate(zip(tiny.SOURCES, limits, strict=True))
    ]
    assert together == [output for outputs in alone for output in outputs]
    for i, output in enumerate(together):
        assert output.index(EOS) == len(output) - 1 < limits[i // 4]
        assert not {PAD, BOS} & set(output)
    assert len({len(output) for output in together}) > 1


def test_steps_have_few_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    model, seen = tiny.model(2.0), []
    step = model.step
    monkeypatch.setattr(model, "step", lambda tokens, state: seen.append(len(tokens)) or step(tokens, state))
    sample(model, tiny.SOURCES, np.random.default_rng(5).random((3, 25, 9)), [9, 4, 6])
    assert {rows % TOGETHER for rows in seen} == {0}
    assert seen == sorted(seen, reverse=True)
    assert seen[0] == 96
