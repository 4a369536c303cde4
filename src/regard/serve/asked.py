"""The options of a request, by the names that a config and the command line have for them, checked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from regard.build import complete, options
from regard.errors import ConfigError, UsageError, unknown
from regard.predictor import Predictor
from regard.sections import Decode
from regard.serve.json import shown
from regard.serve.limits import Limits
from regard.wording import NO_WISHES, USUAL, Wishes, pattern

SEARCH = tuple(name for name in options(Decode) if name != "shortlist")  # which is made when a model is loaded
TEXTS, SWITCHES = ("require", "forbid"), ("protect", "replace_unknown")
KNOWN = ("nbest", "prefix", *TEXTS, *SWITCHES, *SEARCH)
TERMS = 20  # that a request may require or forbid


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for: how, how many outputs of each source, and what they must be like."""

    decode: Decode
    nbest: int = 1
    wishes: Wishes = NO_WISHES


def asked(model: Predictor, given: Mapping[str, Any], limits: Limits) -> Asked:
    """The options of a request, those left out as the model has them. UsageError for what is wrong with one."""
    for name in given:
        if name not in KNOWN:
            raise UsageError(unknown("there is no option", name, KNOWN))
    chosen = {name: value for name, value in given.items() if name in SEARCH}
    decode = model.config.decode
    if chosen:
        decode = Decode(**complete(Decode, {**asdict(decode), **chosen}, "options"))
    nbest = _number(given.get("nbest", 1))
    if nbest > decode.beam and "beam" not in chosen:
        decode = replace(decode, beam=nbest * decode.groups)
    _check(decode, nbest, limits, model.config.decode)
    return Asked(decode, nbest, _wishes(model, given) if given.keys() - {*SEARCH, "nbest"} else NO_WISHES)


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UsageError(f"nbest is {shown(value)}; it wants a whole number >= 1.")
    return value


def _check(decode: Decode, nbest: int, limits: Limits, own: Decode) -> None:
    """UsageError for more than the server takes; what the model itself is configured to is its owner's choice."""
    if nbest > decode.beam:
        raise UsageError(f"nbest is {nbest} and beam {decode.beam}; it must be nbest <= beam.")
    beam, extra, ratio = max(limits.beam, own.beam), max(limits.length, own.extra), max(10, own.ratio)
    if decode.beam > beam:
        raise UsageError(f"beam is {decode.beam}; this server follows at most {beam}.")
    if decode.extra > extra or decode.ratio > ratio:
        raise UsageError(
            f"extra is {decode.extra} and ratio {decode.ratio:g}; this server takes at most {extra} and {ratio:g}."
        )


def _wishes(model: Predictor, given: Mapping[str, Any]) -> Wishes:
    found: dict[str, Any] = {}
    for name in TEXTS:
        terms = given.get(name, [])
        if not isinstance(terms, list) or not all(isinstance(term, str) for term in terms) or len(terms) > TERMS:
            raise ConfigError(f"{name} is {shown(terms)}; it wants a list of at most {TERMS} texts.")
        found[name] = tuple(terms)
    for name in SWITCHES:
        if not isinstance(given.get(name, False), bool):
            raise ConfigError(f"{name} is {shown(given[name])}; it wants true or false.")
    if not isinstance(given.get("prefix", ""), str):
        raise ConfigError(f"prefix is {shown(given['prefix'])}; it wants text.")
    if given.get("protect"):
        found["protect"] = pattern(USUAL)
    wishes = Wishes(prefix=given.get("prefix", ""), replace_unknown=bool(given.get("replace_unknown")), **found)
    if wishes.of_source and model.task.reads != "text":
        raise UsageError("protect and replace_unknown want a text, not a picture.")
    if wishes.protect and not model.task.plain:
        raise UsageError("protect wants sources that are read as they stand, such as those to be translated.")
    return wishes
