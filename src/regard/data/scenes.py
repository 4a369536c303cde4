"""Scenes and the words that tell them: MNIST's digits, or coloured shapes, at places (Mansimov et al., 2016).

"a small three at the left", "a red square above a blue circle at the right". The words say what is in which of nine
regions, so that a drawing of them can be judged. What is drawn follows from the settings alone. Some combinations
of words are in no scene of the splits `train`, `valid` and `test`, and alone in `unseen`: a thing at a place, and two
things one above or beside the other, whichever of them the words begin with.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from regard import idx
from regard.build import Count, Range, Share, Size
from regard.data.digits import mnist
from regard.data.strokes import COLOURS, DIGITS, SHAPES, figure, resized, trimmed
from regard.errors import UsageError
from regard.files import write_text

Bytes = NDArray[np.uint8]
Kind = Literal["digits", "shapes"]
Split = Literal["train", "valid", "test", "unseen"]
Combination = tuple[str, str, str]  # a thing, where it is, and the other thing, if it is beside one

PLACES = {"in the middle": (1, 1), "at the left": (1, 0), "at the right": (1, 2), "at the top": (0, 1)}
PLACES |= {"at the bottom": (2, 1)}
# Where the first thing is of two, and where these may be: the region of the upper or left one.
BESIDE = {"above": (0, "down"), "below": (1, "down"), "left of": (0, "across"), "right of": (1, "across")}
PAIRS = {"down": ("", "at the left", "at the right"), "across": ("", "at the top", "at the bottom")}
LARGE, SMALL = 0.46, 0.29  # of the picture's side


@dataclass(frozen=True, kw_only=True)
class Scenes:
    """How scenes are made.

    Options:
        kind: digits, of one channel, or shapes, of three, whose bytes are 0 or 255
        side: pixels of a picture
        lines: pictures
        split: train, valid or test, or unseen, the combinations that these never have; digits as MNIST splits them
        pairs: share of the scenes that have two things
        unseen: share of all combinations that is kept for the split of that name
        seed: other seeds give other pictures; which combinations are kept does not depend on it
    """

    kind: Kind = "digits"
    side: Annotated[int, Range(24, 512)] = 48
    lines: Size = 1000
    split: Split = "train"
    pairs: Share = 0.7
    unseen: Annotated[float, Range(0.01, 0.5)] = 0.1
    seed: Count = 1


class Thing(NamedTuple):
    """What is at a place: its name in words, whether it is small, and the region, (row, column) of three each."""

    name: str
    small: bool
    region: tuple[int, int]


class Scene(NamedTuple):
    """Things, the words that tell them, and what is combined there."""

    things: tuple[Thing, ...]
    words: str
    combination: Combination


def names(kind: Kind) -> list[str]:
    """All that may be in a scene."""
    return list(DIGITS) if kind == "digits" else [f"{colour} {shape}" for colour in COLOURS for shape in SHAPES]


def combinations(kind: Kind) -> list[Combination]:
    """Each thing at each place, and each two above or beside each other; of two the upper or left one first."""
    known = names(kind)
    alone = [(name, place, "") for name in known for place in PLACES]
    return alone + [(one, axis, other) for axis in PAIRS for one in known for other in known]


def kept(settings: Scenes) -> set[Combination]:
    """Those that only the split `unseen` has: a share of what is alone, and of pairs; no seed's affair."""
    random = np.random.default_rng((len(names(settings.kind)), 2016))
    found: set[Combination] = set()
    for paired in (False, True):
        some = [each for each in combinations(settings.kind) if bool(each[2]) == paired]
        number = max(1, round(settings.unseen * len(some)))
        found |= {some[i] for i in random.permutation(len(some))[:number].tolist()}
    return found


def tell(settings: Scenes, random: Generator, unseen: set[Combination]) -> Scene:
    """One scene of the split's combinations, in words."""
    while True:
        scene = _pair(settings, random) if random.random() < settings.pairs else _alone(settings, random)
        if (scene.combination in unseen) == (settings.split == "unseen"):
            return scene


def regions(words: str) -> dict[tuple[int, int], str]:
    """What the words say is where. UsageError for words that `tell` never uses."""
    for beside, (turned, axis) in BESIDE.items():
        first, sign, rest = words.partition(f" {beside} ")
        if sign:
            place = next((p for p in PAIRS[axis] if p and rest.endswith(f" {p}")), "")
            both = [_named(first), _named(rest.removesuffix(place))]
            at = _regions(axis, place)
            return dict(zip(at, both[::-1] if turned else both, strict=True))
    for place, region in PLACES.items():
        if words.endswith(f" {place}"):
            return {region: _named(words.removesuffix(place))}
    raise UsageError(f"{words!r} tells no scene, expected such as 'a small three at the left'.")


