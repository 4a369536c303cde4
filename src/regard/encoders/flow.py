"""Attention flow between a question and its passage (Seo et al., 2017, BiDAF), and along the words of the passage."""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from regard.build import Count, Share, Size
from regard.cells import Cell, recurrent_layer
from regard.embedding import Embedding
from regard.encoders import Encoder
from regard.encoders.recurrent import Recurrent, both_ways, ends
from regard.kernels.dropout import Dropout
from regard.tensors import Memory
from regard.types import BOS, PAD


class Flow(Encoder):
    """H reads all; s_tj = w . [h_t; h_j; h_t h_j], place t with place j of the question; states read [h; u; hu; hv].

    u_t = softmax_j(s_t) . H is what of the question fits a place, and v = softmax_t(max_j s_tj) . H, over the
    places of the passage, what of the passage fits the question: equations 1 to 5. The question is what stands
    before the start sign, the passage what stands behind it; of a source without the sign each is the whole. The
    scores are a number for each pair of places. With `alike` they also say how alike the words are that stand
    there, so that from the first step on what is asked about is found where it is told (Chen et al., 2017, DrQA,
    align words so): what is to be learnt is what is said of it.

    Options:
        cell: the recurrent unit
        size: hidden units in each direction, of what reads at first and of what reads behind the flow
        alike: places fit each other by their words too, and by the words before them
        rounds: how often places of the passage then tell what was understood there to the others of their word
        residual: norm(state + W e), each place with its word, so that what is looked at can be said
        dropout: share of what the second reads, and of the memory, that is dropped in training
    """

    def __init__(
        self,
        source: Embedding,
        *,
        cell: Cell = "lstm",
        size: Size = 256,
        alike: bool = False,
        rounds: Count = 0,
        residual: bool = False,
        dropout: Share = 0.2,
    ) -> None:
        super().__init__()
        self.memory_size = 2 * size
        self.reader = Recurrent(source, cell=cell, size=size, dropout=dropout)
        self.places = nn.Linear(2 * size, 1, bias=False)
        self.asked = nn.Linear(2 * size, 1, bias=False)
        self.both = nn.Parameter(torch.empty(2 * size).uniform_(-1, 1) / (2 * size) ** 0.5)
        self.alike = Alike(source.size) if alike else None
        self.forwards, self.backwards = (recurrent_layer(cell, 8 * size, size) for _ in range(2))
        self.relay = Relay(cell, source.size, size, rounds) if rounds else None
        self.word = nn.Linear(source.size, self.memory_size, bias=False) if residual else None
        # Without it words grow until scores of attention are all or nothing, and their gradients a hundredfold.
        self.norm = nn.LayerNorm(self.memory_size) if residual else None
        self.dropout = Dropout(dropout)

    def forward(self, source: Int[Tensor, "B S"]) -> Memory:
        """Encode a padded batch."""
        read = self.reader(source)
        words = self.reader.embedding(source) if self.alike or self.relay or self.word else None
        question, passage = segments(source)
        scores = self.scores(read.states) + (self.alike(words) if self.alike else 0)
        given = flow(read.states, scores, question, passage)
        lengths = read.mask.sum(1)
        states = both_ways(given, lengths, self.forwards, self.backwards)
        if self.relay:
            states = self.relay(states, words, passage, lengths)
        if self.word and self.norm:
            states = self.norm(states + self.word(words))
        return Memory(self.dropout(states), read.mask, self.dropout(ends(states, lengths)))

    def scores(self, states: Float[Tensor, "B S M"]) -> Float[Tensor, "B S S"]:
        """How well each place fits each other: w . [h_t; h_j; h_t h_j], without ever writing these side by side."""
        return self.places(states) + self.asked(states).mT + (states * self.both) @ states.mT  # type: ignore[no-any-return]


