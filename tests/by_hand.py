"""The papers' equations in plain NumPy, a vector at a time: what the fast versions are compared with."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x)."""
    return 1 / (1 + np.exp(-x))


def softmax(scores: Sequence[float]) -> list[float]:
    """e^score / sum of all e^score."""
    total = sum(np.exp(score) for score in scores)
    return [float(np.exp(score) / total) for score in scores]


def log_softmax(x: Array) -> Array:
    """The log of the softmax, over the last axis."""
    total: Array = np.exp(x).sum(-1, keepdims=True)
    return x - np.log(total)


def read(score: Callable[[Array, Array], float], query: Array, states: Array, length: int) -> tuple[Array, list[float]]:
    """One query's context and weights over the first `length` states; the other places are padding."""
    weights = softmax([score(query, states[s]) for s in range(length)])
    context = np.zeros(states.shape[1])
    for s in range(length):
        context = context + weights[s] * states[s]
    return context, weights + [0.0] * (len(states) - length)


def lstm(weights: Sequence[Array], x: Array, state: Array) -> Array:
    """One step (Hochreiter and Schmidhuber, 1997; Gers et al., 2000); the state is [h; c], the gates i, f, g, o."""
    w_input, w_hidden, b_input, b_hidden = weights
    h, c = np.split(state, 2)
    i, f, g, o = np.split(w_input @ x + b_input + w_hidden @ h + b_hidden, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return np.concatenate([sigmoid(o) * np.tanh(c), c])


def gru(weights: Sequence[Array], x: Array, h: Array) -> Array:
    """One step (Cho et al., 2014), with the reset gate on the hidden side of the candidate, as cuDNN has it."""
    w_input, w_hidden, b_input, b_hidden = weights
    (r_x, z_x, n_x), (r_h, z_h, n_h) = np.split(w_input @ x + b_input, 3), np.split(w_hidden @ h + b_hidden, 3)
    reset, update = sigmoid(r_x + r_h), sigmoid(z_x + z_h)
    return (1 - update) * np.tanh(n_x + reset * n_h) + update * h


STEP = {"lstm": lstm, "gru": gru}


def run(cell: str, weights: Sequence[Array], inputs: Array, size: int) -> Array:
    """The hidden states of a cell over a sequence, from zero."""
    state = np.zeros(2 * size if cell == "lstm" else size)
    states = []
    for x in inputs:
        state = STEP[cell](weights, x, state)
        states.append(state[:size])
    return np.array(states)
