"""What a person sees of a run: a progress bar, a log of JSON lines, TensorBoard."""

import json
import math
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from regard.files import write_text

LOG = "log.jsonl"
EVERY = 10  # steps between two lines of the log


class Watch:
    """Shows and writes down the facts of a run; what was logged after the step it resumes from is dropped."""

    def __init__(self, folder: Path, step: int, steps: int, console: Console) -> None:
        from torch.utils.tensorboard import SummaryWriter

        folder.mkdir(parents=True, exist_ok=True)
        self._log = _reopened(folder / LOG, step).open("a", encoding="utf-8", newline="\n")
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=step + 1)
        self._console, self._step = console, step
        text = "{task.fields[shown]}"
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn(text), TimeRemainingColumn(compact=True))
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task("train", total=steps, completed=step, shown="")
        self._loss, self._speed = 0.0, 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        self._log.close()
        self._board.close()

    def step(self, step: int, facts: dict[str, float]) -> None:
        """One step is done."""
        speed = facts["tokens"] / facts["seconds"]
        fresh = 1.0 if not self._speed else 0.05
        self._speed += fresh * (speed - self._speed)
        self._loss += fresh * (facts["loss"] - self._loss) if math.isfinite(facts["loss"]) else 0.0
        shown = f"loss {self._loss:.3f}  {self._speed:,.0f} tokens/s"
        self._bar.update(self._task, completed=step, shown=shown)
        if step % EVERY == 0:
            self._write({"step": step, **facts}, "train")

    def validation(self, step: int, facts: dict[str, float], note: str) -> None:
        """A validation is done."""
        self._write({"step": step, **facts}, "valid")
        shown = "  ".join(f"{name} {value:.2f}" for name, value in facts.items())
        self.say(f"step {step:,}  {shown}  {note}".rstrip())

    def say(self, text: str) -> None:
        """A line for the user, above the bar."""
        self._bar.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def _write(self, facts: dict[str, Any], kind: str) -> None:
        self._log.write(json.dumps({"kind": kind, **{name: _plain(value) for name, value in facts.items()}}) + "\n")
        self._log.flush()
        for name, value in facts.items():
            if name != "step":
                self._board.add_scalar(f"{kind}/{name}", value, facts["step"])


def read_log(folder: Path) -> list[dict[str, Any]]:
    """The log's whole lines; a last one that was cut off by a kill is left out."""
    path = folder / LOG
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def _plain(value: float) -> float | None:
    """A number as JSON has it: there is no NaN."""
    return round(value, 6) if math.isfinite(value) else None


def _reopened(path: Path, step: int) -> Path:
    kept = [facts for facts in read_log(path.parent) if facts["step"] <= step]
    write_text(path, "".join(json.dumps(facts) + "\n" for facts in kept))
    return path