def draw(settings: Scenes, digits: Bytes, labels: Bytes) -> tuple[Bytes, list[Scene]]:
    """The pictures, (N, H, W) or (N, H, W, 3), and their scenes. Of digits those given are taken, else none."""
    random = np.random.default_rng((settings.seed, *settings.split.encode()))
    unseen = kept(settings)
    scenes = [tell(settings, random, unseen) for _ in range(settings.lines)]
    grey = settings.kind == "digits"
    shape = (settings.lines, settings.side, settings.side, *(() if grey else (3,)))
    pictures = np.zeros(shape, np.uint8)
    of = {name: np.flatnonzero(labels == value) for value, name in enumerate(DIGITS)} if grey else {}
    for picture, scene in zip(pictures, scenes, strict=True):
        for thing in scene.things:
            side = round((SMALL if thing.small else LARGE) * settings.side)
            own = resized(trimmed(digits[random.choice(of[thing.name])]), side) if grey else figure(thing.name, side)
            _lay(own, picture, thing.region, random)
    return pictures, scenes


def write(settings: Scenes, digits: Path | None, folder: Path) -> Path:
    """Write pictures, words and settings; return the file of words. UsageError without the digits that it wants."""
    if (settings.kind == "digits") != (digits is not None):
        wanted = "digits want --digits FOLDER, with the files of MNIST"
        raise UsageError(f"scenes of {wanted}." if not digits else "scenes of shapes take no --digits.")
    part = "test" if settings.split == "unseen" else settings.split
    nothing = np.zeros(0, np.uint8)
    pictures, scenes = draw(settings, *(mnist(digits, part) if digits else (nothing, nothing)))
    folder.mkdir(parents=True, exist_ok=True)
    out, file = folder / f"{settings.split}.jsonl", f"{settings.split}-images-idx{pictures.ndim}{idx.MARK}"
    idx.write(folder / file, pictures)
    facts = {**asdict(settings), "kept for unseen": sorted(kept(settings))}
    write_text(folder / f"{settings.split}.json", json.dumps(facts, indent=1) + "\n")
    rows = ({"image": f"{file}#{i}", "caption": scene.words} for i, scene in enumerate(scenes))
    write_text(out, "".join(json.dumps(row) + "\n" for row in rows))
    return out


def _alone(settings: Scenes, random: Generator) -> Scene:
    name, small = _some(settings.kind, random)
    place = str(random.choice(list(PLACES)))
    return Scene((Thing(name, small, PLACES[place]),), f"{_said(name, small)} {place}", (name, place, ""))


def _pair(settings: Scenes, random: Generator) -> Scene:
    one, other = _some(settings.kind, random), _some(settings.kind, random)
    beside = str(random.choice(list(BESIDE)))
    turned, axis = BESIDE[beside]
    place = str(random.choice(PAIRS[axis]))
    both = (other, one) if turned else (one, other)  # the upper or left one first
    at = _regions(axis, place)
    things = tuple(Thing(*thing, region) for thing, region in zip(both, at, strict=True))
    words = " ".join([_said(*one), beside, _said(*other), *([place] if place else [])])
    return Scene(things, words, (both[0][0], axis, both[1][0]))


def _regions(axis: str, place: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Those of two things, one above or left of the other, at the place."""
    row, column = PLACES[place] if place else (1, 1)
    return ((0, column), (2, column)) if axis == "down" else ((row, 0), (row, 2))


def _some(kind: Kind, random: Generator) -> tuple[str, bool]:
    return str(random.choice(names(kind))), bool(random.random() < 0.5)


def _said(name: str, small: bool) -> str:
    words = f"small {name}" if small else name
    return f"{'an' if words[0] in 'aeiu' else 'a'} {words}"  # a one, an eight


def _named(words: str) -> str:
    """The thing of "a small three"."""
    kept_words = [word for word in words.split() if word not in ("a", "an", "small")]
    return " ".join(kept_words)


def _lay(own: Bytes, picture: Bytes, region: tuple[int, int], random: Generator) -> None:
    """Lay it in the middle of its region, a little moved, and all of it inside."""
    side, size = picture.shape[0], own.shape[0]
    middle = ((at * 2 + 1) * side / 6 for at in region)
    apart = 1 + side // 48
    moved = (round(m - size / 2) + int(random.integers(-apart, apart + 1)) for m in middle)
    top, left = (min(max(at, 0), side - size) for at in moved)
    under = picture[top : top + size, left : left + size]
    np.maximum(under, own, out=under)
