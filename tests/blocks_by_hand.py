"""Gehring et al. (2017) and Vaswani et al. (2017) in plain NumPy, a place at a time: what `blocks` is compared with."""

import numpy as np
from torch import nn

import by_hand
from by_hand import Array

HALF = np.sqrt(0.5)


def array(module: nn.Module, name: str = "weight") -> Array:
    """A parameter."""
    found: Array = module.get_parameter(name).detach().numpy()
    return found


def linear(layer: nn.Module, x: Array) -> Array:
    """W x + b, or x itself where no projection is needed."""
    if isinstance(layer, nn.Identity):
        return x
    moved: Array = array(layer) @ x + array(layer, "bias")
    return moved


def embedded(part: nn.Module, tokens: list[int], size: int) -> list[Array]:
    """Each token's vector, scaled, made `size` wide, plus its place's sinusoids."""
    table = array(part.get_submodule("embedding.table"))
    vectors = [table[token] * np.sqrt(table.shape[1]) for token in tokens]
    project = part.get_submodule("project")
    return [linear(project, vector) + sinusoid(place, size) for place, vector in enumerate(vectors)]


def sinusoid(place: int, size: int) -> Array:
    """PE(place, 2i) = sin(place / 10000^(2i / size)), PE(place, 2i + 1) = its cosine; section 3.5 of Vaswani et al."""
    found = np.zeros(size)
    for d in range(size):
        angle = place / 10_000 ** (2 * (d // 2) / size)
        found[d] = np.sin(angle) if d % 2 == 0 else np.cos(angle)
    return found


def gated_convolution(layer: nn.Module, window: list[Array]) -> Array:
    """One place: (W x + b) sigmoid(V x + c) of the places in its window; equation 1 of Dauphin et al. (2017)."""
    w, b = array(layer, "convolution.weight"), array(layer, "convolution.bias")
    both = b + sum(w[:, :, k] @ x for k, x in enumerate(window))
    values, gates = np.split(both, 2)
    gated: Array = values * by_hand.sigmoid(gates)
    return gated


def layer_norm(layer: nn.Module, x: Array) -> Array:
    """g (x - mean) / deviation + b (Ba et al., 2016)."""
    normed: Array = (x - x.mean()) / np.sqrt(x.var() + 1e-5)
    return array(layer) * normed + array(layer, "bias")


def self_attention(layer: nn.Module, x: Array, seen: list[Array], heads: int) -> Array:
    """One place reads what it sees: section 3.2 of Vaswani et al., a head at a time."""
    keys, values = zip(*(np.split(linear(layer.get_submodule("memory"), y), 2) for y in seen), strict=True)
    query, size = linear(layer.get_submodule("query"), x), len(x) // heads
    contexts = []
    for head in range(heads):
        part = slice(head * size, (head + 1) * size)
        weights = by_hand.softmax([float(query[part] @ key[part]) / np.sqrt(size) for key in keys])
        contexts.append(sum(weight * value[part] for weight, value in zip(weights, values, strict=True)))
    return linear(layer.get_submodule("context"), np.concatenate(contexts))


def feed_forward(layer: nn.Module, x: Array) -> Array:
    """max(0, x W1 + b1) W2 + b2, equation 2 of Vaswani et al."""
    return linear(layer.get_submodule("3"), np.maximum(linear(layer.get_submodule("0"), x), 0))
