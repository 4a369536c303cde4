"""What is asked of a lesson: how to search, what the output begins with, and what is changed of the attention."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from regard.errors import UsageError, unknown
from regard.lesson.steering import Intervention, Place

WORDS = 'such as {"keep": ["\u2581un", "\u2581homme"], "say": "mange", "temperature": 0.5, "off": [2]}'


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A change to one output.

    keep: tokens that it begins with, spelled as records have them; say: a text that follows them;
    intervention: what is changed of its attention.
    """

    keep: tuple[str, ...] = ()
    say: str = ""
    intervention: Intervention = field(default_factory=Intervention)

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> "WhatIf":
        """From plain data: keep, say, temperature, off, attention ({step: weights}), places ({step: {look: [x, y]}}).

        UsageError if wrong.
        """
        known = ("keep", "say", "temperature", "off", "attention", "places")
        for name in facts:
            if name not in known:
                raise UsageError(unknown("what_if has no field", name, known))
        keep, say, off = facts.get("keep", []), facts.get("say", ""), facts.get("off", [])
        if not (_all(keep, str) and isinstance(say, str) and _all(off, int)):
            raise UsageError(f"what_if wants keep as a list of tokens, say as a text, off as a list of places, {WORDS}")
        temperature, given = facts.get("temperature", 1.0), facts.get("attention", {})
        if not _number(temperature) or not isinstance(given, Mapping):
            raise UsageError(f"what_if wants temperature as a number and attention as weights by step, {WORDS}")
        looks = {_number_of("attention", "step", step): _weights(step, weights) for step, weights in given.items()}
        places = _places(facts.get("places", {}))
        return cls(tuple(keep), say, Intervention(float(temperature), frozenset(off), looks, places))


def _number_of(field: str, what: str, name: Any) -> int:
    if not (str(name).isascii() and str(name).isdecimal() and len(str(name)) < 10):
        raise UsageError(f"what_if.{field} names the {what} {name!r}; it wants the number of a {what}, from 0.")
    return int(name)


def _places(given: Any) -> dict[int, dict[int, Place]]:
    if not (isinstance(given, Mapping) and all(isinstance(looks, Mapping) for looks in given.values())):
        raise UsageError('what_if.places wants places by step and look, such as {"0": {"2": [0.25, 0.5]}}.')
    return {
        _number_of("places", "step", step): {
            _number_of("places", "look", look): _place(step, look, place) for look, place in looks.items()
        }
        for step, looks in given.items()
    }


def _place(step: Any, look: Any, place: Any) -> Place:
    if not (isinstance(place, list) and len(place) == 2 and all(map(_number, place))):
        raise UsageError(
            f"what_if.places puts look {look} of step {step} at {place!r}; it wants two numbers, x and y, as shares of "
            "the picture's sides."
        )
    return float(place[0]), float(place[1])


def _weights(step: Any, weights: Any) -> tuple[float, ...]:
    if not (isinstance(weights, list) and all(map(_number, weights))):
        raise UsageError(f"what_if.attention of step {step} wants a list of numbers, one for each source place.")
    return tuple(map(float, weights))


def _all(values: Any, kind: type) -> bool:
    return isinstance(values, list) and all(isinstance(v, kind) and not isinstance(v, bool) for v in values)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300
