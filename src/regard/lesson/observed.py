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
    """A query (B, Q) read the memory; `inside` is what was normalised for that, if anything."""

    query: Tensor
    memory: Memory
    read: Read
    inside: tuple[Normalised, ...]


Event = Embedded | Encoded | Stepped | Attended
Hook = Callable[[nn.Module, Any, Any], None]


@dataclass(slots=True)
class Observed:
    """The events since they were last taken."""

    events: list[Event] = field(default_factory=list)
    inside: list[Normalised] = field(default_factory=list)

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
    handles = [module.register_forward_hook(hook) for module, hook in hooks]
    try:
        yield seen
    finally:
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
        seen.events.append(Attended(query[:, -1], state.memory, made[0], tuple(seen.inside)))
        seen.inside.clear()

    return hook
