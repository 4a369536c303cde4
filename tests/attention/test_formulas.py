"""Each attention against its paper's equation, written out in loops."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

import by_hand
import tiny
from by_hand import Array
from regard.attention import Attention
from regard.attention.additive import Additive
from regard.attention.dot import Dot
from regard.attention.general import General
from regard.attention.none import Nothing
from regard.errors import ConfigError
from regard.normalisers.softmax import Softmax

Score = Callable[[Array, Array], float]


def same_as_by_hand(attention: Attention, score: Score, query_size: int) -> None:
    memory = tiny.memory()
    queries = torch.randn(tiny.BATCH, tiny.STEPS, query_size, dtype=torch.float64)
    read, _ = attention(queries, attention.start(memory))
    for b in range(tiny.BATCH):
        length = int(memory.mask[b].sum())
        for t in range(tiny.STEPS):
            context, weights = by_hand.read(score, queries[b, t].numpy(), memory.states[b].numpy(), length)
            np.testing.assert_allclose(read.weights[b, t].detach().numpy(), weights, atol=1e-12)
            np.testing.assert_allclose(read.context[b, t].detach().numpy(), context, atol=1e-12)


def test_additive_is_v_tanh_of_query_and_state() -> None:
    attention = Additive(tiny.QUERY, tiny.MEMORY, Softmax(), size=tiny.KEYS).double()
    w, u, v = (layer.weight.detach().numpy() for layer in (attention.query, attention.memory, attention.energy))

    def score(query: Array, state: Array) -> float:
        return sum(float(v[0, k] * np.tanh(w[k] @ query + u[k] @ state)) for k in range(tiny.KEYS))

    same_as_by_hand(attention, score, tiny.QUERY)


def test_general_is_query_w_state() -> None:
    attention = General(tiny.QUERY, tiny.MEMORY, Softmax()).double()
    w = attention.memory.weight.detach().numpy()
    same_as_by_hand(attention, lambda query, state: float(query @ w @ state), tiny.QUERY)


def test_dot_is_query_times_state() -> None:
    attention = Dot(tiny.MEMORY, tiny.MEMORY, Softmax())
    same_as_by_hand(attention, lambda query, state: float(sum(q * h for q, h in zip(query, state, strict=True))), 11)


def test_dot_refuses_sizes_that_differ_and_says_what_to_do() -> None:
    with pytest.raises(ConfigError, match=r"state \(7\) with the encoder's \(11\): make them equal .* or use general"):
        Dot(tiny.QUERY, tiny.MEMORY, Softmax())


def test_none_gives_the_summary_to_every_query_and_looks_nowhere() -> None:
    memory, attention = tiny.memory(), Nothing(tiny.QUERY, tiny.MEMORY, Softmax())
    read, _ = attention(torch.randn(tiny.BATCH, tiny.STEPS, tiny.QUERY).double(), attention.start(memory))
    for t in range(tiny.STEPS):
        assert torch.equal(read.context[:, t], memory.summary)
    assert read.weights.shape == (tiny.BATCH, tiny.STEPS, tiny.PLACES)
    assert not read.weights.any()


def test_keys_are_made_once_for_a_whole_output() -> None:
    attention = Additive(tiny.QUERY, tiny.MEMORY, Softmax(), size=tiny.KEYS).double()
    made: list[object] = []
    attention.memory.register_forward_hook(lambda *call: made.append(call))
    state = attention.start(tiny.memory())
    for _ in range(3):
        _, state = attention(torch.randn(tiny.BATCH, 1, tiny.QUERY).double(), state)
    assert len(made) == 1
