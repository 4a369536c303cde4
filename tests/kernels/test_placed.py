"""Additive scores of places of which something is known: as the formula has them, and nothing large is kept."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from regard.kernels import placed
from regard.kernels.placed import placed_scores, recomputed, reference


def inputs(rows: int, steps: int, places: int, size: int, known: int) -> list[Tensor]:
    shapes = ((rows, steps, size), (rows, places, size), (rows, places, known), (size, known), (size,))
    return [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]


sizes = st.tuples(*(st.integers(1, 5) for _ in range(5)))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(sizes=sizes, chunk=st.integers(1, 200), seed=st.integers(0, 99))
def test_it_is_the_reference_whatever_the_chunk(sizes: tuple[int, int, int, int, int], chunk: int, seed: int) -> None:
    torch.manual_seed(seed)
    leaves = inputs(*sizes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(placed.CHUNK, "cpu", chunk)
        found = placed_scores(*leaves)
        gradients = torch.autograd.grad(found.sin().sum(), leaves)
    expected = reference(*leaves)
    torch.testing.assert_close(found, expected)
    for mine, theirs in zip(gradients, torch.autograd.grad(expected.sin().sum(), leaves), strict=True):
        torch.testing.assert_close(mine, theirs)


def test_its_gradient_is_that_of_finite_differences() -> None:
    query, keys, features, weight, energy = inputs(2, 3, 4, 2, 5)
    assert torch.autograd.gradcheck(placed_scores, (query, keys, features, weight, energy))
    assert torch.autograd.gradcheck(recomputed, (query, keys, energy))
    torch.testing.assert_close(recomputed(query, keys, energy), reference(query, keys, None, None, energy))


def test_what_is_kept_for_the_backward_pass_are_the_inputs() -> None:
    leaves = inputs(2, 30, 40, 8, 3)
    saved = []

    def note(tensor: Tensor) -> Tensor:
        saved.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        placed_scores(*leaves)
    assert max(saved) <= 2 * 40 * 8
