"""Things on the squares of a grid, each told to be beside one that is there already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random

Square = tuple[int, int]
COMPASS: Mapping[str, Square] = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0)}
SIDES: Mapping[str, Square] = {"above": (0, 1), "below": (0, -1), "right of": (1, 0), "left of": (-1, 0)}


@dataclass(frozen=True, slots=True)
class Link:
    """`first` lies in this direction of `second`."""

    first: str
    direction: str
    second: str


@dataclass(frozen=True, slots=True)
class Grid:
    """The square of each thing, and what links it to others: a tree, so there is one way from each to each."""

    squares: dict[str, Square]
    links: list[Link]

    def way(self, start: str, end: str) -> list[tuple[int, str]]:
        """The links from one thing to another: the number of each, and the thing it leads to."""
        ways: dict[str, list[tuple[int, str]]] = {start: []}
        while end not in ways:
            for number, link in enumerate(self.links):
                for here, there in ((link.first, link.second), (link.second, link.first)):
                    if here in ways and there not in ways:
                        ways[there] = [*ways[here], (number, there)]
        return ways[end]

    def apart(self, steps: int) -> list[tuple[str, str]]:
        """All pairs of things that are so many links apart."""
        return [pair for pair in combinations(self.squares, 2) if len(self.way(*pair)) == steps]


def grow(draw: Random, things: Sequence[str], directions: Mapping[str, Square]) -> Grid:
    """Lay things out one by one; the links come in any order, each told from either side."""
    squares: dict[str, Square] = {things[0]: (0, 0)}
    links: list[Link] = []
    for thing in things[1:]:
        free = [
            (direction, beside, square)
            for beside, (x, y) in squares.items()
            for direction, (right, up) in directions.items()
            if (square := (x + right, y + up)) not in squares.values()
        ]
        direction, beside, squares[thing] = draw.choice(free)
        if draw.random() < 0.5:
            links.append(Link(thing, direction, beside))
        else:
            right, up = directions[direction]
            back = next(name for name, step in directions.items() if step == (-right, -up))
            links.append(Link(beside, back, thing))
    draw.shuffle(links)
    return Grid(squares, links)
