"""What a command puts on a terminal: lines in colours, and maps."""

from collections.abc import Callable
from typing import TextIO

from rich.console import Console

from regard.view import confidence
from regard.view.record import Output
from regard.view.terminal import show


def printed(stream: TextIO) -> Callable[[Output], None]:
    """Print outputs as lines whose doubtful words are coloured."""
    lines = Console(file=stream, soft_wrap=True)
    return lambda output: lines.print(confidence.line([output, *output.alternatives]))


def drawn(*, error: bool) -> Callable[[Output], None]:
    """Draw the attention of outputs, on standard output or on standard error."""
    console = Console(stderr=error)
    return lambda output: show(output, console)
