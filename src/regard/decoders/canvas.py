"""A canvas that is written on step by step, at a place that is learnt: DRAW (Gregor et al., 2015), told by words."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Keyed, MakeAttention
from regard.build import Count, Range, Size
from regard.cells import Cell, recurrent_layer
from regard.decoders import Drawing
from regard.kernels.steps import steps as shared
from regard.sections import Picture
from regard.tensors import Memory, Pixels, Read, Tree
from regard.windows import Lens


@dataclass(frozen=True, slots=True)
class State(Tree):
    """The words, both recurrent states, the canvas in logits, and the picture to be drawn, if it is known."""

    attention: Keyed
    encoder: Float[Tensor, "B D"]
    decoder: Float[Tensor, "B D"]
    canvas: Float[Tensor, "B F"]
    picture: Float[Tensor, "B F"] | None


class Canvas(Drawing[State]):
    """c_t = c_{t-1} + write(h), h = RNN([z; s], h), s = attention(h) over the words; p(byte is lit) = sigmoid(c_T).

    z ~ N(mu, sigma) of the prior. Where the picture x is known, a second RNN reads x and what is still wrong,
    x - sigmoid(c_{t-1}), and z is drawn from the posterior that it tells; KL(posterior || prior) is what this step
    costs (equations 3 to 8 and 10 of the paper). The words are read at each step (Mansimov et al., 2016, alignDRAW).
    The first h is tanh(W summary of the words), the first canvas is learnt.

    Options:
        cell: the recurrent unit
        size: hidden units of either recurrent network
        steps: of drawing
        latent: numbers that are drawn in each
        read: filters in each row and column of the window that is read through; with 0 the whole picture is read
        write: the same of the window that is written through; with 0 on the whole canvas
        prior: standard, N(0, 1), or learnt: tanh(W [h; s]) is its mean and exp(tanh(V [h; s])) its deviation
    """

    def __init__(
        self,
        sight: Picture,
        memory_size: int,
        attention: MakeAttention,
        *,
        cell: Cell = "lstm",
        size: Size = 256,
        steps: Annotated[int, Range(1, 64)] = 16,
        latent: Size = 64,
        read: Count = 2,
        write: Count = 5,
        prior: Literal["standard", "learnt"] = "standard",
    ) -> None:
        super().__init__(sight)
        channels = sight.channels
        self.luck, self.size = (steps, latent), size
        self.attention = attention(size)
        seen = 2 * (read * read * channels or self.feature_size)
        self.encoder = recurrent_layer(cell, seen + size, size)
        self.decoder = recurrent_layer(cell, latent + memory_size, size)
        self.reading = Lens(size, read, 1.0) if read else None
        self.writing = Lens(size, write, 1.0) if write else None
        self.posterior = nn.Linear(size, 2 * latent)
        self.prior = nn.Linear(size + memory_size, 2 * latent) if prior == "learnt" else None
        self.patch = nn.Linear(size, write * write * channels or self.feature_size)
        self.first = nn.Linear(memory_size, self.decoder.state_size)
        self.ground = nn.Parameter(torch.zeros(self.feature_size))

    def start(self, memory: Memory, picture: Pixels | None = None) -> State:
        """An empty canvas."""
        decoder = self.first(memory.summary).tanh()
        known = None if picture is None else picture.flatten(1).to(memory.states.dtype) / 255
        canvas = self.ground.expand(len(decoder), -1)
        return State(self.attention.start(memory), torch.zeros_like(decoder), decoder, canvas, known)

    def forward(self, tokens: Float[Tensor, "B T Z"], state: State) -> tuple[Float[Tensor, "B T F"], State, Read]:
        """A step for each piece of luck."""
        canvases: list[Tensor] = []
        reads: list[Read] = []
        with shared(self.size):
            for luck in tokens.unbind(1):
                read, state = self._step(luck, state)
                canvases.append(state.canvas)
                reads.append(read)
        return torch.stack(canvases, 1), state, Read.join(reads)

    def _step(self, luck: Float[Tensor, "B Z"], state: State) -> tuple[Read, State]:
        hidden = state.decoder[:, : self.size]
        read, attention = self.attention(hidden[:, None], state.attention)
        words = read.context[:, 0].to(hidden.dtype)
        prior = self._prior(hidden, words, luck)
        if state.picture is None:
            encoder, (mean, log_deviation), cost = state.encoder, prior, None
        else:
            encoder = self._look(state.picture, hidden, state)
            told: Tensor = self.posterior(encoder[:, : self.size])
            mean, log_deviation = told.to(luck.dtype).chunk(2, -1)
            cost = divergence((mean, log_deviation), prior)[:, None]
        chosen = mean + log_deviation.exp() * luck
        _, decoder = self.decoder.run(torch.cat([chosen.to(words.dtype), words], -1)[:, None], state.decoder)
        added, boxes = self._write(decoder[:, None, : self.size])
        after = State(attention, encoder, decoder, state.canvas + added, state.picture)
        return replace(read, boxes=boxes, divergence=cost), after

    def _prior(self, hidden: Tensor, words: Tensor, luck: Tensor) -> tuple[Tensor, Tensor]:
        """Mean, and the log of the deviation."""
        if self.prior is None:
            return torch.zeros_like(luck), torch.zeros_like(luck)
        told: Tensor = self.prior(torch.cat([hidden, words], -1))
        mean, log_deviation = told.to(luck.dtype).tanh().chunk(2, -1)
        return mean, log_deviation

    def _look(self, picture: Float[Tensor, "B F"], hidden: Float[Tensor, "B H"], state: State) -> Float[Tensor, "B D"]:
        """The encoder's next state: it reads the picture, and what is wrong with the canvas."""
        wrong = picture - state.canvas.sigmoid()
        if self.reading is None:
            seen = torch.cat([picture, wrong], -1)
        else:
            laid = self.reading.lay(hidden[:, None], *self.shape[:2])
            seen = torch.cat([laid.read(each.view(-1, *self.shape)) for each in (picture, wrong)], -1).flatten(1)
        _, encoder = self.encoder.run(torch.cat([seen.to(hidden.dtype), hidden], -1)[:, None], state.encoder)
        return encoder

    def _write(self, hidden: Float[Tensor, "B 1 H"]) -> tuple[Float[Tensor, "B F"], Float[Tensor, "B 1 4"]]:
        """What is added to the canvas, and where."""
        patch: Tensor = self.patch(hidden)
        if self.writing is None:
            everywhere = torch.tensor([0.0, 0.0, 1.0, 1.0], device=patch.device)
            return patch[:, 0], everywhere.expand(len(patch), 1, 4)
        laid, number = self.writing.lay(hidden, *self.shape[:2]), self.writing.number
        return laid.write(patch.to(laid.across.dtype).view(*patch.shape[:2], number, number, -1)).flatten(1), laid.boxes


def divergence(one: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> Float[Tensor, " B"]:
    """KL(one || other) of normals, each a mean and the log of a deviation, in nats."""
    (mean, log_deviation), (to, log_wide) = one, other
    apart = ((2 * log_deviation).exp() + (mean - to).square()) * (-2 * log_wide).exp()
    return (log_wide - log_deviation + (apart - 1) / 2).sum(-1)
