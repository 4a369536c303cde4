"""The output layer with its loss in one pass: as PyTorch has it, for every chunking."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd import Function

import by_hand
from regard import kernels
from regard.kernels import cross_entropy
from regard.kernels.cross_entropy import linear_cross_entropy, reference

ROWS, SIZE, VOCABULARY = 7, 3, 5


def inputs(rows: int = ROWS, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    shapes = ((rows, SIZE), (VOCABULARY, SIZE), (VOCABULARY,))
    x, weight, bias = (torch.randn(shape, dtype=dtype, requires_grad=True) for shape in shapes)
    return x, weight, bias, torch.randint(VOCABULARY, (rows,))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    smoothing=st.sampled_from([0.0, 0.1, 1.0]),
    chunk=st.integers(1, 40),
    rows=st.integers(1, 9),
    agreement=st.sampled_from([0.0, 0.0, 3.0]),
    valued=st.booleans(),
    seed=st.integers(0, 99),
)
def test_it_is_the_reference_whatever_the_chunk(
    smoothing: float, chunk: int, rows: int, agreement: float, valued: bool, seed: int
) -> None:
    torch.manual_seed(seed)
    *leaves, target = inputs(2 * rows if agreement else rows)
    worth = torch.randn(len(target), dtype=torch.float64) if valued else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cross_entropy, "CHUNK", chunk)
        total, each = linear_cross_entropy(*leaves, target, smoothing=smoothing, agreement=agreement, worth=worth)
    expected, alone = reference(*leaves, target, smoothing=smoothing, agreement=agreement, worth=worth)
    torch.testing.assert_close(total, expected)
    torch.testing.assert_close(each, alone)
    for mine, theirs in zip(
        torch.autograd.grad(3 * total, leaves), torch.autograd.grad(3 * expected, leaves), strict=True
    ):
        torch.testing.assert_close(mine, theirs)


def test_its_gradient_is_that_of_finite_differences() -> None:
    *leaves, target = inputs()
    assert torch.autograd.gradcheck(lambda *given: linear_cross_entropy(*given, target, smoothing=0.1)[0], leaves)


def test_a_loss_counts_as_often_as_it_is_worth() -> None:
    *leaves, target = inputs()
    worth = torch.tensor([2.0, 0.0, -1.5, 1.0, 0.0, 0.5, 3.0], dtype=torch.float64)
    total, each = linear_cross_entropy(*leaves, target, worth=worth)
    torch.testing.assert_close(total, (worth * each).sum())
    torch.testing.assert_close(each, linear_cross_entropy(*leaves, target)[1])
    some, _ = linear_cross_entropy(*leaves, target, worth=worth, ignore=int(target[0]))
    torch.testing.assert_close(some, (worth * each)[target != target[0]].sum())
    assert torch.autograd.gradcheck(lambda *given: linear_cross_entropy(*given, target, worth=worth)[0], leaves)


def test_the_gradient_of_agreement_is_that_of_finite_differences() -> None:
    *leaves, target = inputs(6)
    assert torch.autograd.gradcheck(
        lambda *given: linear_cross_entropy(*given, target, smoothing=0.1, agreement=5.0)[0], leaves
    )


def test_agreement_is_what_the_paper_adds() -> None:
    x, weight, bias, target = inputs(6)
    plain, _ = linear_cross_entropy(x, weight, bias, target)
    pulled, _ = linear_cross_entropy(x, weight, bias, target, agreement=5.0)
    expected = 0.0
    with torch.no_grad():
        logits = (x @ weight.t() + bias).numpy()
    for one, other in zip(logits[:3], logits[3:], strict=True):
        p, q = by_hand.log_softmax(one), by_hand.log_softmax(other)
        expected += sum((math.exp(a) - math.exp(b)) * (a - b) for a, b in zip(p, q, strict=True))
    assert float((pulled - plain).detach()) == pytest.approx(5 / 2 * expected)


def test_equal_halves_agree_for_nothing() -> None:
    x, weight, bias, target = inputs(3)
    doubled, twice = x.detach().repeat(2, 1), target.repeat(2)
    torch.testing.assert_close(
        linear_cross_entropy(doubled.requires_grad_(), weight, bias, twice, agreement=9.0)[0],
        2 * linear_cross_entropy(x, weight, bias, target)[0],
    )


@pytest.mark.parametrize("agreement", [0.0, 2.0])
def test_ignored_rows_cost_nothing(agreement: float) -> None:
    x, weight, bias, target = inputs(8)
    target[::2] = 0
    target[4:] = target[:4]
    total, each = linear_cross_entropy(x, weight, bias, target, smoothing=0.1, ignore=0, agreement=agreement)
    expected, alone = reference(x, weight, bias, target, smoothing=0.1, ignore=0, agreement=agreement)
    torch.testing.assert_close(total, expected)
    torch.testing.assert_close(each, alone)
    (gradient,) = torch.autograd.grad(total, [x])
    assert (each[::2] == 0).all()
    assert (gradient[::2] == 0).all()


def test_logits_of_any_size_make_no_infinity() -> None:
    x, weight, bias, target = inputs(dtype=torch.float32)
    huge = (x.detach() * 1e4).requires_grad_()
    total, _ = linear_cross_entropy(huge, weight, bias, target, smoothing=0.1)
    torch.testing.assert_close(total, reference(huge, weight, bias, target, smoothing=0.1)[0], rtol=1e-4, atol=1e-3)
    assert torch.isfinite(torch.autograd.grad(total, [huge])[0]).all()


def test_in_half_precision_it_is_near() -> None:
    torch.manual_seed(0)
    x, weight, bias = torch.randn(40, 64), torch.randn(100, 64) / 8, torch.zeros(100)
    target = torch.randint(100, (40,))
    leaves = [t.requires_grad_() for t in (x, weight, bias)]
    expected, _ = reference(*leaves, target, smoothing=0.1)
    with torch.autocast("cpu", torch.bfloat16):
        total, each = linear_cross_entropy(*leaves, target, smoothing=0.1)
    assert each.dtype == torch.float32
    torch.testing.assert_close(total, expected, rtol=5e-3, atol=0.0)
    for mine, theirs in zip(torch.autograd.grad(total, leaves), torch.autograd.grad(expected, leaves), strict=True):
        assert mine.dtype == torch.float32
        assert (mine - theirs).norm() < 0.02 * theirs.norm()


def test_the_logits_are_never_held() -> None:
    rows, vocabulary = 512, 20_000
    x, weight = torch.randn(rows, 4, requires_grad=True), torch.randn(vocabulary, 4, requires_grad=True)
    saved = []

    def note(tensor: Tensor) -> Tensor:
        saved.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        linear_cross_entropy(x, weight, torch.zeros(vocabulary), torch.randint(vocabulary, (rows,)))
    assert max(saved) <= weight.numel()
    assert rows * vocabulary > cross_entropy.CHUNK


class UsedError(Exception):
    pass


class Noticed(Function):
    @staticmethod
    def forward(*given: object) -> Tensor:
        raise UsedError


def test_a_declined_kernel_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_entropy, "_Fused", Noticed)
    *leaves, target = inputs()
    with kernels.using("reference"):
        linear_cross_entropy(*leaves, target)
    with torch.no_grad():
        linear_cross_entropy(*leaves, target)
    with pytest.raises(UsedError):
        linear_cross_entropy(*leaves, target)
