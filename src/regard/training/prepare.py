"""Files to a vocabulary, a store of encoded pairs and a validation set, once for a run."""

import json
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from pathlib import Path

from regard.build import build, find
from regard.config import Config
from regard.data import store
from regard.data.join import Joined
from regard.data.read import Examples
from regard.data.references import References
from regard.data.store import Store
from regard.errors import ConfigError, DataError
from regard.files import write_text
from regard.objectives import Objective
from regard.tasks import Task
from regard.training import start
from regard.training.critic import learn
from regard.training.cuts import Cuts
from regard.training.look import look, see
from regard.types import Copyable, Example

VALID = "valid.jsonl"
GUIDES = {
    "words": ("word alignments", "name their column as data.align, or give a third text file in data.train"),
    "sentences": ("supports", "each row wants the numbers of the sentences that its answer follows from"),
}
HELD_OUT = 4, 2000  # the fewest and the most pairs that are held out, about

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a run needs of its data; made once, so that it does not matter what becomes of the files."""

    task: Task
    store: Store
    valid: list[Example]


def prepare(config: Config, out: Path, folder: Path, say: Say) -> Prepared:
    """Read, split, fit and encode; or take what an interrupted run has prepared already.

    The task's codecs go to `out`, the model folder; store and validation pairs to `folder`.
    """
    task: Task = find("tasks", config.task)(config)
    objective: Objective = build("objectives", config.objective)
    if Store.exists(folder) and (not objective.draws or References.exists(folder)):
        task.load(out)
        return _prepared(task, Store(folder), config)
    if config.objective.get("guided") and config.codec.get("temperature"):
        raise ConfigError(
            f"objective.guided is {config.objective['guided']} and codec.temperature {config.codec['temperature']:g}: "
            "links are between the tokens of one way to cut words, so one of the two must be 0."
        )
    if config.copies:
        _must_copy_well(config, objective)
    if objective.draws and not config.train.start:
        raise ConfigError(
            f"[objective] {config.objective['name']} learns from what a trained model says: name its folder as "
            "train.start."
        )
    begun = {"start": start.told(config)} if config.train.start else {}
    corpus = task.examples(config.data.train, config.data, align=config.data.align)
    if not corpus.aligned:
        _must_not_be_guided(config, task, f"{corpus} is read without {GUIDES[task.guides][0]}")
    kept, valid, valid_corpus = _split(config, task, corpus)
    _know(task, kept, config.train.start)
    valid = _readable(valid, valid_corpus, Cuts(task, config.data), say)
    for read in dict.fromkeys((corpus, valid_corpus)):
        for line in read.findings.summary():
            say(f"{read}: {line}")
    say(f"validation: {len(valid):,} pair{'' if len(valid) == 1 else 's'}{'' if config.data.valid else ' held out'}")
    task.save(out)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / VALID, "".join(_line(example) for example in valid))
    rows, cuts, made = look(config, task, chain(kept, valid), folder, say), Cuts(task, config.data), array("q")
    encoded = _encoded(kept, corpus, cuts, made)
    info = {"data": str(corpus), "fingerprint": corpus.fingerprint, **cuts.counts()}
    written = store.write(folder, encoded, info | rows | begun, aligned=corpus.aligned, copies=config.copies)
    for line in cuts.lines():
        say(f"{corpus}: {line}")
    if objective.draws:
        learn(task, objective.draws, kept, made, folder)
    return _prepared(task, written, config)


def _know(task: Task, kept: Iterable[Example], begun_with: str) -> None:
    """Learn the vocabularies, or take over those of another model."""
    if begun_with:
        task.load(Path(begun_with))
        deque(kept, 0)  # what a pass finds is told
    else:
        task.fit(kept)


def _split(config: Config, task: Task, corpus: Examples) -> tuple[Iterable[Example], list[Example], Examples]:
    """What is trained on, what is validated with, and where that was read."""
    if config.data.valid:
        valid_corpus, held_out = task.examples(config.data.valid, config.data), HoldOut(config.seed, -1.0)
        valid = list(valid_corpus)
    else:
        valid_corpus, held_out = corpus, HoldOut.of(corpus, config)
        valid = [example for example in corpus if held_out(example)]
    kept: Iterable[Example] = _Kept(corpus, held_out)
    if config.data.join:
        kept, valid = Joined(kept, config.data.join, config.seed), list(Joined(valid, config.data.join, config.seed))
    return kept, valid, valid_corpus


def _readable(valid: Iterable[Example], corpus: Examples, cuts: Cuts, say: Say) -> list[Example]:
    """Those whose sources can be read, whole or not; what is not is told."""
    found = [example for example in valid if cuts.reads(example, corpus).texts]
    for line in cuts.lines():
        say(f"{corpus}, validation: {line}")
    return found


def _prepared(task: Task, written: Store, config: Config) -> Prepared:
    see(task, written)
    return Prepared(task, _guiding(written, task, config), _load_valid(written.folder))


@dataclass(frozen=True, slots=True)
class HoldOut:
    """Whether a pair is for validation: by a hash of its source, so that no repeated source is in both parts."""

    seed: int
    share: float

    @staticmethod
    def of(corpus: Examples, config: Config) -> "HoldOut":
        """The configured share, or what gives a few pairs of a small corpus and not too many of a big one."""
        count, lowest, highest = 0, 1.0, 0.0
        for example in corpus:
            place = HoldOut._place(config.seed, example)
            count, lowest, highest = count + 1, min(lowest, place), max(highest, place)
        if lowest == highest:
            raise DataError(
                f"{corpus}: one source alone cannot be both trained on and validated with; "
                "add pairs, or name a file of them as data.valid."
            )
        least, most = HELD_OUT
        share = max(min(max(config.data.holdout, least / count), most / count, 0.5), lowest)
        return HoldOut(config.seed, share if share < highest else lowest)  # some on either side, however few

    def __call__(self, example: Example) -> bool:
        """Whether this pair is held out."""
        return self._place(self.seed, example) <= self.share

    @staticmethod
    def _place(seed: int, example: Example) -> float:
        digest = blake2b(f"{seed}\t{example.source}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64


@dataclass(frozen=True, slots=True)
class _Kept:
    """The pairs to train on; iterable again and again."""

    corpus: Examples
    held_out: HoldOut

    def __iter__(self) -> Iterator[Example]:
        return (example for example in self.corpus if not self.held_out(example))


def _guiding(prepared: Store, task: Task, config: Config) -> Store:
    """The store, if it has what the objective asks for."""
    if not prepared.info.get(store.LINKS):
        _must_not_be_guided(config, task, f"no row of {prepared.info['data']} has {GUIDES[task.guides][0]}")
    return prepared


def _must_not_be_guided(config: Config, task: Task, fault: str) -> None:
    if config.objective.get("guided"):
        raise ConfigError(
            f"objective.guided is {config.objective['guided']}, but {fault}: {GUIDES[task.guides][1]}; or set "
            "objective.guided to 0."
        )


def _must_copy_well(config: Config, objective: Objective) -> None:
    """ConfigError for what does not go with an output that copies."""
    output = f"[output] {config.output['name']} copies words of the source"
    if find("tasks", config.task).reads != "text":
        raise ConfigError(f"{output}, and the task {config.task} has none: leave it plain.")
    if config.points and not find("tasks", config.task).pointed:
        raise ConfigError(
            f"[output] span points at a part of a passage, and the task {config.task} has none: wanted is answer."
        )
    if objective.draws:
        raise ConfigError(f"{output}, which [objective] {config.objective['name']} cannot spell: it wants another.")
    for section, option in (("objective", "agreement"), ("codec", "temperature")):
        if value := getattr(config, section).get(option):
            raise ConfigError(f"{output}; it wants {section}.{option} = 0, not {value:g}.")


def _encoded(
    examples: Iterable[Example], corpus: Examples, cuts: Cuts, made: "array[int]"
) -> Iterator[list[Sequence[int]]]:
    """Ids of both sides, for each reference and each text of a source; then, if alignments are read, their links.

    Last comes what may be copied, if anything may.

    `made` is told how many pairs each example has become.
    """
    task = cuts.task
    for example in examples:
        made.append(0)
        for part in cuts(example, corpus):
            source = task.stored(part.source)
            if not source:
                cuts.left_out.add("picture that cannot be read", corpus.place(example.line))
                break
            for reference in part.references:
                pair = [source, task.target(reference, part.source)]
                if not pair[1]:
                    cuts.left_out.add("an answer that does not stand in its passage", corpus.place(example.line))
                elif max(map(len, pair)) <= cuts.data.longest:
                    made[-1] += 1
                    linked = [list(chain.from_iterable(task.links(part)))] if corpus.aligned else []
                    yield [*pair, *linked, *([source.copies] if isinstance(source, Copyable) else [])]
                else:
                    cuts.left_out.add(f"more than {cuts.data.longest} tokens", corpus.place(example.line))


def _line(example: Example) -> str:
    """A validation pair as JSON; nothing is validated with its alignment."""
    return json.dumps(example.to_json(), ensure_ascii=False) + "\n"


def _load_valid(folder: Path) -> list[Example]:
    lines = (folder / VALID).read_text(encoding="utf-8").split("\n")
    return [Example.from_json(json.loads(line)) for line in lines if line]
