"""Attention that is told where to look: a twin of a model that shares its weights, and is steered where that is not."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float
from torch import Tensor, nn

from regard.attention import Attention, Keyed, Looking
from regard.attention.monotonic import Stopped
from regard.errors import UsageError
from regard.hops import Hops
from regard.model import EncoderDecoder
from regard.normalisers import Normaliser
from regard.tensors import Memory, Read

Place = tuple[float, float]  # x and y
HARD = 1e-6  # a temperature below this is none: the highest score takes all


@dataclass(frozen=True, slots=True)
class Intervention:
    """What is changed of all attention of one output.

    temperature: every score is divided by it, so that below 1 weights gather and above 1 they spread;
    off: source places that get no weight at any step; given: the weights (S) of whole steps, counted
    from 0, which are brought to a sum of one; places: where single looks at parts of a picture are put,
    by step and look, both counted from 0: x and y, as shares of its sides.
    """

    temperature: float = 1.0
    off: frozenset[int] = frozenset()
    given: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    places: Mapping[int, Mapping[int, Place]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """UsageError for what no attention can do."""
        if not 0 <= self.temperature <= 1000:
            raise UsageError(f"attention temperature is {self.temperature:g}; it wants a number from 0 to 1000.")
        for step, weights in self.given.items():
            if step < 0 or not all(0 <= weight < float("inf") for weight in weights):
                raise UsageError(f"the weights given for step {step} want to be numbers from 0 on.")
        for step, looks in self.places.items():
            for look, place in looks.items():
                if not all(0 <= share <= 1 for share in place):
                    raise UsageError(f"look {look} of step {step} is put at {place}; x and y want to be from 0 to 1.")

    @property
    def changes(self) -> bool:
        """Whether anything is changed at all."""
        return self.temperature != 1.0 or bool(self.off) or bool(self.given) or any(self.places.values())

    def check(self, places: int) -> None:
        """UsageError unless it fits a source of so many places and leaves something to look at."""
        beyond = [place for place in self.off if not 0 <= place < places]
        if beyond:
            raise UsageError(f"place {min(beyond)} is to be switched off; the source has places 0 to {places - 1}.")
        if len(self.off) >= places:
            raise UsageError(f"all {places} places of the source are switched off; one at least must stay on.")
        for step, weights in self.given.items():
            if len(weights) != places:
                raise UsageError(f"step {step} is given {len(weights)} weights; the source has {places} places.")
            if not sum(weight for place, weight in enumerate(weights) if place not in self.off):
                raise UsageError(f"step {step} is given no weight on any place that is switched on.")

    def weights(self, step: int) -> Tensor | None:
        """Those given for a step (S), summing to one, with nothing on what is off."""
        if step not in self.given:
            return None
        kept = [0.0 if place in self.off else weight for place, weight in enumerate(self.given[step])]
        found = torch.tensor(kept, dtype=torch.float64)
        return found / found.sum()


@dataclass(slots=True)
class Dial:
    """Which step a twin is taking, and which look in it; whoever steps it turns this.

    A twin is therefore of one search, in one thread.
    """

    step: int = 0
    look: int = 0

    def turn(self, step: int) -> None:
        """To a step, before its first look."""
        self.step, self.look = step, 0


class Steered(Normaliser):
    """weights = normalise(score / temperature), where it is on; or the weights that are given for the step.

    It stands where a mechanism's own normaliser stood, so whatever the mechanism makes of its weights, such as
    what it has covered, follows from these.
    """

    def __init__(self, inner: Normaliser, intervention: Intervention, dial: Dial, *, last: bool) -> None:
        super().__init__()
        self.inner, self.intervention, self.dial, self.last = inner, intervention, dial, last

    def forward(self, scores: Float[Tensor, "*B S"]) -> Float[Tensor, "*B S"]:
        """Normalise what is on."""
        wanted = self.intervention
        given = wanted.weights(self.dial.step) if self.last else None
        if given is not None:
            return given.to(scores).expand(scores.shape)
        if not wanted.changes:
            return self.inner(scores)  # type: ignore[no-any-return]
        if wanted.off:
            scores = scores.index_fill(-1, torch.tensor(sorted(wanted.off), device=scores.device), -torch.inf)
        some = (scores > -torch.inf).any(-1, keepdim=True)  # a window may hold nothing but what is off
        scores = torch.where(some, scores, 0.0)
        if wanted.temperature < HARD:
            highest = scores.argmax(-1, keepdim=True)
            return torch.zeros_like(scores).scatter(-1, highest, 1.0) * some
        return self.inner(scores / wanted.temperature) * some  # type: ignore[no-any-return]


class Led(Attention):
    """Attention that has no scores, such as monotonic: what it read is read again with other weights."""

    def __init__(self, inner: Attention, intervention: Intervention, dial: Dial) -> None:
        super().__init__()
        self.inner, self.intervention, self.dial = inner, intervention, dial
        self.sums_to_one, self.looks = inner.sums_to_one, inner.looks

    def start(self, memory: Memory) -> Keyed:
        """As it does."""
        return self.inner.start(memory)

    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Look, then move the look."""
        read, after = self.inner(query, state)
        given = self.intervention.weights(self.dial.step)
        if given is None and not self.intervention.off:
            return read, after
        weights = read.weights if given is None else given.to(read.weights).expand(read.weights.shape)
        if self.intervention.off:
            weights = weights.index_fill(-1, torch.tensor(sorted(self.intervention.off)), 0.0)
        if given is not None and isinstance(after, Stopped):  # the next step goes on from there
            after = replace(after, weights=_only(weights[:, -1]))
        return replace(read, context=state.memory.read(weights), weights=weights), after


