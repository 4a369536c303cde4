"""What happens inside a model while it takes a step: the parts that run, in their order, and what they hand on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from regard.embedding import Embedding
from regard.encoders import Encoder
from regard.lesson.steering import attentions
from regard.model import EncoderDecoder
from regard.normalisers import Normaliser
from regard.recurrence import Stack
from regard.tensors import Memory, Read
from regard.windows import Glimpse


@dataclass(frozen=True, slots=True)
class Embedded:
    """Tokens became vectors (B, T, E)."""

    vectors: Tensor


@dataclass(frozen=True, slots=True)
class Encoded:
    """A source became a memory."""

    memory: Memory


@dataclass(frozen=True, slots=True)
class Stepped:
    """A stack of recurrent layers went on: from a hidden state to the next (B, H), given an input (B, I)."""

    given: Tensor
    before: Tensor
    after: Tensor


@dataclass(frozen=True, slots=True)
class Normalised:
    """Scores became weights, both (B, N, S): N queries, or heads of one."""

    scores: Tensor
    weights: Tensor


@dataclass(frozen=True, slots=True)
class Attended:
    """A query (B, Q) read the memory; `inside` is what was normalised for that, if anything.

    Of a look at a part of a picture, `seen` is what came in: scales x rows x columns x channels, from 0 to 1.
    """

    query: Tensor
    memory: Memory
    read: Read
    inside: tuple[Normalised, ...]
    seen: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Features after each look for a word (N, F), and the logits of being right by then (N), if it knows them."""

    features: Tensor
    sure: Tensor | None


Event = Embedded | Encoded | Stepped | Attended | Told
Hook = Callable[[nn.Module, Any, Any], None]


@dataclass(slots=True)
class Observed:
    """The events since they were last taken."""

    events: list[Event] = field(default_factory=list)
    inside: list[Normalised] = field(default_factory=list)
    seen: list[Tensor] = field(default_factory=list)

    def take(self) -> list[Event]:
        """What has happened."""
        found, self.events = self.events, []
        return found


@contextmanager
def observed(model: EncoderDecoder) -> Iterator[Observed]:
    """Watch a model that nobody else uses, for as long as the block runs."""
    seen = Observed()
    hooks: list[tuple[nn.Module, Hook]] = [(attention, _attended(seen)) for _, attention in attentions(model.decoder)]
    outer = [module for module in model.modules() if isinstance(module, Normaliser)]
    inner = {id(child) for module in outer for child in module.children()}  # what a steered one stands before
    hooks += [(module, _normalised(seen)) for module in outer if id(module) not in inner]
    hooks += [(module, _embedded(seen)) for module in model.modules() if isinstance(module, Embedding)]
    hooks += [(module, _stepped(seen)) for module in model.decoder.modules() if isinstance(module, Stack)]
    hooks += [(module, _encoded(seen)) for module in model.modules() if isinstance(module, Encoder)]
    hooks += [(module, _glimpsed(seen)) for module in model.decoder.modules() if isinstance(module, Glimpse)]
    hooks.append((model.decoder, _told(seen)))
    handles = [module.register_forward_hook(hook) for module, hook in hooks]
    model.decoder.tells = True
    try:
        yield seen
    finally:
        model.decoder.tells = False
        for handle in handles:
            handle.remove()


def _embedded(seen: Observed) -> Hook:
    return lambda module, given, made: seen.events.append(Embedded(made))


def _encoded(seen: Observed) -> Hook:
    return lambda module, given, made: seen.events.append(Encoded(made))


def _normalised(seen: Observed) -> Hook:
    return lambda module, given, made: seen.inside.append(Normalised(given[0], made))


def _stepped(seen: Observed) -> Hook:
    def hook(module: Any, given: Any, made: Any) -> None:
        inputs, before = given
        seen.events.append(Stepped(inputs[:, -1], module.hidden(before), module.hidden(made[1])))

    return hook


def _attended(seen: Observed) -> Hook:
    def hook(module: Any, given: Any, made: Any) -> None:
        query, state = given
        if len(query):  # a look of no row tells how reads are made up, and shows nothing
            glimpse = seen.seen[-1] if seen.seen else None
            seen.events.append(Attended(query[:, -1], state.memory, made[0], tuple(seen.inside), glimpse))
        seen.inside.clear()
        seen.seen.clear()

    return hook


def _glimpsed(seen: Observed) -> Hook:
    def hook(module: Any, given: Any, made: Any) -> None:
        if len(made):
            seen.seen.append(given[0][0, -1].unflatten(0, module.shape))

    return hook


def _told(seen: Observed) -> Hook:
    def hook(module: Any, given: Any, made: Any) -> None:
        read = made[2]
        if read.earlier is not None:
            seen.events.append(Told(read.earlier[0, -1], None if read.sure is None else read.sure[0, -1]))

    return hook
