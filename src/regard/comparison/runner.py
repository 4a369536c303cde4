"""Runs of a comparison, each in a process of its own; a finished one is taken as it is."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from pathlib import Path

from regard.alignment import read_gold
from regard.build import find
from regard.comparison.measure import Measures, Run, measure, named_examples
from regard.comparison.variants import Variant, listed
from regard.config import Config
from regard.errors import RegardError, TrainingError, UsageError
from regard.training.session import Interrupted

Result = Measures | RegardError
Configure = Callable[[Sequence[str]], Config]
Report = Callable[[Run, Result, int], None]  # a run, what it came to, and how many runs there are


def plan(variants: Sequence[Variant], configure: Configure, out: Path) -> list[Run]:
    """A run for each variant and seed; every fault of a configuration is raised here, before any work."""
    base = configure([])
    runs = []
    for seed in range(base.seed, base.seed + base.compare.seeds):
        for variant in variants:
            config = configure([*variant.settings, f"seed={seed}"])
            runs.append(Run(variant.name, config, out / variant.folder / f"seed-{seed}"))
    for run in runs[: len(variants)]:
        check_files(run)
        check_fit(run)
    return runs


def check_files(run: Run) -> None:
    """What a run reads must be there, and gold alignments fit the test pairs: no training should be for nothing."""
    data, options = run.config.data, run.config.compare
    for named in (data.train, data.valid):
        if named:
            find("tasks", run.config.task).examples(named, data, align=data.align if named == data.train else "")
    if options.test:
        examples = named_examples(run.config)
        if not examples:
            raise UsageError(f"{' + '.join(listed(options.test))} holds no pairs to measure on.")
        if options.gold:
            read_gold(options.gold, [(example.source, example.target) for example in examples])
    elif options.gold:
        raise UsageError("compare.gold are alignments of the test pairs: name those too, compare.test or --test.")


def check_fit(run: Run) -> None:
    """Put the model's parts together without their weights: sizes that do not fit show now, not hours later."""
    import torch

    from regard.model import EncoderDecoder

    with torch.device("meta"):
        try:
            EncoderDecoder(8, 8, run.config)
        except RegardError as error:
            raise type(error)(f"{run.variant}: {error}") from None


def carry_out(runs: Sequence[Run], jobs: int, report: Report) -> dict[Run, Result]:
    """Measure every run, `jobs` at a time; `report` hears of each as it is known. One that fails costs no other.

    Raises Interrupted after Ctrl-C, when all runs under way are saved.
    """
    results: dict[Run, Result] = {}

    def known(run: Run, result: Result) -> None:
        results[run] = result
        report(run, result, len(runs))

    due = []
    for run in runs:
        found = Measures.load(run)
        if found is None:
            due.append(run)
        else:
            known(run, found)
    with _processes(min(jobs, len(due))) as pool:
        futures = {pool.submit(measure, run, quiet=jobs > 1): run for run in due}
        for future in as_completed(futures):
            known(futures[future], _result(future))
    return results


def _result(future: Future[Measures]) -> Result:
    try:
        return future.result()
    except RegardError as error:
        return error
    except BrokenProcessPool:
        return TrainingError("its process was killed; the same command goes on with it.")


@contextmanager
def _processes(count: int) -> Iterator[ProcessPoolExecutor]:
    """A new process for each run, so that its memory is its own; on Ctrl-C each saves what it has."""
    pool = ProcessPoolExecutor(
        max(count, 1), get_context("spawn"), initializer=_follow, initargs=(os.getpid(),), max_tasks_per_child=1
    )
    try:
        yield pool
    except KeyboardInterrupt:
        for child in active_children() if os.name == "posix" else []:
            if child.pid:
                os.kill(child.pid, signal.SIGINT)
        raise Interrupted from None
    finally:
        pool.shutdown(cancel_futures=True)


def _follow(parent: int) -> None:
    """In the new process: Ctrl-C comes from the command alone, once; and where the command has died, this ends too."""
    if os.name != "posix":  # there a console tells all of its programs, and nobody learns of a parent's death
        return
    os.setsid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()
