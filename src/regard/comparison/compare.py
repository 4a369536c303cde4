"""All of a comparison: plan it, carry it out, summarise it, write it down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regard.build import find
from regard.comparison import runner
from regard.comparison.measure import Measures, Run
from regard.comparison.report import by_length, draw, write
from regard.comparison.runner import Configure, Report, Result
from regard.comparison.summary import Row, counted_metric, summarise, to_json
from regard.comparison.variants import variants
from regard.errors import RegardError
from regard.tasks import Task


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


def compare(configure: Configure, out: Path, *, jobs: int, report: Report) -> Comparison:
    """Compare what the config of `configure([])` says; `configure` adds the settings of a variant to it.

    Writes `compare.json`, `compare.html` and `by_length.svg` into `out`, beside the runs. Raises
    Interrupted after Ctrl-C, and any fault of a configuration before work begins.
    """
    config = configure([])
    task: type[Task] = find("tasks", config.task)
    options, metric = config.compare, config.compare.metric or task.metrics[0]
    label = counted_metric(metric).label
    runs = runner.plan(variants(options), configure, out)
    results = runner.carry_out(runs, jobs, report)
    whole = _whole(runs, results)
    rows = summarise(whole, metric, options.width, options.samples)
    pairs = len(next(iter(whole.values()))[0].lines) if whole else 0
    facts = {"name": out.name, "metric": metric, "label": label, "seeds": options.seeds, "test_pairs": pairs}
    failed = [(run, result) for run, result in results.items() if isinstance(result, RegardError)]
    found = Comparison(facts, rows, failed)
    if rows:
        write(out, found.to_json(), draw(rows, whole, facts), by_length(rows, label))
    return found


def _whole(runs: Sequence[Run], results: Mapping[Run, Result]) -> dict[str, list[Measures]]:
    """The measures of each variant all of whose runs came to their end, in the order of the runs."""
    found: dict[str, list[Result]] = {}
    for run in runs:
        found.setdefault(run.variant, []).append(results[run])
    ended = {name: [result for result in given if isinstance(result, Measures)] for name, given in found.items()}
    return {name: measures for name, measures in ended.items() if len(measures) == len(found[name])}
