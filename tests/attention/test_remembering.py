"""Attention that remembers where it looked, against its papers' equations, a step at a time."""

import numpy as np
import pytest
import torch

import by_hand
import tiny
from by_hand import Array
from regard.attention.coverage import Coverage
from regard.attention.location import Location
from regard.normalisers.softmax import Softmax

WIDTH, FILTERS = 2, 3


def array(parameter: torch.Tensor) -> Array:
    found: Array = parameter.detach().numpy()
    return found


@pytest.mark.parametrize("content", [True, False])
def test_location_adds_features_of_the_weights_before(content: bool) -> None:
    attention = Location(
        tiny.QUERY, tiny.MEMORY, Softmax(), size=tiny.KEYS, filters=FILTERS, width=WIDTH, content=content
    ).double()
    w, b_w, u, v = (array(p) for p in (*attention.query.parameters(), attention.place.weight, attention.energy.weight))
    states_to_keys = array(attention.memory.weight) if attention.memory else np.zeros((tiny.KEYS, tiny.MEMORY))
    filters, memory = array(attention.filters.weight)[:, 0], tiny.memory()
    queries = torch.randn(tiny.BATCH, tiny.STEPS, tiny.QUERY, dtype=torch.float64)
    read, _ = attention(queries, attention.start(memory))
    for b in range(tiny.BATCH):
        length, states = int(memory.mask[b].sum()), memory.states[b].numpy()
        before = {-1: 1.0}  # just before the source
        for t in range(tiny.STEPS):
            scores = []
            for s in range(length):
                seen = np.array([before.get(s + d, 0.0) for d in range(-WIDTH, WIDTH + 1)])
                hidden = w @ queries[b, t].numpy() + b_w + states_to_keys @ states[s] + u @ (filters @ seen)
                scores.append(float(v[0] @ np.tanh(hidden)))
            weights = by_hand.softmax(scores)
            before = dict(enumerate(weights))
            np.testing.assert_allclose(read.weights[b, t, :length].detach().numpy(), weights, atol=1e-12)
            context = sum(a * h for a, h in zip(weights, states, strict=False))
            np.testing.assert_allclose(read.context[b, t].detach().numpy(), context, atol=1e-12)


@pytest.mark.parametrize("fertility", [0.0, 3.0])
def test_coverage_adds_what_was_covered_and_charges_for_looking_twice(fertility: float) -> None:
    attention = Coverage(tiny.QUERY, tiny.MEMORY, Softmax(), size=tiny.KEYS, loss=0.5, fertility=fertility).double()
    w, b_w, u, w_c, v = (
        array(p)
        for p in (
            *attention.query.parameters(),
            attention.memory.weight,
            attention.covered.weight,
            attention.energy.weight,
        )
    )
    memory = tiny.memory()
    queries = torch.randn(tiny.BATCH, tiny.STEPS, tiny.QUERY, dtype=torch.float64)
    read, _ = attention(queries, attention.start(memory))
    assert read.loss is not None
    for b in range(tiny.BATCH):
        length, states = int(memory.mask[b].sum()), memory.states[b].numpy()
        needed = np.ones(length)
        if attention.needed:
            needed = fertility * by_hand.sigmoid(states[:length] @ array(attention.needed.weight)[0])
        covered = np.zeros(length)
        for t in range(tiny.STEPS):
            scores = [
                float(v[0] @ np.tanh(w @ queries[b, t].numpy() + b_w + u @ states[s] + w_c[:, 0] * c / n))
                for s, (c, n) in enumerate(zip(covered, needed, strict=True))
            ]
            weights = np.array(by_hand.softmax(scores))
            np.testing.assert_allclose(read.weights[b, t, :length].detach().numpy(), weights, atol=1e-12)
            assert float(read.loss[b, t].detach()) == pytest.approx(0.5 * np.minimum(weights, covered).sum())
            covered = covered + weights


def test_without_a_weight_coverage_has_no_loss() -> None:
    attention, memory = Coverage(tiny.QUERY, tiny.MEMORY, Softmax()).double(), tiny.memory()
    read, _ = attention(torch.randn(tiny.BATCH, 2, tiny.QUERY).double(), attention.start(memory))
    assert read.loss is None
