"""How far many lines or pictures have come: a bar on stderr with so many a second, if a person is there to see it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class Advance(Protocol):
    """Say that so many more lines are done."""

    def __call__(self, lines: int) -> None:
        """Add them."""
        ...


class Speed(ProgressColumn):
    """How many a second this run did itself."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def render(self, task: Task) -> Text:
        """As "120.5 lines/s"."""
        return Text(f"{task.speed:,.1f} {self.what}/s" if task.speed else "")


@contextmanager
def progress(total: int | None, done: int = 0, *, shown: bool = True, what: str = "lines") -> Iterator[Advance]:
    """Show a bar from `done` to `total`, a count alone if the total is not known; nothing without a terminal."""
    console = Console(stderr=True)
    count = "{task.completed:,}" + ("" if total is None else "/{task.total:,}") + f" {what}"
    columns = (BarColumn(), TextColumn(count), Speed(what), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal)) as bar:
        task = bar.add_task(what, total=total, completed=done)

        def advance(lines: int) -> None:
            bar.advance(task, lines)

        yield advance
