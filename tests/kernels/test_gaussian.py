"""Gaussian filters: as the formula has them, and their gradient that of finite differences, near and far."""

from functools import partial

import torch

from regard import kernels
from regard.kernels.gaussian import filters, reference


def leaves(far: float = 0.0) -> list[torch.Tensor]:
    torch.manual_seed(3)
    centre = torch.rand(4, 2, dtype=torch.float64) * 6 + far
    step, spread = (torch.rand(4, 2, dtype=torch.float64) * 2 + 0.5 for _ in range(2))
    return [each.requires_grad_() for each in (centre, step, spread)]


def test_it_is_the_reference_and_so_are_its_gradients() -> None:
    for far in (0.0, 40.0):  # at 40 no pixel is near a row of six
        given = leaves(far)
        made, plain = filters(*given, 3, 6), reference(*given, 3, 6)
        torch.testing.assert_close(made, plain)
        for mine, theirs in zip(
            torch.autograd.grad(made.sin().sum(), given), torch.autograd.grad(plain.sin().sum(), given), strict=True
        ):
            torch.testing.assert_close(mine, theirs)


def test_its_gradient_is_that_of_finite_differences() -> None:
    assert torch.autograd.gradcheck(partial(filters, number=3, side=6), leaves())


def test_each_row_sums_to_one_and_is_centred_on_its_mean() -> None:
    centre, one = torch.tensor([[10.0]]), torch.ones(1, 1)
    made = filters(centre, 3 * one, one, 3, 21)[0, 0]
    torch.testing.assert_close(made.sum(-1), torch.ones(3))
    torch.testing.assert_close(made @ torch.arange(21.0), torch.tensor([7.0, 10.0, 13.0]))


def test_without_a_gradient_it_is_made_plainly() -> None:
    given = leaves()
    with kernels.using("reference"):
        assert "Filters" not in str(filters(*given, 3, 6).grad_fn)
    assert "Filters" in str(filters(*given, 3, 6).grad_fn)
