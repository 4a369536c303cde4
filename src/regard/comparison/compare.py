"""All of a comparison: plan it, carry it out, summarise it, write it down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from regard.build import find
from regard.comparison import runner
from regard.comparison.measure import Measures, Run
from regard.comparison.report import by_length, draw, write
from regard.comparison.runner import Report, Result
from regard.comparison.summary import Row, counted_metric, summarise, to_json
from regard.comparison.variants import variants
from regard.config import Config
from regard.errors import RegardError, UsageError
from regard.metrics import Counted
from regard.processor import cores
from regard.tasks import Task
from regard.training.choose import choose


@dataclass(frozen=True, slots=True)
class Comparison:
    """A row for each variant that came to its end, and the faults of the runs that did not."""

    facts: Mapping[str, Any]
    rows: Sequence[Row]
    failed: Sequence[tuple[Run, RegardError]]

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        failed = [f"{run.variant}, seed {run.config.seed}: {error}" for run, error in self.failed]
        return to_json(self.rows, {**self.facts, "failed": failed})


def compare(
    given: str | Path,
    out: str | Path | None = None,
    settings: Sequence[str] = (),
    *,
    jobs: int = 1,
    report: Report = lambda run, result, total: None,
) -> Comparison:
    """Compare what a config, or a file of pairs, says, with `section.option=value` settings in place of its own.

        compare("run.toml", settings=["compare.vary=attention.name=none,additive"])

    Writes `compare.json`, `compare.html` and `by_length.svg` into `out`
    (`runs/compare-NAME`), beside the runs, of which `jobs` are carried out at
    once; `report` hears of each. Raises Interrupted after Ctrl-C, when all is
    saved, and any fault of a configuration before work begins. As runs are
    processes, a script calls this under `if __name__ == "__main__":`.
    """
    if jobs < 1:
        raise UsageError(f"jobs is {jobs}; it must be at least 1.")
    given, out = Path(given), Path(out) if out else folder(Path(given))
    configure = partial(_configure, given, tuple(settings), max(1, cores() // jobs))
    options, (name, metric) = configure([]).compare, _metric(configure([]))
    runs = runner.plan(variants(options), configure, out)
    results = runner.carry_out(runs, jobs, report)
    whole = _whole(runs, results)
    rows = summarise(whole, metric, options.width, options.samples)
    pairs = len(next(iter(whole.values()))[0].lines) if whole else 0
    facts = {"name": out.name, "metric": name, "label": metric.label, "seeds": options.seeds, "test_pairs": pairs}
    failed = [(run, result) for run, result in results.items() if isinstance(result, RegardError)]
    found = Comparison(facts, rows, failed)
    if rows:
        write(out, found.to_json(), draw(rows, whole, facts), by_length(rows, metric.label))
    return found


def folder(given: Path) -> Path:
    """Where a comparison goes if nobody says: not where `regard train` puts a model of the same file."""
    name = given.name.removesuffix(".gz").rsplit(".", 1)[0]
    return Path("runs") / f"compare-{name.removeprefix('compare-')}"


def _configure(given: Path, settings: tuple[str, ...], threads: int, variant: Sequence[str]) -> Config:
    """The config of a variant, with so many threads for all its workers unless it says how many."""
    config, _ = choose(given, None, [*settings, *variant], resume=False)
    return replace(config, train=replace(config.train, threads=config.train.threads or threads))


def _metric(config: Config) -> tuple[str, Counted]:
    """The metric to compare by, and the name that it is shown by."""
    task: type[Task] = find("tasks", config.task)
    name = config.compare.metric or next(iter(task.metrics))
    return name, counted_metric(name, task.metrics)


def _whole(runs: Sequence[Run], results: Mapping[Run, Result]) -> dict[str, list[Measures]]:
    """The measures of each variant all of whose runs came to their end, in the order of the runs."""
    found: dict[str, list[Result]] = {}
    for run in runs:
        found.setdefault(run.variant, []).append(results[run])
    ended = {name: [result for result in given if isinstance(result, Measures)] for name, given in found.items()}
    return {name: measures for name, measures in ended.items() if len(measures) == len(found[name])}
