"""A heat map in the terminal: a row for each output word, a column for each source word.

Source words stand on a staircase above their columns, so that they are read
like any other text, in every script. Words that do not get in each other's way
share a step; where the stairs would be too high, words stand upright. With
colours the map brings its own dark ground, so it looks the same in a dark and a
light terminal; without, weights are shades of a block.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from regard.types import Record
from regard.view import drawing, mosaic
from regard.view.attended import attended
from regard.view.colours import DARK, LEVELS, level
from regard.view.labels import fitted
from regard.view.periods import periods
from regard.view.screen import Screen
from regard.view.words import Grid, grid

TAIL, SHARE = 6, 5  # room to the right of the map, for the confidence, and for how much was generated
LONGEST = 20  # cells of a label
BANDS = 3
HIGHEST = 16  # lines above the map
TALLEST = 12  # letters of a word that stands upright


def show(record: Record, console: Console | None = None, *, words: bool = True) -> None:
    """Print the heat map of a record, or the panels of a picture's, as well as this terminal can."""
    console = console or Console()
    screen = Screen.of(console)
    draw = mosaic.panels if record.grid else heat_map
    for line in [*drawing.lines(record, screen), *draw(record, screen, words=words)]:
        console.print(line, soft_wrap=True)


def heat_map(record: Record, screen: Screen, *, words: bool = True) -> list[Text]:
    """Draw a record in lines no wider than the screen; a map too wide is cut into bands of columns.

    Of more than `BANDS` no eye makes one map: then the sentences that were looked at most are shown, if there are
    several.
    """
    drawn = grid(record, words)
    if not (drawn.target and drawn.source):
        return [Text("(an empty line: nothing to look at)", style="dim")]
    cell, parts = _parts(drawn, screen)
    if len(parts) > BANDS and len(periods(record)) > 2:  # a sentence, and the end sign
        lines = [*attended(record, drawn, screen, words=words), _legend(record, drawn, screen, scale=False)]
    else:
        lines = [line for part in parts for line in _band(drawn, screen, part, cell)]
        lines.append(_legend(record, drawn, screen))
    for line in lines:
        line.truncate(screen.width, overflow="ellipsis" if screen.unicode else "crop")
    return lines


def _parts(drawn: Grid, screen: Screen) -> tuple[int, list[range]]:
    """How wide a cell is, and the columns of each band."""
    left = max(map(cell_len, _rows(drawn, screen))) + 1
    room, columns = screen.width - left - TAIL - (0 if drawn.p_gen is None else SHARE), len(drawn.source)
    cell = 3 if 3 * columns <= room else 2
    count = math.ceil(columns / max(1, room // cell))
    size = math.ceil(columns / max(1, count))
    return cell, [range(first, min(first + size, columns)) for first in range(0, columns, size)]


def _rows(drawn: Grid, screen: Screen) -> list[str]:
    return fitted(drawn.target, max(8, min(LONGEST, screen.width // 3)), screen.cut)


def _band(drawn: Grid, screen: Screen, columns: range, cell: int) -> list[Text]:
    rows = _rows(drawn, screen)
    left = max(map(cell_len, rows)) + 1
    labels = fitted([drawn.source[i] for i in columns], LONGEST, screen.cut)
    starts = [left + cell * i + (cell - 1) // 2 for i in range(len(labels))]
    lines = _stairs(labels, starts, screen)
    for row, (label, weights, confidence) in enumerate(zip(rows, drawn.weights, drawn.confidence, strict=True)):
        line = Text(" " * (left - 1 - cell_len(label)) + label + " ")
        line.append_text(_cells(weights[columns.start : columns.stop].tolist(), cell, screen))
        line.append(f"{confidence:5.0%}", style="dim")
        lines.append(line if drawn.p_gen is None else line.append(f"{drawn.p_gen[row]:5.0%}", style="dim"))
    return [*lines, Text()]


def _stairs(labels: Sequence[str], starts: Sequence[int], screen: Screen) -> list[Text]:
    """Put each label on the highest step where neither it nor the line below it meets another label."""
    steps: list[int] = []
    for start in starts:
        before = zip(labels, starts, steps, strict=False)  # `steps` holds those already placed
        blocked = [step for label, at, step in before if at + cell_len(label) + 1 > start]
        steps.append(max(blocked, default=-1) + 1)
    if max(steps) >= HIGHEST:
        return _upright(labels, starts, screen)
    return [_step(labels, starts, steps, number, screen) for number in range(max(steps) + 1)]


def _step(labels: Sequence[str], starts: Sequence[int], steps: list[int], number: int, screen: Screen) -> Text:
    line = Text()
    for label, start, step in zip(labels, starts, steps, strict=True):
        if step <= number:
            line.append(" " * (start - line.cell_len))
        if step == number:
            line.append(label)
        elif step < number:
            line.append("│" if screen.unicode else "|", style="dim")
    return line


def _upright(labels: Sequence[str], starts: Sequence[int], screen: Screen) -> list[Text]:
    """Write each label downwards, one letter a line, so that it ends above its column."""
    letters = [_letters(label)[:TALLEST] for label in labels]
    height = max(map(len, letters))
    lines = [Text() for _ in range(height)]
    for word, start in zip(letters, starts, strict=True):
        for line, letter in zip(lines[height - len(word) :], word, strict=True):
            line.append(" " * (start - line.cell_len) + letter)
    return lines


def _letters(label: str) -> list[str]:
    """Split a label into letters, each with its accents."""
    letters: list[str] = []
    for sign in label:
        if letters and cell_len(sign) == 0:
            letters[-1] += sign
        else:
            letters.append(sign)
    return letters


def _cells(weights: Iterable[float], width: int, screen: Screen) -> Text:
    if not screen.colour:
        shades = screen.shades
        steps = (round(min(weight, 1.0) * (len(shades) - 1)) for weight in weights)
        return Text("".join(shades[step] * (width - 1) + " " for step in steps))
    line = Text()
    for shade, equal in groupby(map(level, weights)):  # a long row has few colours that change
        line.append(" " * width * len(list(equal)), style=Style(bgcolor=DARK[shade]))
    return line


def _legend(record: Record, drawn: Grid, screen: Screen, *, scale: bool = True) -> Text:
    if not drawn.weights.any():
        return Text("no attention: every weight is zero", style="dim")
    steps = [i / (LEVELS - 1) for i in range(0, LEVELS, 2)]
    legend = Text("0 ", style="dim").append_text(_cells(steps, 1 if screen.colour else 2, screen))
    legend = legend.append(" 1 looked at  ", style="dim") if scale else Text()
    legend.append("% confidence", style="dim")
    if drawn.p_gen is not None:
        legend.append("  % generated, not copied", style="dim")
    score = f"  score {record.score:.2f}"
    return legend.append(score, style="dim") if legend.cell_len + len(score) <= screen.width else legend
