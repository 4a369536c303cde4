"""Where everything of a heat map goes: plain boxes and labels, which SVG and PNG only have to paint."""

from collections.abc import Sequence

from rich.cells import cell_len

from regard.types import Record
from regard.view import panels
from regard.view.colours import LEVELS, level
from regard.view.labels import fitted
from regard.view.shapes import CHARACTER, FONT, MARGIN, Box, Label
from regard.view.shapes import Picture as Picture
from regard.view.words import Grid, grid, printable

LONGEST = 28  # cells of a label
SLANT = 45  # degrees of the source words; cos = sin = 0.707
VISIBLE = 0.005  # a weight below half a percent looks like the ground, and 300 x 300 of them weigh much


def arrange(records: Sequence[Record]) -> Picture:
    """Stack the maps of all records, and the panels of those of pictures, numbered if there are several."""
    picture = Picture()
    for number, record in enumerate(records, start=1):
        if len(records) > 1:
            picture.height += FONT
            picture.labels.append(Label(MARGIN, picture.height, str(number), muted=True))
        if record.grid:
            panels.add(picture, record)
        else:
            _add_map(picture, grid(record))
    if picture.panes:
        panels.add_legend(picture)
    if not picture.panes or any(not record.grid for record in records):
        _add_legend(picture, copies=any(record.p_gen is not None for record in records))
    return picture


def _add_map(picture: Picture, drawn: Grid) -> None:
    if not (drawn.target and drawn.source):
        picture.labels.append(Label(MARGIN + 2 * FONT, picture.height, "(an empty line)", muted=True))
        picture.height += MARGIN
        return
    rows, columns = (fitted(labels, LONGEST) for labels in (drawn.target, drawn.source))
    cell = min(26.0, max(10.0, 1400 / max(len(rows), len(columns))))
    size = min(FONT, 0.85 * cell)
    left = MARGIN + _extent(rows, size) + 10
    top = picture.height + 0.71 * _extent(columns, size) + size
    _add_labels(picture, (rows, columns), (left, top), (cell, size))
    _add_cells(picture, drawn, (left, top), cell)
    for i, confidence in enumerate(drawn.confidence):
        y = top + (i + 0.5) * cell + 0.35 * size
        at = left + cell * len(columns) + 10
        shares = [confidence] if drawn.p_gen is None else [confidence, drawn.p_gen[i]]
        picture.labels.append(Label(at, y, " · ".join(f"{x:.0%}" for x in shares), size=0.85 * size, muted=True))
    slanted = max(cell * (i + 0.5) + 0.71 * CHARACTER * size * cell_len(label) for i, label in enumerate(columns))
    right = max(slanted, cell * len(columns) + 10 + (4 if drawn.p_gen is None else 8) * size)
    picture.width = max(picture.width, left + right + MARGIN)
    picture.height = top + cell * len(rows) + 1.5 * MARGIN


def _add_labels(
    picture: Picture, labels: tuple[list[str], list[str]], origin: tuple[float, float], sizes: tuple[float, float]
) -> None:
    (rows, columns), (left, top), (cell, size) = labels, origin, sizes
    for i, label in enumerate(columns):
        x = left + (i + 0.5) * cell + 0.25 * size
        picture.labels.append(Label(x, top - 8, label, size=size, slant=SLANT))
    for i, label in enumerate(rows):
        y = top + (i + 0.5) * cell + 0.35 * size
        picture.labels.append(Label(left - 10, y, label, size=size, anchor="end"))


def _add_cells(picture: Picture, drawn: Grid, origin: tuple[float, float], cell: float) -> None:
    left, top = origin
    height, width = cell * len(drawn.target), cell * len(drawn.source)
    side = cell - 1 if cell > 14 else cell  # a hair of ground between the cells
    picture.boxes.append(Box(left - 1, top - 1, width + 1, height + 1, level=0))
    for i, row in enumerate(drawn.weights):
        for j, weight in enumerate(row):
            if weight >= VISIBLE:
                hover = f"{drawn.target[i]} ← {drawn.source[j]}: {weight:.1%} (of {row.sum():.0%} in the row)"
                box = Box(left + j * cell, top + i * cell, side, side, level(float(weight)), printable(hover))
                picture.boxes.append(box)


def _add_legend(picture: Picture, *, copies: bool) -> None:
    """The colour scale in the bottom left corner."""
    y = picture.height
    picture.labels.append(Label(MARGIN, y + 9, "0", size=11, muted=True))
    for i in range(LEVELS):
        picture.boxes.append(Box(MARGIN + 12 + 5 * i, y, 5, 10, level=i))
    text = "1  attention  ·  % probability of the word" + ("  ·  % generated, not copied" if copies else "")
    picture.labels.append(Label(MARGIN + 18 + 5 * LEVELS, y + 9, text, size=11, muted=True))
    picture.width = max(picture.width, MARGIN + 18 + 5 * LEVELS + 11 * CHARACTER * len(text) + MARGIN)
    picture.height = y + 10 + MARGIN


def _extent(labels: Sequence[str], size: float) -> float:
    return max(CHARACTER * size * cell_len(label) for label in labels)
