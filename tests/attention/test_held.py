"""What training holds of attention: a number for each query and place, and no hidden layer for each such pair."""

import pytest
import torch
from torch import Tensor

import tiny
from regard.kernels.additive import CHUNK, Keys

STEPS, PLACES, SIZE = 6, 23, 64


@pytest.mark.parametrize("name", ["additive", "concat", "coverage", "location", "monotonic", "mocha"])
def test_no_hidden_layer_is_held_for_each_query_and_place(name: str) -> None:
    torch.manual_seed(1)
    part, query = tiny.attention({"name": name, "size": SIZE})
    memory, held = tiny.memory((1, PLACES, tiny.MEMORY)), dict[int, int]()

    def keep(tensor: Tensor) -> Tensor:
        held[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes() // tensor.element_size()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        read, _ = part.train()(torch.randn(1, STEPS, query, dtype=torch.float64), part.start(memory))
    read.weights.square().sum().backward()
    large = [count for count in held.values() if count >= PLACES * SIZE]
    assert sum(large) <= 2 * PLACES * SIZE  # the keys, of mocha twice, whatever the number of steps
    assert max(held.values()) < STEPS * PLACES * SIZE


def test_keys_of_one_step_are_held_as_they_are() -> None:
    given = torch.randn(1, CHUNK // 8 + 1, 8).bfloat16()
    keys = Keys(given, once=True)
    assert keys.exps.dtype == torch.float32
    keys.used()
    assert [name for name, value in vars(keys).items() if isinstance(value, Tensor)] == ["keys"]
    assert keys.keys.data_ptr() == given.data_ptr()
