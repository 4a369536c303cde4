"""Monotonic attention against the recursions of its papers, and against the ways that it averages over."""

import numpy as np
import pytest
import torch

import tiny
from by_hand import Array, sigmoid
from regard.attention.mocha import Mocha
from regard.attention.monotonic import Energy, Monotonic, first_place, stops
from regard.errors import ConfigError
from regard.normalisers.sigmoid import Sigmoid
from regard.normalisers.softmax import Softmax
from regard.tensors import Memory

STEPS, CHUNK = 4, 2


def energy(part: Energy, query: Array, state: Array) -> float:
    """Raffel et al., equation 16."""
    w, b = (p.detach().numpy() for p in part.query.parameters())
    v, u = part.direction.detach().numpy(), part.memory.weight.detach().numpy()
    offset = 0.0 if part.offset is None else part.offset.item()
    direction = v / np.sqrt((v**2).sum())
    return float(part.gain.item() * direction @ np.tanh(w @ query + u @ state + b) + offset)


def expected_stops(p: Array) -> Array:
    """Equations 8 and 9: q_j = (1 - p_{j-1}) q_{j-1} + before_j, weights_j = p_j q_j."""
    steps, places = p.shape
    before, found = np.eye(places)[0], np.zeros((steps, places))
    for t in range(steps):
        q = 0.0
        for j in range(places):
            q = (1 - p[t, j - 1]) * q + before[j] if j else before[j]
            found[t, j] = p[t, j] * q
        before = found[t]
    return found


def hard_stops(p: Array) -> Array:
    """Section 2.2: go on from where the last step stopped, to the first place with p above one half."""
    steps, places = p.shape
    found, place = np.zeros((steps, places)), 0
    for t in range(steps):
        while place < places and p[t, place] <= 0.5:
            place += 1
        if place < places:
            found[t, place] = 1.0
    return found


def in_chunks(stopped: Array, u: Array) -> Array:
    """Chiu and Raffel's sum over the chunks that a place is in."""
    steps, places = stopped.shape
    found = np.zeros((steps, places))
    for t, k in np.ndindex(steps, places):
        chunk = range(max(0, k - CHUNK + 1), k + 1)
        total = sum(np.exp(u[t, l]) for l in chunk)  # noqa: E741  the paper's letter
        for j in chunk:
            found[t, j] += stopped[t, k] * np.exp(u[t, j]) / total
    return found


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("training", [True, False])
def test_it_is_the_papers_recursion(chunked: bool, training: bool) -> None:
    sizes = tiny.QUERY, tiny.MEMORY, Softmax()
    attention = (
        Mocha(*sizes, size=tiny.KEYS, chunk=CHUNK, noise=0.0, offset=0.3)
        if chunked
        else Monotonic(*sizes, size=tiny.KEYS, noise=0.0, offset=0.3)
    )
    tiny.sharpened(attention, 3.0).double().train(training)
    memory = tiny.memory()
    queries = torch.randn(tiny.BATCH, STEPS, tiny.QUERY, dtype=torch.float64)
    read, _ = attention(queries, attention.start(memory))
    for b in range(tiny.BATCH):
        states = memory.states[b][memory.mask[b]].numpy()
        p = np.array([[sigmoid(np.array(energy(attention.stop, q, h))) for h in states] for q in queries[b].numpy()])
        expected = expected_stops(p) if training else hard_stops(p)
        if isinstance(attention, Mocha):
            u = np.array([[energy(attention.score, q, h) for h in states] for q in queries[b].numpy()])
            expected = in_chunks(expected, u)
        np.testing.assert_allclose(read.weights[b, :, : len(states)].detach().numpy(), expected, atol=1e-9)
        np.testing.assert_allclose(read.context[b].detach().numpy(), expected @ states, atol=1e-9)


def test_a_hard_step_never_goes_back_and_sees_nothing_behind_the_end() -> None:
    attention = tiny.sharpened(Monotonic(tiny.QUERY, tiny.MEMORY, Softmax(), offset=0.0), 3.0).double().eval()
    memory = tiny.memory((20, tiny.PLACES, tiny.MEMORY))
    weights = attention(torch.randn(20, 9, tiny.QUERY).double(), attention.start(memory))[0].weights
    stopped = weights.sum(-1)
    assert set(stopped.flatten().tolist()) == {0.0, 1.0}
    assert (stopped.diff(dim=1) <= 0).all()  # once behind the end, always behind it
    places = weights.argmax(-1).masked_fill(stopped == 0, tiny.PLACES)
    assert (places.diff(dim=1) >= 0).all()


def test_in_training_steps_go_on_where_the_state_stopped() -> None:
    attention = Monotonic(tiny.QUERY, tiny.MEMORY, Softmax(), noise=0.0).double().train()
    memory, queries = tiny.memory(), torch.randn(tiny.BATCH, 3, tiny.QUERY).double()
    whole = attention(queries, attention.start(memory))[0].weights
    first, state = attention(queries[:, :1], attention.start(memory))
    rest, _ = attention(queries[:, 1:], state)
    torch.testing.assert_close(torch.cat([first.weights, rest.weights], 1), whole)


def test_noise_is_for_training_only() -> None:
    attention, memory = Monotonic(tiny.QUERY, tiny.MEMORY, Softmax()).double(), tiny.memory()
    queries = torch.randn(tiny.BATCH, 3, tiny.QUERY).double()
    looks = [attention.train(mode)(queries, attention.start(memory))[0].weights for mode in (True, True, False, False)]
    assert not torch.equal(looks[0], looks[1])
    assert torch.equal(looks[2], looks[3])


@pytest.mark.parametrize("part", [Monotonic, Mocha])
def test_it_refuses_a_normaliser(part: type[Monotonic]) -> None:
    with pytest.raises(ConfigError, match=f"sigmoid has no effect on the attention {part.__name__.lower()}"):
        part(tiny.QUERY, tiny.MEMORY, Sigmoid())


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("kind", "error"), [(torch.float32, 2e-3), (torch.bfloat16, 2e-2)])
def test_long_sources_and_sure_steps_keep_their_precision(training: bool, kind: torch.dtype, error: float) -> None:
    """Four hundred places, of which some are passed as good as never and some as good as always."""
    energies = (9 * torch.randn(1, 30, 400)).to(kind).requires_grad_()
    states = torch.zeros(1, 400, 1, dtype=kind)
    memory = Memory(states, torch.ones(1, 400, dtype=torch.bool), states[:, 0])
    found = stops(energies, memory, first_place(memory), hard=not training)
    p = sigmoid(energies.detach().double().numpy()[0])
    expected = expected_stops(p) if training else hard_stops(p)
    assert found.dtype == kind
    np.testing.assert_allclose(found[0].detach().float().numpy(), expected, atol=error)
    if training:
        found.float().square().sum().backward()
        assert energies.grad is not None
        assert energies.grad.isfinite().all()
