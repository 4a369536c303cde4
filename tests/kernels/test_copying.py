"""The loss of what is generated or copied: as its formula has it, for every chunking."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

import by_hand
from regard import kernels
from regard.kernels import cross_entropy
from regard.kernels.copying import copying_cross_entropy, reference

ROWS, SIZE, VOCABULARY = 7, 3, 5


def inputs(rows: int = ROWS, dtype: torch.dtype = torch.float64) -> tuple[list[Tensor], Tensor]:
    """Leaves, and targets of which some are not in the vocabulary."""
    shapes = ((rows, SIZE), (VOCABULARY, SIZE), (VOCABULARY,), (rows,), (rows,))
    x, weight, bias, share, copied = (torch.randn(shape, dtype=dtype) for shape in shapes)
    leaves = [t.requires_grad_() for t in (x, weight, bias, share - 1, copied - 2)]
    return leaves, torch.randint(VOCABULARY + 3, (rows,))


def arranged(leaves: list[Tensor], target: Tensor) -> tuple[Tensor, ...]:
    x, weight, bias, share, copied = leaves
    return x, weight, bias, target, share, copied


@pytest.mark.parametrize("joint", [False, True])
def test_it_is_the_formula(joint: bool) -> None:
    leaves, target = inputs()
    total, each = copying_cross_entropy(*arranged(leaves, target), joint=joint, smoothing=0.1)
    x, weight, bias, share, copied = (leaf.detach().numpy() for leaf in leaves)
    expected = []
    for row, y in enumerate(target.tolist()):
        logits = weight @ x[row] + bias
        log_q = by_hand.log_softmax(logits)
        if joint:
            generated = math.exp(logits[y]) if y < VOCABULARY else 0.0
            p = (generated + math.exp(copied[row])) / (np.exp(logits).sum() + math.exp(share[row]))
        else:
            generated = math.exp(share[row]) * math.exp(log_q[y]) if y < VOCABULARY else 0.0
            p = generated + math.exp(copied[row])
        expected.append(-0.9 * math.log(p) - 0.1 * sum(log_q) / VOCABULARY)
    np.testing.assert_allclose(each.numpy(), expected)
    assert float(total.detach()) == pytest.approx(sum(expected))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    joint=st.booleans(),
    smoothing=st.sampled_from([0.0, 0.1, 1.0]),
    chunk=st.integers(1, 40),
    rows=st.integers(1, 9),
    valued=st.booleans(),
    seed=st.integers(0, 99),
)
def test_it_is_the_reference_whatever_the_chunk(
    joint: bool, smoothing: float, chunk: int, rows: int, valued: bool, seed: int
) -> None:
    torch.manual_seed(seed)
    leaves, target = inputs(rows)
    worth = torch.randn(rows, dtype=torch.float64) if valued else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cross_entropy, "CHUNK", chunk)
        patch.setattr(cross_entropy, "ROUND", 2)
        total, each = copying_cross_entropy(*arranged(leaves, target), joint=joint, smoothing=smoothing, worth=worth)
    expected, alone = reference(*arranged(leaves, target), joint=joint, smoothing=smoothing, worth=worth)
    torch.testing.assert_close(total, expected)
    torch.testing.assert_close(each, alone)
    for mine, theirs in zip(
        torch.autograd.grad(3 * total, leaves), torch.autograd.grad(3 * expected, leaves), strict=True
    ):
        torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize("joint", [False, True])
def test_its_gradient_is_that_of_finite_differences(joint: bool) -> None:
    leaves, target = inputs()
    assert (target >= VOCABULARY).any()
    assert torch.autograd.gradcheck(
        lambda *given: copying_cross_entropy(*arranged(list(given), target), joint=joint, smoothing=0.1)[0], leaves
    )


@pytest.mark.parametrize("joint", [False, True])
def test_in_half_precision_it_is_near(joint: bool) -> None:
    torch.manual_seed(0)
    given = torch.randn(40, 64), torch.randn(100, 64) / 8, torch.zeros(100), -torch.rand(40), -1 - torch.rand(40)
    leaves, target = [t.requires_grad_() for t in given], torch.randint(110, (40,))
    expected, _ = reference(*arranged(leaves, target), joint=joint, smoothing=0.1)
    with torch.autocast("cpu", torch.bfloat16):
        total, each = copying_cross_entropy(*arranged(leaves, target), joint=joint, smoothing=0.1)
    assert each.dtype == torch.float32
    torch.testing.assert_close(total, expected, rtol=5e-3, atol=0.0)
    for mine, theirs in zip(torch.autograd.grad(total, leaves), torch.autograd.grad(expected, leaves), strict=True):
        assert mine.dtype == torch.float32
        assert (mine - theirs).norm() < 0.02 * theirs.norm()


@pytest.mark.parametrize("joint", [False, True])
def test_what_is_sure_or_impossible_makes_no_infinity(joint: bool) -> None:
    leaves, target = inputs(dtype=torch.float32)
    x, weight, bias, _, _ = leaves
    nothing = torch.full((ROWS,), math.log(1e-30))
    sure = nothing if joint else torch.full((ROWS,), -200.0)
    for share, copied in ((sure, nothing), (torch.zeros(ROWS) - 200.0, torch.zeros(ROWS)), (torch.zeros(ROWS), sure)):
        given = [(x.detach() * 1e3).requires_grad_(), weight, bias, share.requires_grad_(), copied.requires_grad_()]
        total, _ = copying_cross_entropy(*arranged(given, target), joint=joint, smoothing=0.1)
        assert all(torch.isfinite(part).all() for part in (total, *torch.autograd.grad(total, given)))


def test_the_logits_are_never_held() -> None:
    rows, vocabulary = 512, 20_000
    leaves = torch.randn(rows, 4), torch.randn(vocabulary, 4), torch.zeros(vocabulary), torch.zeros(rows)
    given = [t.requires_grad_() for t in (*leaves, torch.zeros(rows))]
    saved = []

    def note(tensor: Tensor) -> Tensor:
        saved.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        copying_cross_entropy(*arranged(given, torch.randint(vocabulary, (rows,))))
    assert max(saved) <= vocabulary * 4
    with kernels.using("reference"), torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        copying_cross_entropy(*arranged(given, torch.randint(vocabulary, (rows,))))
    assert max(saved) == rows * vocabulary > cross_entropy.CHUNK
