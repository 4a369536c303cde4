"""AdamW: that of PyTorch, without what PyTorch's brings along."""

import subprocess
import sys

import torch
from torch import nn

from regard.training.adamw import AdamW


def weights() -> list[nn.Parameter]:
    torch.manual_seed(1)
    return [nn.Parameter(torch.randn(shape)) for shape in ((3, 4), (5,), (2, 2, 2), (1,))]


def test_it_is_adamw_of_pytorch_with_decay_for_matrices_alone() -> None:
    mine, theirs = weights(), weights()
    deep, flat = [p for p in theirs if p.ndim >= 2], [p for p in theirs if p.ndim < 2]
    groups = [{"params": deep, "weight_decay": 0.1}, {"params": flat, "weight_decay": 0.0}]
    expected, found = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-8), AdamW(mine, 0.1)
    for step in range(5):
        for ours, other in zip(mine, theirs, strict=True):
            ours.grad = torch.randn_like(ours)
            other.grad = ours.grad.clone()
        found.rate = 0.1 / (step + 1)
        for group in expected.param_groups:
            group["lr"] = found.rate
        found.step()
        expected.step()
    for ours, other in zip(mine, theirs, strict=True):
        torch.testing.assert_close(ours, other)
        assert found.state[ours]["step"] == 5


def test_a_weight_without_a_gradient_stays_and_has_no_state() -> None:
    first, *others = weights()
    before = first.detach().clone()
    for weight in others:
        weight.grad = torch.ones_like(weight)
    optimizer = AdamW([first, *others], 0.1)
    optimizer.rate = 0.1
    optimizer.step()
    assert torch.equal(first, before)
    assert first not in optimizer.state
    AdamW([first], 0.1).step()  # nothing to do


def test_training_brings_no_compiler_along() -> None:
    code = "import sys, regard.training.session; sys.exit('torch._dynamo' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
