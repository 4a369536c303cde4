"""Each attention against its paper's equation, written out in loops."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

import by_hand
import tiny
from by_hand import Array
from regard.attention import Attention
from regard.attention.additive import Additive
from regard.attention.concat import Concat
from regard.attention.cosine import Cosine
from regard.attention.dot import Dot
from regard.attention.general import General
from regard.attention.local_m import LocalM
from regard.attention.local_p import LocalP
from regard.attention.multi_head import MultiHead
from regard.attention.none import Nothing
from regard.attention.scaled_dot import ScaledDot
from regard.errors import ConfigError
from regard.normalisers.softmax import Softmax
from regard.normalisers.sparsemax import Sparsemax
from regard.tensors import Memory

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


def matrix(layer: torch.nn.Module) -> Array:
    found: Array = layer.get_parameter("weight").detach().numpy()
    return found


def test_scaled_dot_is_w_query_times_u_state_over_the_root_of_the_size() -> None:
    attention = ScaledDot(tiny.QUERY, tiny.MEMORY, Softmax(), size=tiny.KEYS).double()
    w, u = matrix(attention.query), matrix(attention.memory)
    same_as_by_hand(attention, lambda q, h: float((w @ q) @ (u @ h) / np.sqrt(tiny.KEYS)), tiny.QUERY)


def test_concat_is_v_tanh_of_w_query_beside_state() -> None:
    attention = Concat(tiny.QUERY, tiny.MEMORY, Softmax(), size=tiny.KEYS).double()
    w, v = matrix(attention.both), matrix(attention.energy)
    same_as_by_hand(attention, lambda q, h: float(v[0] @ np.tanh(w @ np.concatenate([q, h]))), tiny.QUERY)


def test_cosine_is_the_angle_times_a_strength() -> None:
    attention = Cosine(tiny.QUERY, tiny.MEMORY, Softmax()).double()
    w, strength = matrix(attention.memory), float(np.log1p(np.exp(attention.strength.item())))
    assert strength == pytest.approx(5.0, abs=1e-5)

    def score(q: Array, h: Array) -> float:
        return float(strength * (q @ w @ h) / np.sqrt((q @ q) * (w @ h) @ (w @ h)))

    same_as_by_hand(attention, score, tiny.QUERY)


def test_multi_head_reads_with_each_head_and_mixes() -> None:
    heads, size = 3, 15
    attention = MultiHead(tiny.QUERY, tiny.MEMORY, Softmax(), heads=heads, size=size).double()
    w_q, w_k, w_v, w_o = (matrix(m) for m in (attention.query, attention.memory, attention.value, attention.context))
    memory = tiny.memory()
    queries = torch.randn(tiny.BATCH, tiny.STEPS, tiny.QUERY, dtype=torch.float64)
    read, _ = attention(queries, attention.start(memory))
    for b, t in np.ndindex(tiny.BATCH, tiny.STEPS):
        length = int(memory.mask[b].sum())
        states, query, contexts, shown = memory.states[b].numpy()[:length], queries[b, t].numpy(), [], []
        for head in range(heads):
            part = slice(head * size // heads, (head + 1) * size // heads)
            scores = [float((w_q[part] @ query) @ (w_k[part] @ h)) / np.sqrt(size / heads) for h in states]
            shown.append(by_hand.softmax(scores))
            contexts.append(sum(a * (w_v[part] @ h) for a, h in zip(shown[-1], states, strict=True)))
        np.testing.assert_allclose(read.context[b, t].detach().numpy(), w_o @ np.concatenate(contexts), atol=1e-12)
        np.testing.assert_allclose(read.weights[b, t, :length].detach().numpy(), np.mean(shown, 0), atol=1e-12)


def test_multi_head_refuses_heads_that_do_not_divide_the_size() -> None:
    with pytest.raises(ConfigError, match="size is 13; it must be a multiple of heads, 4"):
        MultiHead(tiny.QUERY, tiny.MEMORY, Softmax(), size=13)


def local(scores: Array, centre: float, width: int, *, gaussian: bool, renormalise: bool) -> Array:
    """Luong et al., section 3.2, a place at a time."""
    inside = [s for s in range(len(scores)) if centre - width <= s <= centre + width]
    bell = {s: np.exp(-((s - centre) ** 2) / (2 * (width / 2) ** 2)) if gaussian else 1.0 for s in inside}
    total = sum(np.exp(scores[s]) for s in inside)
    weights = np.array([np.exp(scores[s]) / total * bell[s] if s in inside else 0.0 for s in range(len(scores))])
    found: Array = weights / weights.sum() if renormalise else weights
    return found


@pytest.mark.parametrize("gaussian", [False, True])
def test_local_m_looks_around_the_place_whose_turn_it_is(gaussian: bool) -> None:
    attention = LocalM(tiny.QUERY, tiny.MEMORY, Softmax(), width=1, gaussian=gaussian).double()
    w, memory = matrix(attention.memory), tiny.memory()
    queries = torch.randn(tiny.BATCH, 7, tiny.QUERY, dtype=torch.float64)  # more steps than places
    read, _ = attention(queries, attention.start(memory))
    for b, t in np.ndindex(tiny.BATCH, 7):
        length = int(memory.mask[b].sum())
        scores = np.array([float(queries[b, t].numpy() @ w @ h) for h in memory.states[b].numpy()[:length]])
        expected = local(scores, min(t, length - 1), 1, gaussian=gaussian, renormalise=True)
        np.testing.assert_allclose(read.weights[b, t, :length].detach().numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("renormalise", [False, True])
def test_local_p_predicts_where_to_look(renormalise: bool) -> None:
    attention = LocalP(tiny.QUERY, tiny.MEMORY, Softmax(), width=2, size=tiny.KEYS, renormalise=renormalise).double()
    w, w_p, v_p = matrix(attention.memory), matrix(attention.hidden), matrix(attention.place)
    memory = tiny.memory()
    queries = 3 * torch.randn(tiny.BATCH, tiny.STEPS, tiny.QUERY, dtype=torch.float64)
    read, _ = attention(queries, attention.start(memory))
    for b, t in np.ndindex(tiny.BATCH, tiny.STEPS):
        length, query = int(memory.mask[b].sum()), queries[b, t].numpy()
        centre = length * by_hand.sigmoid(v_p[0] @ np.tanh(w_p @ query))
        scores = np.array([float(query @ w @ h) for h in memory.states[b].numpy()[:length]])
        expected = local(scores, float(centre), 2, gaussian=True, renormalise=renormalise)
        np.testing.assert_allclose(read.weights[b, t, :length].detach().numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("name", tiny.attentions())
def test_long_sources_are_read_in_every_precision(name: str, kind: torch.dtype) -> None:
    """Half precision cannot name every place: no window may thereby be empty, no weight not a number."""
    attention, size = tiny.attention({"name": name, **tiny.taken("attention", name, {"heads": 1, "width": 1})})
    mask = torch.arange(601) < torch.tensor([601, 333])[:, None]
    states = torch.randn(2, 601, tiny.MEMORY, dtype=kind)
    memory = Memory(states, mask, states[:, 0])
    query = 9 * torch.randn(2, 5, size, dtype=kind)
    for training in (True, False):
        read, _ = attention.to(kind).train(training)(query, attention.start(memory))
        assert (read.weights.dtype, read.context.dtype) == (kind, kind)
        assert read.context.isfinite().all()
        assert not read.weights[1, :, 333:].any()


def test_the_last_place_is_in_a_window_around_the_end_in_half_precision() -> None:
    attention = LocalP(tiny.QUERY, tiny.MEMORY, Softmax(), width=1, size=tiny.KEYS).to(torch.bfloat16)
    torch.nn.init.constant_(attention.hidden.weight, 9.0)
    torch.nn.init.constant_(attention.place.weight, 9.0)
    states = torch.randn(1, 601, tiny.MEMORY, dtype=torch.bfloat16)
    memory = Memory(states, torch.ones(1, 601, dtype=torch.bool), states[:, 0])
    read, _ = attention(torch.ones(1, 1, tiny.QUERY, dtype=torch.bfloat16), attention.start(memory))
    assert read.weights[0, 0].nonzero().flatten().tolist() == [600]


def test_a_mechanism_without_scores_refuses_a_normaliser() -> None:
    with pytest.raises(ConfigError, match="sparsemax has no effect on the attention none"):
        Nothing(tiny.QUERY, tiny.MEMORY, Sparsemax())


def test_values_are_read_where_an_encoder_gives_them() -> None:
    memory, attention = tiny.memory(), General(tiny.QUERY, tiny.MEMORY, Softmax()).double()
    queries = torch.randn(tiny.BATCH, tiny.STEPS, tiny.QUERY, dtype=torch.float64)
    valued = replace(memory, values=torch.randn_like(memory.states))
    read, _ = attention(queries, attention.start(valued))
    torch.testing.assert_close(read.context, read.weights @ valued.values)
    torch.testing.assert_close(read.weights, attention(queries, attention.start(memory))[0].weights)


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
