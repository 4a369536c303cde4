"""Dropout (Srivastava et al., 2014), drawn four entries to a random number."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LEVELS = 1 << 16  # shares of entries to drop that can be told apart


class Dropout(nn.Module):
    """In training, drop a share `p` of all entries and scale the others by 1 / (1 - p).

    On a CPU, PyTorch draws each entry as a double, which takes four times as
    long as 16 bits of a number for each. So there p is rounded to 1/65536.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        dropped = round(self.p * LEVELS)
        if not self.training or not dropped:
            return x
        if x.device.type != "cpu" or torch.compiler.is_compiling():
            return F.dropout(x, self.p)
        drawn = torch.empty(-(-x.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        kept = drawn.view(torch.int16)[: x.numel()].view(x.shape) >= dropped - LEVELS // 2
        return x * kept.to(x.dtype).mul_(LEVELS / max(LEVELS - dropped, 1))

    def extra_repr(self) -> str:
        """The share."""
        return f"p={self.p}"