def flow(
    states: Float[Tensor, "B S M"],
    scores: Float[Tensor, "B S S"],
    question: Bool[Tensor, "B S"],
    passage: Bool[Tensor, "B S"],
) -> Float[Tensor, "B S F"]:
    """[h; u; hu; hv] of each place."""
    scores = scores.float() if scores.dtype == torch.bfloat16 else scores
    scores = scores.masked_fill(~question[:, None], -torch.inf)
    towards = scores.softmax(-1).to(states.dtype) @ states
    fits = scores.amax(-1).masked_fill(~passage, -torch.inf).softmax(-1)
    back = fits[:, None].to(states.dtype) @ states
    return torch.cat([states, towards, states * towards, states * back], -1)


def segments(source: Int[Tensor, "B S"]) -> tuple[Bool[Tensor, "B S"], Bool[Tensor, "B S"]]:
    """The places of the question and those of the passage; all of a source, where one of them has none."""
    real, sign = source != PAD, source == BOS
    behind = (sign.cumsum(1) > 0) & real
    found = real & ~behind & sign.any(1, keepdim=True), behind & ~sign
    return found[0] | real & ~found[0].any(1, keepdim=True), found[1] | real & ~found[1].any(1, keepdim=True)


class Alike(nn.Module):
    """a_tj = sum_d w_d e_td e_jd + v_d e_(t-1)d e_(j-1)d of embeddings e: how alike words are, and those before them.

    w starts so that a place finds the others of its own word, and v so that of these it finds first those of the same
    two words: the red cup, where other cups stand beside it. It may learn that other words belong together.
    """

    def __init__(self, embedding: int) -> None:
        super().__init__()
        same = 2.0  # embeddings have unit variance: the logit of a word with itself is twice the root of their size
        starts = torch.tensor([same, same / 4]) * embedding**-0.5
        self.weights = nn.Parameter(starts.repeat_interleave(embedding))

    def forward(self, words: Float[Tensor, "B S E"]) -> Float[Tensor, "B S S"]:
        """How alike the words of each two places are."""
        both = torch.cat([words, F.pad(words[:, :-1], (0, 0, 1, 0))], -1)
        return (both * self.weights) @ both.mT


class Relay(nn.Module):
    """s_t <- RNN([s_t; r_t; s_t r_t]), r_t = sum_j softmax_j(a_tj) s_j, over the places j besides t, a_tj of `Alike`.

    s are states. Each round follows a chain of sentences one link further: who is asked about is a weaver, what
    weavers like is told elsewhere. It is a graph network over words (Gilmer et al., 2017, message passing) whose
    links are looked up instead of given; all rounds share their weights.
    """

    def __init__(self, cell: Cell, embedding: int, size: int, rounds: int) -> None:
        super().__init__()
        self.rounds = rounds
        self.alike = Alike(embedding)
        self.forwards, self.backwards = (recurrent_layer(cell, 6 * size, size) for _ in range(2))

    def forward(
        self,
        states: Float[Tensor, "B S M"],
        words: Float[Tensor, "B S E"],
        told: Bool[Tensor, "B S"],
        lengths: Int[Tensor, " B"],
    ) -> Float[Tensor, "B S M"]:
        """States after all rounds; only those of the places `told` are handed on."""
        weights = links(self.alike(words), told).to(states.dtype)
        for _ in range(self.rounds):
            received = weights @ states
            states = both_ways(
                torch.cat([states, received, states * received], -1), lengths, self.forwards, self.backwards
            )
        return states


def links(scores: Float[Tensor, "B S S"], told: Bool[Tensor, "B S"]) -> Float[Tensor, "B S S"]:
    """How much of each other place a place is told, which sums to one; nothing, where there is no other."""
    scores = scores.float() if scores.dtype == torch.bfloat16 else scores
    others = told[:, None] & ~torch.eye(scores.shape[-1], dtype=torch.bool, device=scores.device)
    lowest = torch.finfo(scores.dtype).min
    return scores.masked_fill(~others, lowest).softmax(-1) * others
