"""Several looks before each word: the recurrent attention model (Mnih et al., 2014; Ba et al., 2015)."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from regard.attention import Keyed, MakeAttention
from regard.build import Count, Share, Size
from regard.cells import Cell
from regard.decoders import Decoder
from regard.embedding import Embedding
from regard.kernels.dropout import Dropout
from regard.kernels.steps import steps
from regard.recurrence import Bridge, First, Stack
from regard.tensors import Memory, Read, Tree

_EVER = 1 << 62  # words


@dataclass(frozen=True, slots=True)
class State(Tree):
    """What is to be looked at, what has been understood so far, and how many tokens were read."""

    attention: Keyed
    layers: Float[Tensor, "B L D"]
    read: Int[Tensor, " B"]


class Glimpses(Decoder[State]):
    """`looks` times c = attention(h), h = RNN([y_{t-1}; c], h); then features = relu(W [h; y_{t-1}; did it look]).

    What is seen and where to look next are the business of the attention: `retina` is that of
    the paper, and any other will do. With `labels` outputs are known to have so many words
    (or fewer), and nothing is looked at to find that their end has come.

    Options:
        cell: the recurrent unit
        size: hidden units
        layers: stacked layers; the attention's query is the top one
        looks: before each word
        labels: words of an output that are looked for; with 0 its end is looked for too
        bridge: the first state is made of the encoder's last states, of the mean of all, or is zero
        each: in training, features after each look are handed on, so that an objective can ask for an early answer
        stop: in use, no further look once it is so sure to be right; with 1 it never stops. It learns how sure to be
            by the objective `reinforce`
        dropout: share of inputs of each further layer, and of the features, that is dropped in training
    """

    def __init__(
        self,
        target: Embedding,
        memory_size: int,
        attention: MakeAttention,
        *,
        cell: Cell = "gru",
        size: Size = 256,
        layers: Size = 1,
        looks: Size = 6,
        labels: Count = 0,
        bridge: First = "last",
        each: bool = False,
        stop: Share = 1.0,
        dropout: Share = 0.0,
    ) -> None:
        super().__init__()
        self.feature_size, self.looks, self.labels, self.stop = size, looks, labels, stop
        self.each = each or stop < 1
        self.embedding = target
        self.attention = attention(size)
        self.stack = Stack(cell, target.size + memory_size, size, layers, dropout)
        self.bridge = Bridge(memory_size, self.stack, bridge)
        self.readout = nn.Linear(size + target.size + 1, size)
        self.sure = nn.Linear(size, 1) if stop < 1 else None
        self.dropout = Dropout(dropout)

    def start(self, memory: Memory) -> State:
        """Nothing is looked at yet."""
        read = torch.zeros(memory.mask.shape[0], dtype=torch.long, device=memory.mask.device)
        return State(self.attention.start(memory), self.bridge(memory), read)

    def forward(self, tokens: Int[Tensor, "B T"], state: State) -> tuple[Float[Tensor, "B T F"], State, Read]:
        """For each token, some looks, unless its end is known to have come."""
        found: list[Tensor] = []
        reads: list[Read] = []
        with steps(self.feature_size):
            for previous in self.embedding(tokens).split(1, 1):
                wanted = state.read < (self.labels or _EVER)
                if self._none(wanted):
                    read = reads[-1].map(torch.zeros_like) if reads else self._blank(state)
                else:
                    read, state = self._looks(previous, wanted, state)
                found.append(self._features(previous, state.layers, wanted))
                reads.append(read)
                state = replace(state, read=state.read + 1)
        return torch.cat(found, 1), state, Read.join(reads)

    def _looks(self, previous: Float[Tensor, "B 1 E"], wanted: Bool[Tensor, " B"], state: State) -> tuple[Read, State]:
        """All looks for one word; rows that want none stay as they are."""
        attention, layers, going = state.attention, state.layers, wanted
        reads: list[Read] = []
        earlier: list[Tensor] = []
        sure: list[Tensor] = []
        some = bool(self.labels or self.sure)
        tells = self.each if self.training else self.tells
        for _ in range(self.looks):
            if reads and self._none(going):
                reads.append(reads[-1].map(torch.zeros_like))
                earlier += earlier[-1:]
                sure += sure[-1:]
                continue
            read, attention = self.attention(self.stack.hidden(layers)[:, None], attention)
            reads.append(_only(read, going) if some else read)
            _, moved = self.stack(torch.cat([previous, read.context.to(previous.dtype)], -1), layers)
            layers = torch.where(going[:, None, None], moved, layers) if some else moved
            if tells:
                earlier.append(self._features(previous, layers, wanted))
            if self.sure:
                sure.append(self.sure(self.stack.hidden(layers).detach()))
                going = going if self.training else going & (sure[-1][:, 0].sigmoid() < self.stop)
        read = _together(reads)
        if tells:
            told = torch.stack(sure, 2) if sure else None
            read = replace(read, earlier=torch.stack(earlier, 2), sure=told)
        return read, replace(state, attention=attention, layers=layers)

    def _none(self, rows: Bool[Tensor, " B"]) -> bool:
        """Whether no row is left to be looked at; a graph takes all looks, and leaves out what they found."""
        return not torch.compiler.is_exporting() and not bool(rows.any())

    def _blank(self, state: State) -> Read:
        """A read in which nothing was looked at; a look of no row at all tells how reads are made up."""
        rows = state.read[:0]
        query = self.stack.hidden(state.layers)[rows, None]
        read = _together([self.attention(query, state.attention.select(rows))[0]] * self.looks)
        return read.map(lambda each: each.new_zeros(len(state.read), *each.shape[1:]))

    def _features(self, previous: Tensor, layers: Tensor, looked: Bool[Tensor, " B"]) -> Float[Tensor, "B 1 F"]:
        known = self.stack.hidden(layers)[:, None]
        told = looked[:, None, None].to(known.dtype)
        return self.dropout(self.readout(torch.cat([known, previous, told], -1)).relu())  # type: ignore[no-any-return]


def _only(read: Read, rows: Bool[Tensor, " B"]) -> Read:
    """Zero where nothing was looked at."""
    return read.map(lambda each: each * rows.view(-1, *[1] * (each.dim() - 1)).to(each.dtype))


def _together(reads: list[Read]) -> Read:
    """The reads of one word: the last context, the mean of the weights, and what each has drawn, seen and asks for."""
    weights = torch.stack([read.weights for read in reads], 2)
    looked = weights.sum(-1, keepdim=True) > 0
    joined = Read.join(reads)  # one after the other, along the steps
    return Read(
        reads[-1].context,
        weights.sum(2) / looked.sum(2).clamp(min=1),
        None if joined.loss is None else joined.loss.sum(1, keepdim=True),
        None if joined.sample is None else joined.sample.map(lambda each: each[:, None]),
        weights,
        None if joined.boxes is None else joined.boxes[:, None],
    )
