"""One sitting of a training run: prepare or resume, train, validate, keep the best, write the card."""

import platform
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import torch
from rich.console import Console

from regard.build import find
from regard.card import Card, parameters
from regard.config import Config
from regard.decode.backend import discard
from regard.decode.engine import ROWS
from regard.decode.pytorch import PyTorch
from regard.errors import UsageError
from regard.evaluation import Report, evaluate
from regard.loading import load
from regard.model import WEIGHTS, EncoderDecoder
from regard.predictor import Predictor
from regard.processor import settle
from regard.tasks import Task
from regard.training import loop
from regard.training.begin import FOLDER, begin
from regard.training.film import Film
from regard.training.plan import plan
from regard.training.prepare import Prepared, prepare
from regard.training.run import FILE as RUN_FILE
from regard.training.run import Run, reached
from regard.training.start import begin_with
from regard.training.stopping import Stopping
from regard.training.watch import Watch
from regard.training.work import Work
from regard.training.workers import Team


class Interrupted(KeyboardInterrupt):
    """Training was stopped by the user, after saving."""


def train(config: Config, out: str | Path, *, resume: bool = False, console: Console | None = None) -> Report:
    """Train a model into the folder `out`, and return its validation report.

    `resume` goes on with what is there. UsageError if a run is there and is
    not to be resumed; Interrupted after Ctrl-C, when all is saved.
    """
    console, out = console or Console(quiet=True), Path(out)
    folder = begin(config, out, resume=resume)
    say = partial(console.print, highlight=False, markup=False, soft_wrap=True)
    settled = plan(config.train, reached(folder), _device(config.train.device))
    say(str(settled))
    settle()
    torch.set_num_threads(settled.threads)
    with Team(settled) as team:  # its workers start while the data is prepared
        prepared = prepare(config, out, folder, say)
        team.build(config, prepared.task.sizes, folder)
        session = Session(config, out, prepared, team)
        session.resume(folder)
        with Stopping() as stopping, Watch(folder, session.run.progress.step, session.steps, console) as watch:
            session.train(watch, stopping)
    if stopping:
        raise Interrupted
    torch.set_num_threads(settled.threads * settled.workers)  # those of the others are free now
    report = evaluate(load(out), prepared.valid)
    session.card(report).save(out)
    return report


