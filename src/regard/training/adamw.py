"""AdamW (Loshchilov and Hutter, 2019), one fused call for all weights.

    m = b1 m + (1 - b1) g      v = b2 v + (1 - b2) g^2
    w = w - rate decay w - rate m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps)

It calls the operator that `torch.optim.AdamW(fused=True)` calls. That class brings
PyTorch's compiler along: 830 modules, 70 MiB, and a second at every start.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class AdamW:
    """Moves weights along their gradients, `rate` at a time.

    Gains and biases are not decayed: they have no reason to be small.
    """

    def __init__(
        self, weights: Sequence[nn.Parameter], decay: float, betas: tuple[float, float] = (0.9, 0.98), eps: float = 1e-8
    ) -> None:
        self.groups = [([p for p in weights if p.ndim >= 2], decay), ([p for p in weights if p.ndim < 2], 0.0)]
        self.betas, self.eps, self.rate = betas, eps, 0.0
        self.state: dict[nn.Parameter, dict[str, Tensor]] = {}

    def start(self, weight: nn.Parameter) -> dict[str, Tensor]:
        """The state of a weight before its first step, or as it is."""
        if weight not in self.state:
            step = torch.zeros((), device=weight.device)
            self.state[weight] = {
                "step": step,
                "exp_avg": torch.zeros_like(weight),
                "exp_avg_sq": torch.zeros_like(weight),
            }
        return self.state[weight]

    @torch.no_grad()
    def step(self, scale: Tensor | None = None) -> None:
        """Move each weight that has a gradient, which is divided by the scale first."""
        for weights, decay in self.groups:
            pairs = [(p, p.grad) for p in weights if p.grad is not None]
            if not pairs:
                continue
            moved, gradients = [list[Tensor](column) for column in zip(*pairs, strict=True)]
            states = [self.start(p) for p, _ in pairs]
            means, squares, steps = ([s[name] for s in states] for name in ("exp_avg", "exp_avg_sq", "step"))
            torch._foreach_add_(steps, 1.0)
            torch._fused_adamw_(
                moved, gradients, means, squares, [], steps,
                lr=self.rate, beta1=self.betas[0], beta2=self.betas[1], weight_decay=decay, eps=self.eps,
                amsgrad=False, maximize=False, grad_scale=scale,
            )  # fmt: skip
