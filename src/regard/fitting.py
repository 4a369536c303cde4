"""What of a config must go with its task: what parts read and write, scores, rules for sources."""

from collections.abc import Mapping, Sequence
from typing import Any

from regard.build import find, names
from regard.errors import ConfigError, unknown
from regard.sections import Data

Part = Mapping[str, Any]


def must_be_told(score: str, task: str, where: str, also: Sequence[str] = ()) -> None:
    """ConfigError unless a validation of the task tells this score, and the higher it is, the better."""
    told = find("tasks", task).metrics.items()
    known = ["", *also, *(name for name, part in told if find("metrics", part["name"]).judges)]
    if score not in known:
        raise ConfigError(unknown(f"{where} names no score of a validation;", score, known[1:]))


def must_be_done(data: Data, task: str) -> None:
    """ConfigError unless the task can do this to its sources."""
    kind = find("tasks", task)
    if data.long not in kind.rules:
        raise ConfigError(unknown(f"[data] long: the task {task} has no such rule,", data.long, kind.rules))
    if data.join and not kind.plain:
        raise ConfigError(f"[data] join is {data.join}, but sources of the task {task} cannot be joined; it wants 0.")


def settled(encoder: Part, task: str) -> Part:
    """The encoder with what it must know of files. ConfigError if it cannot read what the task gives it."""
    kind, wanted = find("encoders", encoder["name"]), find("tasks", task).reads
    if kind.reads != wanted:
        fit = [name for name in names("encoders") if find("encoders", name).reads == wanted]
        raise ConfigError(
            f"[encoder] {encoder['name']} reads {kind.reads}, but the task {task} gives it {wanted}."
            f" Those that read {wanted}: {', '.join(fit)}."
        )
    return {"name": encoder["name"], **kind.settled({k: v for k, v in encoder.items() if k != "name"})}


def must_write(parts: Mapping[str, Part], task: str) -> None:
    """ConfigError unless decoder, output and objective are all of text or all of pictures, and the task wants such.

    A task whose outputs are pictures takes text as well: that of patches.
    """
    kinds = {name: find(f"{name}s", part["name"]).writes for name, part in parts.items()}
    decoder = kinds["decoder"]
    if decoder == "pictures" and find("tasks", task).writes != "pictures":
        fit = [name for name in names("decoders") if find("decoders", name).writes == "text"]
        raise ConfigError(
            f"[decoder] {parts['decoder']['name']} draws pictures, and outputs of the task {task} are text."
            f" Those that write text: {', '.join(fit)}."
        )
    for name, kind in kinds.items():
        if kind != decoder:
            fit = [each for each in names(f"{name}s") if find(f"{name}s", each).writes == decoder]
            raise ConfigError(
                f"[{name}] {parts[name]['name']} is of {kind}, but [decoder] {parts['decoder']['name']} writes"
                f" {decoder}."
                f" Those of {decoder}: {', '.join(fit)}."
            )
