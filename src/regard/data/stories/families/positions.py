"""Whether a thing is on a side of another, told by way of a third."""

from random import Random

from regard.data.stories.grid import SIDES, grow
from regard.data.stories.story import Story

COLOURS = ("blue", "green", "red", "white")
SHAPES = ("ball", "box", "cone", "cup")


def tell(draw: Random, length: int) -> Story:
    """Yes or no, of two things that are two steps apart; each step is one square."""
    things = [f"{colour} {shape}" for colour in COLOURS for shape in SHAPES]
    grid = grow(draw, draw.sample(things, min(max(length, 2) + 1, len(things))), SIDES)
    told = [f"The {link.first} is {link.direction} the {link.second}." for link in grid.links]
    one, other = draw.sample(draw.choice(grid.apart(2)), 2)
    (x, y), (far, high) = grid.squares[one], grid.squares[other]
    sides = {"above": y > high, "below": y < high, "right of": x > far, "left of": x < far}
    right = draw.random() < 0.5
    side = draw.choice([side for side, true in sides.items() if true == right])
    supports = [number for number, _ in grid.way(one, other)]
    return Story.of(told, f"Is the {one} {side} the {other}?", "yes" if right else "no", supports)
