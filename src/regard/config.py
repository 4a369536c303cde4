"""run.toml + key=value -> one checked, complete, frozen configuration, saved beside the weights."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from regard import fitting, toml
from regard.build import Count, complete, complete_part, find, fit
from regard.errors import ConfigError, UsageError, unknown
from regard.files import write_text
from regard.patches import Patches
from regard.sections import Compare, Data, Decode, Embedding, Picture, Reading, Train

FILE = "config.toml"
Part = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Config:
    """All that determines a run. A part's section names the part and its options."""

    task: str = "translate"
    seed: Count = 1
    data: Data
    picture: Picture
    patches: Patches
    codec: Part
    embedding: Embedding
    encoder: Part
    attention: Part
    normaliser: Part
    reading: Reading
    decoder: Part
    output: Part
    objective: Part
    train: Train
    decode: Decode
    compare: Compare

    @property
    def copies(self) -> bool:
        """Whether outputs may have words of their source that the vocabulary lacks."""
        return bool(self.output["name"] not in ("plain", "bernoulli"))

    @property
    def draws(self) -> bool:
        """Whether an output is a picture that is drawn as a whole, step by step, and not told by tokens."""
        return bool(self.output["name"] == "bernoulli")

    @property
    def units(self) -> str:
        """What targets are counted in."""
        return "bytes" if self.draws else "tokens"

    @property
    def points(self) -> bool:
        """Whether an output is a part of its source, told by the places where it begins and ends."""
        return bool(self.output["name"] == "span")

    def to_toml(self) -> str:
        """As the text of a config file of this run alone: what it is compared with does not determine it."""
        silent = {"compare"} | ({"picture", "patches"} - set(find("tasks", self.task).sections))
        return toml.dumps({name: value for name, value in asdict(self).items() if name not in silent})

    def save(self, folder: Path) -> None:
        """Write it beside the weights."""
        write_text(folder / FILE, self.to_toml())


SCHEMAS = {
    "data": Data,
    "picture": Picture,
    "patches": Patches,
    "embedding": Embedding,
    "reading": Reading,
    "train": Train,
    "decode": Decode,
    "compare": Compare,
}
FILES = {  # the options that name files
    "data": ("train", "valid"),
    "picture": ("cache",),
    "train": ("start",),
    "compare": ("test", "gold"),
}
PARTS = {
    "codec": "codecs",
    "encoder": "encoders",
    "attention": "attention",
    "normaliser": "normalisers",
    "decoder": "decoders",
    "output": "outputs",
    "objective": "objectives",
}
TRACED = PARTS.keys() - {"codec"}  # those that an exported model holds as graphs
# What weights fit to.
MODEL = (
    "picture",
    "patches",
    "codec",
    "embedding",
    "encoder",
    "attention",
    "normaliser",
    "reading",
    "decoder",
    "output",
)
DEFAULTS = {
    "codec": "pieces",
    "encoder": "recurrent",
    "attention": "additive",
    "normaliser": "softmax",
    "decoder": "attend_then_step",
    "output": "plain",
    "objective": "cross_entropy",
}


def check(raw: Mapping[str, Any], where: str = "config", *, exported: bool = False) -> Config:
    """Complete a configuration with its defaults, or raise ConfigError for what is wrong in it.

    Of an exported model the parts that are graphs are taken as they stand: to check them takes PyTorch.
    """
    known = {option.name: option for option in fields(Config)}
    values: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in known:
            raise ConfigError(unknown(f"{where} has no section or option", name, known))
        if name in SCHEMAS | PARTS and not isinstance(value, Mapping):
            raise ConfigError(f"{where}: {name} is {value!r}; it is a section, [{name}] with options.")
        values[name] = value
    values = _started(values)
    task = str(values.get("task", "translate"))
    values = usual(find("tasks", task).defaults, values)
    for name, schema in SCHEMAS.items():
        values[name] = schema(**complete(schema, values.get(name, {}), f"{where} [{name}]"))
    for name, kind in PARTS.items():
        part = {"name": DEFAULTS[name], **values.get(name, {})}
        values[name] = part if exported and name in TRACED else complete_part(kind, part, name)
    values["task"] = task
    if not exported:
        values["encoder"] = fitting.settled(values["encoder"], task)
        fitting.must_write({name: values[name] for name in ("decoder", "output", "objective")}, task)
    fitting.must_be_told(values["train"].stop_on, task, "[train] stop_on", ("loss",))
    fitting.must_be_told(values["objective"].get("reward", ""), task, "[objective] reward")
    fitting.must_be_done(values["data"], task)
    values["seed"] = fit(values.get("seed", 1), Count, f"{where}: seed")
    return Config(**values)


def usual(defaults: Mapping[str, Part], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What was chosen, over what is usual for a task; of another part than the usual one, nothing is usual."""
    merged = dict(chosen)
    for section, options in defaults.items():
        own = chosen.get(section, {})
        same = own.get("name", options.get("name")) == options.get("name")
        merged[section] = {**options, **own} if same else own
    return merged


def _started(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What was chosen, and of the model what is left unsaid as in the one that the run begins with.

    Nothing changes where that is gone: what a run has saved of itself is complete.
    """
    start = Path(str(chosen.get("train", {}).get("start", ""))) / FILE
    if not chosen.get("train", {}).get("start") or not start.exists():
        return dict(chosen)
    before = read(start)
    known = {name: part for name, part in asdict(before).items() if name in MODEL}
    return usual(known, {"task": before.task, **chosen})


def read(path: str | Path, overrides: Iterable[str] = (), *, exported: bool = False) -> Config:
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
    return check(
        anchor(raw, Path.cwd()), str(path), exported=exported
    )  # what was typed is relative to where it was typed


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
    """Make the paths in a config file absolute, so that it works from any working folder."""
    anchored = dict(raw)
    for section, options in FILES.items():
        table = raw.get(section, {})
        if isinstance(table, Mapping) and table:
            anchored[section] = {k: _anchor(value, folder) if k in options else value for k, value in table.items()}
    encoder = raw.get("encoder", {})
    model = encoder.get("model") if isinstance(encoder, Mapping) else None
    if isinstance(model, str) and model and (folder / model).is_dir():  # else it is a name
        anchored["encoder"] = {**encoder, "model": str((folder / model).resolve())}
    return anchored


def _anchor(value: Any, folder: Path) -> Any:
    if isinstance(value, list):
        return [_anchor(item, folder) for item in value]
    return str((folder / value).resolve()) if isinstance(value, str) and value else value


def _parse(value: str) -> Any:
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value
