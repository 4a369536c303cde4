"""run.toml + key=value -> one checked, complete, frozen configuration, saved beside the weights."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from regard import toml
from regard.build import Amount, Count, Share, Size, complete, complete_part, find, fit
from regard.errors import ConfigError, UsageError, unknown
from regard.files import write_text

FILE = "config.toml"
Part = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Data:
    """Where the examples come from. Paths are relative to the file that names them.

    Options:
        train: one file of pairs (.tsv, .csv, .jsonl, each also .gz), or two aligned text files, source first
        valid: the same, for validation; left empty, a share of the training pairs is held out
        holdout: the share that is held out if there is no validation file
        source: the column or key that holds the source, in files with named columns
        target: the column or key that holds the target
        longest: pairs with more tokens than this on either side are left out of training, and counted
        join: neighbouring pairs are joined to sources of all lengths up to so many words; 0 leaves them as they are
    """

    train: str | list[str]
    valid: str | list[str] = ""
    holdout: Share = 0.02
    source: str = "source"
    target: str = "target"
    longest: Size = 150
    join: Count = 0


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """The vectors of the tokens.

    Options:
        size: of each vector
        shared: source and target have one vocabulary and one table
        tied: the output layer uses the target's table
        dropout: share of the vectors' entries that is dropped in training
    """

    size: Size = 256
    shared: bool = True
    tied: bool = True
    dropout: Share = 0.2


@dataclass(frozen=True, kw_only=True)
class Train:
    """How the weights are found.

    Options:
        steps: updates of the weights; 0 takes as many as `epochs` need
        epochs: passes over the training pairs, if `steps` is 0
        least: at least so many steps, if `steps` is 0, however few the pairs
        batch: padded tokens (the longer side) in one step
        parts: pieces that a step's batch is worked off in, to save memory; the result is the same
        rate: highest learning rate of AdamW
        schedule: how the rate falls after the warm-up
        warmup: share of the steps in which the rate rises
        decay: weight decay
        clip: the gradient's norm is cut to this; 0 never
        ema: weights are averaged over about 1 / (1 - ema) steps for validation and use; 0 uses them as they are
        validate: steps between two validations; 0 takes a twentieth of all steps
        save: steps between two savings of the run, besides one after each validation; 0 saves only then
        stop_on: the validation score that decides which weights are best, and when to stop early
        patience: stop after so many validations without a better score; 0 never
        skip: stop after so many steps in a row without a finite loss and gradient
        threads: of the processor; 0 takes all
        device: cpu, cuda, or auto
    """

    steps: Count = 0
    epochs: Size = 15
    least: Count = 1000
    batch: Size = 2400
    parts: Size = 1
    rate: Amount = 2e-3
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    warmup: Share = 0.05
    decay: Amount = 0.01
    clip: Amount = 1.0
    ema: Share = 0.999
    validate: Count = 0
    save: Count = 0
    stop_on: Literal["bleu", "loss"] = "bleu"
    patience: Count = 0
    skip: Size = 20
    threads: Count = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"


@dataclass(frozen=True, kw_only=True)
class Decode:
    """How an output is searched for.

    Options:
        beam: hypotheses that are followed at once; 1 is greedy
        length_penalty: hypotheses are ranked by log probability / length ** this; 0 favours short ones
        ratio: an output has at most `ratio` x source tokens + `extra` tokens
        extra: see `ratio`
    """

    beam: Size = 5
    length_penalty: Amount = 1.0
    ratio: Amount = 2.0
    extra: Size = 20


@dataclass(frozen=True, kw_only=True)
class Config:
    """All that determines a run. A part's section names the part and its options."""

    task: str = "translate"
    seed: Count = 1
    data: Data
    codec: Part
    embedding: Embedding
    encoder: Part
    attention: Part
    normaliser: Part
    decoder: Part
    objective: Part
    train: Train
    decode: Decode

    def to_toml(self) -> str:
        """As the text of a config file."""
        return toml.dumps(asdict(self))

    def save(self, folder: Path) -> None:
        """Write it beside the weights."""
        write_text(folder / FILE, self.to_toml())


SCHEMAS = {"data": Data, "embedding": Embedding, "train": Train, "decode": Decode}
PARTS = {
    "codec": "codecs",
    "encoder": "encoders",
    "attention": "attention",
    "normaliser": "normalisers",
    "decoder": "decoders",
    "objective": "objectives",
}
DEFAULTS = {
    "codec": "pieces",
    "encoder": "recurrent",
    "attention": "additive",
    "normaliser": "softmax",
    "decoder": "attend_then_step",
    "objective": "cross_entropy",
}


def check(raw: Mapping[str, Any], where: str = "config") -> Config:
    """Complete a configuration with its defaults, or raise ConfigError for what is wrong in it."""
    known = {option.name: option for option in fields(Config)}
    values: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in known:
            raise ConfigError(unknown(f"{where} has no section or option", name, known))
        if name in SCHEMAS | PARTS and not isinstance(value, Mapping):
            raise ConfigError(f"{where}: {name} is {value!r}; it is a section, [{name}] with options.")
        values[name] = value
    for name, schema in SCHEMAS.items():
        values[name] = schema(**complete(schema, values.get(name, {}), f"{where} [{name}]"))
    for name, kind in PARTS.items():
        values[name] = complete_part(kind, {"name": DEFAULTS[name], **values.get(name, {})}, name)
    values["task"] = str(values.get("task", "translate"))
    find("tasks", values["task"])
    values["seed"] = fit(values.get("seed", 1), Count, f"{where}: seed")
    return Config(**values)


def read(path: str | Path, overrides: Iterable[str] = ()) -> Config:
    """Read a config file, apply `section.option=value` overrides, check and complete it."""
    path = Path(path)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"There is no config file {path}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None
    raw = override(anchor(raw, path.parent.absolute()), overrides)
    return check(anchor(raw, Path.cwd()), str(path))  # what was typed is relative to where it was typed


def override(raw: Mapping[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """Apply `section.option=value` texts; the value is TOML, or plain text if it is not.

    Another part has other options: where `section.name` changes, those of the
    part before are forgotten, but not those that are set beside it.
    """
    changed = {key: dict(value) if isinstance(value, Mapping) else value for key, value in raw.items()}
    for section, option, value in sorted(map(_setting, overrides), key=lambda setting: setting[1] != "name"):
        if not option:
            changed[section] = value
            continue
        table = changed.setdefault(section, {})
        if not isinstance(table, dict):
            raise ConfigError(f"--set {section}.{option}: {section} is not a section; it is {table!r}.")
        if option == "name" and section in PARTS and table.get("name", DEFAULTS[section]) != value:
            table.clear()
        table[option] = value
    return changed


def _setting(text: str) -> tuple[str, str, Any]:
    key, equals, value = text.partition("=")
    section, _, option = key.strip().partition(".")
    if not equals or not section:
        raise UsageError(f"--set {text!r} is not of the form section.option=value, such as train.rate=0.001.")
    return section, option, _parse(value.strip())


def anchor(raw: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Make the data paths of a config file absolute, so that it works from any working folder."""
    data = raw.get("data", {})
    if not isinstance(data, Mapping):
        return dict(raw)
    return {
        **raw,
        "data": {key: _anchor(value, folder) if key in ("train", "valid") else value for key, value in data.items()},
    }


def _anchor(value: Any, folder: Path) -> Any:
    if isinstance(value, list):
        return [_anchor(item, folder) for item in value]
    return str((folder / value).resolve()) if isinstance(value, str) and value else value


def _parse(value: str) -> Any:
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value
