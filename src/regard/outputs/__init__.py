"""Output layers: features of the next token -> its probabilities; they generate it, or copy it from the source."""

import math
from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from regard.attention import Attention, exact
from regard.decoders import Writes
from regard.embedding import Embedding
from regard.errors import ConfigError, UsageError
from regard.kernels.copying import copying_cross_entropy
from regard.tensors import Copies, Memory, Prediction, Read
from regard.types import PAD, UNK

LEAST = 1e-30  # of what is copied of a target: attention that is nowhere still costs a finite amount

Loss = tuple[Float[Tensor, ""], Float[Tensor, " N"]]


class Output(nn.Module, ABC):
    """Features, and where attention looked, to the probabilities of what comes next.

    `copies`: whether outputs may have what only their source has, so that a source must say what that is.
    `writes`: what comes of it, text or pictures.
    """

    copies = False
    writes: Writes = "text"

    def __init__(
        self, feature_size: int, memory_size: int, target: Embedding, tied: bool, attention: type[Attention]
    ) -> None:
        super().__init__()
        self.vocabulary = target.vocabulary  # how many tokens there are, but for those that only a source has

    def start(self, memory: Memory, ids: Int[Tensor, "B S"] | None) -> Copies | None:
        """What may be copied from a memory, prepared once for a whole output; nothing, but of those that copy."""
        return None

    def read_as(self, tokens: Int[Tensor, "B T"]) -> Int[Tensor, "B T"]:
        """What a decoder reads in place of tokens that only outputs have."""
        return tokens

    @abstractmethod
    def predict(
        self, features: Float[Tensor, "*N F"], read: Read, copies: Copies | None
    ) -> tuple[Float[Tensor, "*N W"], Float[Tensor, "*N"] | None]:
        """The log probabilities of all that may follow, in nats, and p_gen, how much of them is generated.

        Rows that follow each other may share a source, as in `Soft`.
        """

    @abstractmethod
    def loss(
        self,
        prediction: Prediction,
        target: Int[Tensor, "B T"],
        smoothing: float = 0.0,
        agreement: float = 0.0,
        worth: Float[Tensor, " N"] | None = None,
    ) -> Loss:
        """The label-smoothed cross-entropy of the N real targets, summed, and of each for information.

        agreement: weight of the divergence between the two halves of the rows, as in `linear_cross_entropy`
        worth: how often each counts in the sum
        """

    def scores(
        self, prediction: Prediction, target: Int[Tensor, "B T"]
    ) -> tuple[Float[Tensor, "B T"], Float[Tensor, "B T"] | None]:
        """The log probability of each target token, in nats, zero at padding; and p_gen if it copies."""
        log_probs, p_gen = self.predict(prediction.features, prediction.read, prediction.copies)
        scores = log_probs.gather(-1, target[..., None]).squeeze(-1)
        return scores.masked_fill(target == PAD, 0.0), p_gen

    @abstractmethod
    def log_probs_among(
        self, features: Float[Tensor, "R F"], words: Int[Tensor, " N"], own: Bool[Tensor, "R N"]
    ) -> Float[Tensor, "R N"]:
        """Log p(word | it is one of the row's own): of some tokens alone, -inf for those that are not its own."""


class Generating(Output, ABC):
    """Features to logits: project to the embedding's size, normalise, compare with every token.

    A layer norm keeps tied logits in scale. Untied, the table is a copy of its own.
    """

    def __init__(
        self, feature_size: int, memory_size: int, target: Embedding, tied: bool, attention: type[Attention]
    ) -> None:
        super().__init__(feature_size, memory_size, target, tied, attention)
        self.project = nn.Linear(feature_size, target.size, bias=False)
        self.norm = nn.LayerNorm(target.size)
        self.logits = nn.Linear(target.size, target.vocabulary)
        nn.init.zeros_(self.logits.bias)
        nn.init.normal_(self.logits.weight, std=target.size**-0.5)
        if tied:
            self.logits.weight = target.table.weight

    def forward(self, features: Float[Tensor, "*N F"]) -> Float[Tensor, "*N V"]:
        """The logits of every token."""
        return self.logits(self.norm(self.project(features)))  # type: ignore[no-any-return]

    def log_probs_among(
        self, features: Float[Tensor, "R F"], words: Int[Tensor, " N"], own: Bool[Tensor, "R N"]
    ) -> Float[Tensor, "R N"]:
        """Of the logits of these tokens alone."""
        logits = F.linear(self.norm(self.project(features)), self.logits.weight[words], self.logits.bias[words])
        return F.log_softmax(logits.float().masked_fill(~own, -math.inf), dim=-1)


