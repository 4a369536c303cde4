"""An answer is a part of its passage: one look says where it begins, the next where it ends (Wang and Jiang, 2017)."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from regard.attention import Attention, exact
from regard.embedding import Embedding
from regard.errors import ConfigError, UsageError
from regard.outputs import LEAST, Loss, Output, in_vocabulary, known, must_agree_with_itself
from regard.tensors import Copies, Memory, Prediction, Read
from regard.types import PAD


class Span(Output):
    """p(place) = attention(place) / the attention of the whole passage: equations 4 and 5 of the boundary model.

    A target is two places, V + s each: that of the answer's first token and that of its last. Their log
    probabilities add up, as what the second look sees does not depend on which place the first was taken for:
    a decoder reads the unknown sign for it, and the context of the first look where its context enters the
    recurrence. There are no weights here: the attention points.
    """

    copies = True

    def __init__(
        self, feature_size: int, memory_size: int, target: Embedding, tied: bool, attention: type[Attention]
    ) -> None:
        super().__init__(feature_size, memory_size, target, tied, attention)
        if not attention.looks:
            raise ConfigError(
                f"[output] span points to where attention looks, and {attention.__name__.lower()} looks nowhere: "
                "choose another attention, or another output."
            )

    def start(self, memory: Memory, ids: Int[Tensor, "B S"] | None) -> Copies:
        """The places of the passage are those whose ids no vocabulary has."""
        return Copies(known(ids))

    def read_as(self, tokens: Int[Tensor, "B T"]) -> Int[Tensor, "B T"]:
        """The unknown sign for a place."""
        return in_vocabulary(tokens, self.vocabulary)

    def predict(
        self, features: Float[Tensor, "*N F"], read: Read, copies: Copies | None
    ) -> tuple[Float[Tensor, "*N W"], Float[Tensor, "*N"] | None]:
        """The log probability of every place of the passage; of all else that of next to nothing. None is generated."""
        assert copies
        log_p, _ = self._places(read, copies)
        log_p = log_p.reshape(*features.shape[:-1], log_p.shape[-1])
        nothing = torch.full_like(log_p[..., :1], LEAST).log().expand(*log_p.shape[:-1], self.vocabulary)
        return torch.cat([nothing, log_p], -1), torch.zeros_like(log_p[..., 0])

    def loss(
        self,
        prediction: Prediction,
        target: Int[Tensor, "B T"],
        smoothing: float = 0.0,
        agreement: float = 0.0,
        worth: Float[Tensor, " N"] | None = None,
    ) -> Loss:
        """Cross-entropy over the places of the passage; what is smoothed is spread over them."""
        must_agree_with_itself(agreement)
        assert prediction.copies
        real = target != PAD
        log_p, inside = self._places(prediction.read, prediction.copies)
        at_target = log_p.gather(-1, (target - self.vocabulary).clamp(min=0)[..., None]).squeeze(-1)
        mean = log_p.masked_fill(~inside, 0.0).sum(-1) / inside.sum(-1).clamp(min=1)
        each = (-(1 - smoothing) * at_target - smoothing * mean)[real]
        return (each if worth is None else each * worth).sum(), each.detach()

    def log_probs_among(
        self, features: Float[Tensor, "R F"], words: Int[Tensor, " N"], own: Bool[Tensor, "R N"]
    ) -> Float[Tensor, "R N"]:
        """UsageError: no list holds places."""
        raise UsageError("decode.shortlist limits what is generated, and this model points at places: set it to false.")

    def _places(self, read: Read, copies: Copies) -> tuple[Float[Tensor, "B K S"], Bool[Tensor, "B 1 S"]]:
        """The log of each place's share of the passage's attention, and which places are of the passage."""
        weights = read.weights.reshape(copies.ids.shape[0], -1, read.weights.shape[-1])
        inside = (copies.ids >= self.vocabulary)[:, None]
        mass = weights.to(exact(weights)).masked_fill(~inside, 0.0)
        return mass.clamp(min=LEAST).log() - mass.sum(-1, keepdim=True).clamp(min=LEAST).log(), inside
