"""Attention to one place at a time, drawn at random in training ("hard" in Xu et al., 2015)."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from regard.attention import Keyed
from regard.attention.additive import Additive
from regard.build import Amount, Share, Size
from regard.normalisers import Normaliser
from regard.tensors import Read, Sample


class Hard(Additive):
    """One place is drawn from the weights of `additive`, and the context is its state; section 4.1 of the paper.

    No gradient passes through a draw: REINFORCE raises the probability of those
    that made the target token likelier than the baseline, W query, expected.
    In use the likeliest place is taken.

    Options:
        size: units of the hidden layer that compares a query with a state
        soft: share of the sentences that are trained with the weighted sum instead, which steadies learning
        entropy: what a nat of the weights' entropy is worth in the loss, so that draws stay varied
    """

    def __init__(
        self,
        query_size: int,
        memory_size: int,
        normaliser: Normaliser,
        *,
        size: Size = 256,
        soft: Share = 0.5,
        entropy: Amount = 0.01,
    ) -> None:
        super().__init__(query_size, memory_size, normaliser, size=size)
        self.baseline = nn.Linear(query_size, 1)
        self.soft, self.entropy = soft, entropy

    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Draw a place for each query, or take the likeliest."""
        weights = self.weigh(self.score(query, state.keys), state.memory)
        if not self.training:
            taken = only(weights.argmax(-1, keepdim=True), weights)
            return Read(state.memory.read(taken), taken), state
        places = torch.multinomial(weights.detach().flatten(0, 1), 1).view(*weights.shape[:2], 1)
        drawn = only(places, weights)
        logs = weights.clamp(min=torch.finfo(weights.dtype).tiny).log()
        soft = torch.rand(weights.shape[0], 1, 1, device=weights.device) < self.soft
        looked = torch.where(soft, weights, drawn)
        log_prob = (drawn * logs).sum(-1).masked_fill(soft[..., 0], 0.0)
        sample = Sample(log_prob, self.baseline(query.detach()).squeeze(-1))
        loss = self.entropy * (weights * logs).sum(-1) if self.entropy else None
        return Read(state.memory.read(looked), looked, loss, sample), state


def only(place: Int[Tensor, "B T 1"], weights: Float[Tensor, "B T S"]) -> Float[Tensor, "B T S"]:
    """All weight on one place."""
    return torch.zeros_like(weights).scatter(-1, place, 1.0)
