"""CopyNet: one softmax over all that may be generated and all places that may be copied (Gu et al., 2016)."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from regard.attention import Attention, exact
from regard.embedding import Embedding
from regard.outputs import Copying
from regard.tensors import Copies, Memory, Read


@dataclass(frozen=True, slots=True)
class Places(Copies):
    """What each place is copied as, what features are compared with there, and which places are real."""

    keys: Float[Tensor, "B S F"]
    mask: Bool[Tensor, "B S"]


class CopyNet(Copying):
    """p(w) ~ e^logit(w) + sum_{s: token s is w} e^score(s), score(s) = tanh(W state_s) . features: equations 4 to 8.

    Copying has scores of its own, so it goes with any attention, and with none.
    """

    joint = True

    def __init__(
        self, feature_size: int, memory_size: int, target: Embedding, tied: bool, attention: type[Attention]
    ) -> None:
        super().__init__(feature_size, memory_size, target, tied, attention)
        self.copy = nn.Linear(memory_size, feature_size)

    def start(self, memory: Memory, ids: Int[Tensor, "B S"] | None) -> Places:
        """Turn the states into keys, once for a whole output."""
        return Places(super().start(memory, ids).ids, self.copy(memory.states).tanh(), memory.mask)

    def look(
        self, features: Float[Tensor, "B K F"], read: Read, copies: Copies
    ) -> tuple[Float[Tensor, "B K S"], Float[Tensor, "B K"]]:
        """The share of each place in what is copied, and the log-sum of all scores."""
        assert isinstance(copies, Places)
        scores = features @ copies.keys.mT
        scores = scores.to(exact(scores)).masked_fill(~copies.mask[:, None], -torch.inf)
        return scores.softmax(-1), scores.logsumexp(-1)