class Session:
    """The pieces of a run, put together."""

    def __init__(self, config: Config, out: Path, prepared: Prepared, team: Team) -> None:
        self.config, self.out, self.prepared, self.team = config, out, prepared, team
        options = config.train
        self.work = Work.of(config, prepared.task.sizes, prepared.store, team.plan.parts, team.plan.precision)
        if not (out / FOLDER / RUN_FILE).exists():
            begin_with(self.work.model, prepared.store.info.get("start"))
        self.run = Run(self.work.model.to(team.plan.device), options.decay)
        self.steps = self.work.steps
        self.validate_every = options.validate or max(1, self.steps // 20)
        validations = -(-self.steps // self.validate_every)
        self.film = Film(out / FOLDER, prepared.task, prepared.valid, options.watch, validations)

    def resume(self, folder: Path) -> None:
        """Go on from what is saved in a folder, if anything is; what decides the sums is kept for the next time."""
        if (folder / RUN_FILE).exists():
            self.run.load(folder)
        plan, progress = self.team.plan, self.run.progress
        progress.threads, progress.parts, progress.precision = plan.threads, plan.parts, plan.precision
        self.team.share(self.work)
        self.film.rewind(progress.step)

    def train(self, watch: Watch, stopping: Stopping) -> None:
        """Train to the end, to an early stop, or until the user stops."""
        progress, options = self.run.progress, self.config.train
        if options.start and progress.best is None:
            self.validate(watch)  # what training cannot better is kept
            self.run.save(self.out / FOLDER)

        def after(facts: dict[str, float]) -> bool:
            watch.step(progress.step, facts)
            due = progress.step % self.validate_every == 0 or progress.step == self.steps
            if due:
                self.validate(watch)
            if due or stopping or (options.save and progress.step % options.save == 0):
                self.run.save(self.out / FOLDER)
            return bool(stopping) or self.patience_is_over()

        if not self.patience_is_over():
            loop.train(self.run, self.team.gradient, self.config, self.steps, after=after)

    def patience_is_over(self) -> bool:
        """Whether too many validations have passed since the best."""
        return 0 < self.config.train.patience <= self.run.progress.waited

    def validate(self, watch: Watch) -> None:
        """Loss and scores of greedy search with the averaged weights, which are kept if they are the best so far."""
        progress = self.run.progress
        with self.run.averaged() as model:
            facts = self.judge(model)
            self.shoot(model, facts)
            wanted = self.config.train.stop_on or _deciding(self.prepared.task)
            score = -facts["loss"] if wanted == "loss" else facts[wanted]
            better = progress.best is None or score > progress.best
            if better:
                progress.best, progress.best_step, progress.facts = score, progress.step, facts
                discard(self.out)  # graphs of other weights, if the folder was exported
                model.save(self.out)
        progress.waited = 0 if better else progress.waited + 1
        watch.validation(progress.step, facts, "best so far" if better else "")

    def shoot(self, model: EncoderDecoder, facts: dict[str, float]) -> None:
        """One more frame of the film."""
        greedy = replace(self.config, decode=self.config.decode.greedy())
        predictor, step = Predictor(greedy, self.prepared.task, PyTorch(model)), self.run.progress.step
        last = step == self.steps  # the end belongs to any film
        self.film.shoot(predictor, step, 0 if last else step // self.validate_every, facts)

    def judge(self, model: EncoderDecoder) -> dict[str, float]:
        """What early stopping looks at."""
        greedy = replace(self.config, decode=self.config.decode.greedy())
        # Few pairs would be batched by the workers, whose number must not matter to the last bit.
        workers = self.team.plan.workers if len(self.prepared.valid) >= ROWS * self.team.plan.workers else 1
        predictor = Predictor(greedy, self.prepared.task, PyTorch(model, workers))
        report = evaluate(predictor, self.prepared.valid)
        first = next(iter(self.prepared.task.metrics))
        wanted = dict.fromkeys((first, self.config.train.stop_on or first))
        return {
            "loss": report.cost,
            **{name: score.value for name, score in report.scores.items() if name in wanted},
        }

    def card(self, report: Report) -> Card:
        """What the finished model is."""
        config, progress, info, plan = self.config, self.run.progress, self.prepared.store.info, self.team.plan
        names = "encoder", "attention", "decoder", *(["output"] if config.copies else []), "codec"
        parts = {name: getattr(config, name) for name in names}
        return Card(
            name=self.out.resolve().name,
            task=config.task,
            given=self.prepared.task.typed(config.data),
            version=version("regard"),
            created=f"{datetime.now(UTC):%Y-%m-%d}",
            parts={name: str(part["name"]) for name, part in parts.items()},
            vocabulary=self.prepared.task.sizes,
            parameters=parameters(self.out / WEIGHTS),
            data={
                "pairs": info["pairs"],
                **({"pictures": info["pictures"]} if "pictures" in info else {"source tokens": info["tokens"][0]}),
                f"target {config.units}": info["tokens"][1],
                "left out": info["left_out"] or "none",
                **({"long": info["long"]} if info.get("long") else {}),
                "fingerprint": info["fingerprint"],
            },
            training={
                **({"begun with": _said(info["start"])} if "start" in info else {}),
                "steps": progress.step,
                "best step": progress.best_step,
                "skipped steps": progress.skipped,
                "minutes": round(progress.seconds / 60, 1),
                f"target {config.units} a second": round(progress.tokens / max(progress.seconds, 1e-9)),
                "workers": plan.workers,
                "threads": plan.threads,
                "parts": plan.parts,
                "precision": plan.precision,
                "peak MiB": self.team.peak_mib(),
                "processor": platform.machine(),
                "torch": version("torch"),
            },
            validation={
                "pairs": report.examples,
                "beam": config.decode.beam,
                **report.judged,
            },
            scores={name: (score.value, score.signature) for name, score in report.scores.items()},
        )


def _deciding(task: Task) -> str:
    """The first of its scores of which more is better; where none is, the loss."""
    judging = (name for name, part in task.metrics.items() if find("metrics", part["name"]).judges)
    return next(judging, "loss")


def _said(start: dict[str, str]) -> str:
    return f"{Path(start['folder']).name}, weights {start['weights'][:16]}"


def _device(wanted: str) -> str:
    """What PyTorch calls it."""
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise UsageError("train.device is cuda, but PyTorch finds no CUDA device here: choose cpu or auto.")
    return "cuda" if available and wanted != "cpu" else "cpu"