class Turned(Attention):
    """Attention to parts of a picture: it aims as it does, and is turned where a place is given for the look."""

    def __init__(self, inner: Looking, intervention: Intervention, dial: Dial) -> None:
        super().__init__()
        self.inner, self.intervention, self.dial = inner, intervention, dial
        self.sums_to_one, self.looks, self.looks_at = inner.sums_to_one, inner.looks, inner.looks_at

    def start(self, memory: Memory) -> Keyed:
        """As it does."""
        return self.inner.start(memory)

    def forward(self, query: Float[Tensor, "B T Q"], state: Keyed) -> tuple[Read, Keyed]:
        """Aim, turn, look."""
        if not len(query):  # no look, but a question of how reads are made up
            return self.inner.forward(query, state)
        aim, _ = self.inner.aim(query)
        place = self.intervention.places.get(self.dial.step, {}).get(self.dial.look)
        self.dial.look += 1
        if place is not None:
            aim = self.inner.turned(aim, *place, state)
        return self.inner.see(aim, state, query.dtype), state


def twin(model: EncoderDecoder, intervention: Intervention, dial: Dial) -> EncoderDecoder:
    """The same model once more, steered: its modules are copies, its weights are the very same tensors.

    UsageError if its attention cannot do what is wanted.
    """
    shared = {id(tensor): tensor for tensor in (*model.parameters(), *model.buffers())}
    other = copy.deepcopy(model, shared)
    if not intervention.changes:
        return other
    for name, attention in attentions(other.decoder):
        _able(attention, intervention)
        if isinstance(attention, Looking):
            _put(other.decoder, name, Turned(attention, intervention, dial))
        elif not _steer(attention, intervention, dial):
            _put(other.decoder, name, Led(attention, intervention, dial))
    return other


def attentions(decoder: nn.Module) -> list[tuple[str, Attention]]:
    """Every attention of a decoder with its name there; of several hops the whole."""
    found: list[tuple[str, Attention]] = []
    for name, module in decoder.named_modules():
        inside = any(name.startswith(f"{above}.") for above, _ in found)
        if isinstance(module, Attention) and not inside:
            found.append((name, module))
    return found


def scored(attention: nn.Module) -> bool:
    """Whether it has scores that are normalised."""
    return any(isinstance(module, Normaliser) for module in attention.modules())


def _able(attention: Attention, intervention: Intervention) -> None:
    name = type(attention).__name__.lower()
    if not attention.looks:
        raise UsageError("this model has no attention: one vector carries the whole source, and no look can be moved.")
    if isinstance(attention, Looking) and (intervention.off or intervention.given):
        raise UsageError(
            f"{name} attention looks at places of the picture: give `places`, not weights of regions, nor regions "
            "that are off."
        )
    if any(intervention.places.values()) and not isinstance(attention, Looking):
        raise UsageError(
            f"{name} attention weighs all places of the source: give its weights as `attention`; it makes no look "
            "that could be put at a place."
        )
    if intervention.temperature != 1.0 and not scored(attention):
        raise UsageError(f"{name} attention has no scores, so no temperature can sharpen or flatten it.")


def _steer(attention: Attention, intervention: Intervention, dial: Dial) -> bool:
    """Put a steered normaliser in each place of its own; whether there was one. Of hops the last is what is shown."""
    last = attention.reads[-1] if isinstance(attention, Hops) else attention
    final = {id(module) for module in last.modules()}
    found = [
        (parent, name, child)
        for parent in attention.modules()
        for name, child in parent.named_children()
        if isinstance(child, Normaliser)
    ]
    for parent, name, child in found:
        setattr(parent, name, Steered(child, intervention, dial, last=id(parent) in final))
    return bool(found)


def _put(root: nn.Module, path: str, module: nn.Module) -> None:
    parent, _, name = path.rpartition(".")
    setattr(root.get_submodule(parent), name, module)


def _only(weights: Float[Tensor, "B S"]) -> Float[Tensor, "B S"]:
    """All weight on the heaviest place."""
    return torch.zeros_like(weights).scatter(-1, weights.argmax(-1, keepdim=True), 1.0)
