"""Additive scores in chunks: as the formula has them, for every chunking and size of the numbers."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from regard.kernels import additive
from regard.kernels.additive import additive_scores, reference


def inputs(rows: int, steps: int, places: int, size: int, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    shapes = ((rows, steps, size), (rows, places, size), (size,))
    return [torch.randn(shape, dtype=dtype, requires_grad=True) for shape in shapes]


sizes = st.tuples(*(st.integers(1, 5) for _ in range(4)))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(sizes=sizes, chunk=st.integers(1, 200), seed=st.integers(0, 99))
def test_it_is_the_reference_whatever_the_chunk(sizes: tuple[int, int, int, int], chunk: int, seed: int) -> None:
    torch.manual_seed(seed)
    leaves = inputs(*sizes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(additive, "CHUNK", chunk)
        found = additive_scores(*leaves)
        gradients = torch.autograd.grad(found.sin().sum(), leaves)
    expected = reference(*leaves)
    torch.testing.assert_close(found, expected)
    for mine, theirs in zip(gradients, torch.autograd.grad(expected.sin().sum(), leaves), strict=True):
        torch.testing.assert_close(mine, theirs)


def test_its_gradient_is_that_of_finite_differences() -> None:
    assert torch.autograd.gradcheck(additive_scores, inputs(2, 3, 4, 2))


@pytest.mark.parametrize("size", [1.0, 19.0, 30.0, 1e4])
def test_large_numbers_are_no_trouble(size: float) -> None:
    query, keys, energy = inputs(2, 3, 4, 5, torch.float32)
    leaves = [(query.detach() * size).requires_grad_(), (keys.detach() * size).requires_grad_(), energy]
    found, expected = additive_scores(*leaves), reference(*leaves)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    pairs = zip(torch.autograd.grad(found.sum(), leaves), torch.autograd.grad(expected.sum(), leaves), strict=True)
    for mine, theirs in pairs:
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


def test_queries_and_keys_of_half_precision_are_compared_in_single() -> None:
    query, keys, energy = (t.detach().bfloat16() for t in inputs(2, 3, 4, 5, torch.float32))
    leaves = [t.requires_grad_() for t in (query, keys, energy)]
    found = additive_scores(*leaves)
    assert found.dtype == torch.bfloat16
    expected = reference(*(t.float() for t in leaves))
    torch.testing.assert_close(found.float(), expected, rtol=2**-8, atol=1e-5)  # rounded once, at the end
    found.sum().backward()
    assert all(t.grad is not None and t.grad.dtype == torch.bfloat16 for t in leaves)


def test_what_is_kept_for_the_backward_pass_does_not_grow_with_queries_times_keys() -> None:
    leaves = inputs(2, 30, 40, 8)
    saved = []

    def note(tensor: Tensor) -> Tensor:
        saved.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        additive_scores(*leaves)
    assert max(saved) <= 2 * 40 * 8


def test_keys_of_many_places_leave_no_exponentials_behind_in_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[additive.Keys] = []
    init = additive.Keys.__init__

    def noted(self: additive.Keys, keys: Tensor, once: bool = False) -> None:
        init(self, keys, once)
        made.append(self)

    monkeypatch.setattr(additive.Keys, "__init__", noted)
    monkeypatch.setattr(additive, "CHUNK", 20)
    query, keys, energy = inputs(1, 3, 11, 2)
    scores = torch.cat([additive_scores(one, keys, energy) for one in query.split(1, 1)], 1)
    assert len(made) == 3
    assert not any("exps" in vars(one) for one in made)
    mine = torch.autograd.grad(scores.sin().sum(), [query, keys, energy])
    assert not any("exps" in vars(one) for one in made)
    theirs = torch.autograd.grad(reference(query, keys, energy).sin().sum(), [query, keys, energy])
    for one, other in zip(mine, theirs, strict=True):
        torch.testing.assert_close(one, other)