class Copying(Generating, ABC):
    """p(w) = p_gen softmax(logits)(w) + (1 - p_gen) sum_{s: source token s is w} weights(s).

    Tokens are V + S: those of the vocabulary, and V + s for a word that it lacks and that
    place s of the source holds first. p_gen = sigmoid(gate); if `joint`, one softmax over what
    is generated and what is copied, gate is the log-sum of the logits less that of the scores.
    """

    copies = True
    joint = False
    whole = True  # whether the weights always sum to one; what they leave is generated

    @abstractmethod
    def look(
        self, features: Float[Tensor, "B K F"], read: Read, copies: Copies
    ) -> tuple[Float[Tensor, "B K S"], Float[Tensor, "B K"]]:
        """Where to copy from, and the logit of p_gen; if joint, the log-sum of the copying scores."""

    def start(self, memory: Memory, ids: Int[Tensor, "B S"] | None) -> Copies:
        """The ids of the source's tokens, which only a source that may be copied has."""
        return Copies(known(ids))

    def read_as(self, tokens: Int[Tensor, "B T"]) -> Int[Tensor, "B T"]:
        """The unknown sign for a word that the vocabulary lacks."""
        return in_vocabulary(tokens, self.vocabulary)

    def predict(
        self, features: Float[Tensor, "*N F"], read: Read, copies: Copies | None
    ) -> tuple[Float[Tensor, "*N W"], Float[Tensor, "*N"] | None]:
        """Generated and copied together, in logs, and only at the tokens that the source has."""
        assert copies
        rows, places = copies.ids.shape
        logits = self(features).float()
        logits = logits.reshape(rows, -1, logits.shape[-1])
        weights, gate = self._looked(features, read, copies)
        log_gen, log_copy = self._shares(logits.logsumexp(-1) - gate if self.joint else gate, weights)
        generated = F.pad(logits.log_softmax(-1) + log_gen[..., None], (0, places), value=-math.inf)
        ids = copies.ids[:, None].expand(weights.shape)
        mass = torch.zeros_like(generated).scatter_add(-1, ids, weights).gather(-1, ids)  # of all places of a token
        own, copied = generated.gather(-1, ids), log_copy[..., None] + mass.clamp(min=LEAST).log()
        both = torch.where(mass > LEAST, torch.logaddexp(own, copied), own)
        log_probs = generated.scatter(-1, ids, both)
        shape = features.shape[:-1]
        return log_probs.reshape(*shape, log_probs.shape[-1]), log_gen.exp().reshape(shape)

    def loss(
        self,
        prediction: Prediction,
        target: Int[Tensor, "B T"],
        smoothing: float = 0.0,
        agreement: float = 0.0,
        worth: Float[Tensor, " N"] | None = None,
    ) -> Loss:
        """Of the logits only what the kernel holds; of what is copied a number for each target."""
        must_agree_with_itself(agreement)
        real, copies = target != PAD, prediction.copies
        assert copies
        weights, gate = self._looked(prediction.features, prediction.read, copies)
        same = copies.ids[:, None] == target[..., None]
        log_copied = (weights * same).sum(-1)[real].clamp(min=LEAST).log()
        if self.joint:
            share, copied = gate[real], gate[real] + log_copied
        else:
            log_gen, log_copy = self._shares(gate, weights)
            share, copied = log_gen[real], log_copy[real] + log_copied
        return copying_cross_entropy(
            self.norm(self.project(prediction.features[real])), self.logits.weight, self.logits.bias,
            target[real], share, copied, joint=self.joint, smoothing=smoothing, worth=worth,
        )  # fmt: skip

    def log_probs_among(
        self, features: Float[Tensor, "R F"], words: Int[Tensor, " N"], own: Bool[Tensor, "R N"]
    ) -> Float[Tensor, "R N"]:
        """UsageError: what is copied is in no list."""
        raise UsageError("decode.shortlist limits what is generated, and this model also copies: set it to false.")

    def _looked(self, features: Tensor, read: Read, copies: Copies) -> tuple[Tensor, Tensor]:
        """As `look` has it, in single precision at least, with the rows of each source side by side."""
        rows = copies.ids.shape[0]
        context, weights = (each.reshape(rows, -1, each.shape[-1]) for each in (read.context, read.weights))
        given = Read(context, weights)
        weights, gate = self.look(features.reshape(rows, -1, features.shape[-1]), given, copies)
        return weights.to(exact(weights)), gate.to(exact(gate))

    def _shares(self, gate: Float[Tensor, "B K"], weights: Float[Tensor, "B K S"]) -> tuple[Tensor, Tensor]:
        """The logs of p_gen and of 1 - p_gen; where weights do not sum to one, what they leave is generated."""
        log_copy = -F.softplus(gate)  # log sigmoid, as ONNX Runtime has no other that does not underflow
        if self.whole:
            return -F.softplus(-gate), log_copy
        taken = log_copy.exp() * weights.sum(-1)
        return torch.log1p(-taken.clamp(max=1 - 1e-6)), log_copy


def known(ids: Int[Tensor, "B S"] | None) -> Int[Tensor, "B S"]:
    """The ids that a source's tokens have in outputs, or UsageError."""
    if ids is None:
        raise UsageError("This model copies: its sources want the ids that their tokens have in outputs.")
    return ids


def in_vocabulary(tokens: Int[Tensor, "B T"], size: int) -> Int[Tensor, "B T"]:
    """The unknown sign in place of what only a source has."""
    return tokens.masked_fill(tokens >= size, UNK)


def must_agree_with_itself(agreement: float) -> None:
    """ConfigError if two draws of dropout are to be compared."""
    if agreement:
        raise ConfigError(f"objective.agreement is {agreement:g}; an output that copies wants it to be 0.")
