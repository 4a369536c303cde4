"""Scenes and their words."""

import json
from pathlib import Path

import numpy as np
import pytest

import drawings
from regard import idx, pictures
from regard.build import complete
from regard.cli import main
from regard.data.described import open_described
from regard.data.scenes import PLACES, Kind, Scenes, combinations, draw, kept, names, regions, tell
from regard.data.strokes import SHAPES, figure, outline, resized, trimmed
from regard.errors import UsageError


def made(**chosen: object) -> Scenes:
    return Scenes(**complete(Scenes, {"kind": "shapes", **chosen}, "scenes"))


def told(settings: Scenes, count: int = 400) -> list[str]:
    random, unseen = np.random.default_rng(1), kept(settings)
    return [tell(settings, random, unseen).words for _ in range(count)]


@pytest.mark.parametrize("kind", ["digits", "shapes"])
def test_words_say_what_is_where(kind: str) -> None:
    settings = made(kind=kind)
    random, unseen = np.random.default_rng(1), kept(settings)
    for _ in range(400):
        scene = tell(settings, random, unseen)
        assert regions(scene.words) == {thing.region: thing.name for thing in scene.things}
        assert ("small" in scene.words) == any(thing.small for thing in scene.things)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("a small three at the left", {(1, 0): "three"}),
        ("an eight in the middle", {(1, 1): "eight"}),
        ("a three above a small seven", {(0, 1): "three", (2, 1): "seven"}),
        ("a three below a seven at the right", {(0, 2): "seven", (2, 2): "three"}),
        ("a red ring left of a small red cross at the top", {(0, 0): "red ring", (0, 2): "red cross"}),
        ("a red ring right of a blue cross", {(1, 0): "blue cross", (1, 2): "red ring"}),
    ],
)
def test_regions_of_words(words: str, expected: dict[tuple[int, int], str]) -> None:
    assert regions(words) == expected


def test_words_of_another_kind_are_refused() -> None:
    with pytest.raises(UsageError, match="'a cat' tells no scene"):
        regions("a cat")


@pytest.mark.parametrize("kind", ["digits", "shapes"])
def test_what_is_kept_is_unseen_whichever_way_it_is_told(kind: Kind) -> None:
    settings, held = made(kind=kind, unseen=0.2), kept(made(kind=kind, unseen=0.2))
    assert len(held) == pytest.approx(0.2 * len(combinations(settings.kind)), abs=2)
    assert held == kept(made(kind=kind, unseen=0.2, seed=9, split="test"))
    random = np.random.default_rng(2)
    for split, inside in (("train", False), ("test", False), ("unseen", True)):
        some = [tell(made(kind=kind, unseen=0.2, split=split), random, held) for _ in range(300)]
        assert {scene.combination in held for scene in some} == {inside}
    both = {(one, axis, other) for one, axis, other in held if other}
    said = set(told(settings, 3000))
    for upper, axis, lower in both:
        if axis == "down":
            assert not said & {f"a {upper} above a {lower}", f"a {lower} below a {upper}"}


def test_shapes_lie_in_their_regions_and_have_their_colour() -> None:
    shown, scenes = draw(made(side=48, lines=60), np.zeros(0, np.uint8), np.zeros(0, np.uint8))
    assert shown.shape == (60, 48, 48, 3) and set(np.unique(shown)) == {0, 255}
    for picture, scene in zip(shown, scenes, strict=True):
        lit = picture.max(-1) > 0
        rest = lit.copy()
        for thing in scene.things:
            row, column = thing.region
            middle = np.hypot(np.arange(48)[:, None] - 16 * row - 7.5, np.arange(48) - 16 * column - 7.5)
            near = middle <= 20
            assert (lit & near).any()
            rest &= ~near
        assert not rest.any()
        colours = {tuple(pixel) for pixel in picture.reshape(-1, 3).tolist()} - {(0, 0, 0)}
        wanted = {tuple(figure(thing.name, 9).reshape(-1, 3).max(0).tolist()) for thing in scene.things}
        assert colours == wanted


def test_digits_are_those_of_the_words() -> None:
    shades = np.arange(10, dtype=np.uint8) * 20 + 40
    digits = np.broadcast_to(shades[:, None, None], (10, 28, 28))
    shown, scenes = draw(made(kind="digits", lines=50), digits, np.arange(10))
    assert shown.shape == (50, 48, 48)
    for picture, scene in zip(shown, scenes, strict=True):
        assert set(np.unique(picture)) - {0} == {int(shades[names("digits").index(t.name)]) for t in scene.things}
        sizes = [np.count_nonzero(picture == shades[names("digits").index(t.name)]) for t in scene.things]
        if len({thing.name for thing in scene.things}) == len(scene.things):
            assert sizes == [14**2 if thing.small else 22**2 for thing in scene.things]


def test_a_smaller_picture_has_the_means_of_what_lies_under_it() -> None:
    picture = np.arange(36, dtype=np.uint8).reshape(6, 6) * 7
    np.testing.assert_array_equal(resized(picture, 3), np.rint(picture.reshape(3, 2, 3, 2).mean((1, 3))))
    np.testing.assert_array_equal(resized(picture, 6), picture)
    assert resized(np.full((28, 28), 200, np.uint8), 11).tolist() == [[200] * 11] * 11


def test_every_shape_differs_at_the_smallest_size() -> None:
    assert len({outline(shape, 7).tobytes() for shape in SHAPES}) == len(SHAPES)


def test_files_are_read_again_and_follow_from_the_settings(tmp_path: Path) -> None:
    file = drawings.scenes(tmp_path / "a", 30)
    again = drawings.scenes(tmp_path / "b", 30)
    for one, other in zip(sorted(file.parent.iterdir()), sorted(again.parent.iterdir()), strict=True):
        assert one.read_bytes() == other.read_bytes()
    facts = json.loads((file.parent / "train.json").read_text(encoding="utf-8"))
    assert facts["kind"] == "shapes" and [tuple(each) for each in facts["kept for unseen"]] == sorted(kept(made()))
    examples = list(open_described(file, image="image", words="caption"))
    assert len(examples) == 30
    shown = idx.read(tmp_path / "a" / "train-images-idx4-ubyte")
    for number, example in enumerate(examples):
        np.testing.assert_array_equal(pictures.read(example.target, 24), shown[number])
        assert regions(example.source)
    assert [e.source for e in open_described(file, image="image", words="")] == [""] * 30


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--kind", "shapes"], "scenes want --out FOLDER to write to"),
        (["--out", "here"], "scenes of digits want --digits FOLDER"),
        (["--kind", "shapes", "--digits", ".", "--out", "here"], "scenes of shapes take no --digits"),
        (["--kind", "cluttered", "--out", "here"], "kind is 'cluttered'; it wants digits | shapes"),
        (["--kind", "shapes", "--pieces", "3", "--out", "here"], "--pieces is not of scenes"),
        (["--kind", "shapes", "--split", "trian", "--out", "here"], "split is 'trian'"),
        (["--kind", "shapes", "--side", "9", "--out", "here"], "side is 9"),
    ],
)
def test_what_cannot_be_made_is_told(
    arguments: list[str],
    fault: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["generate", "scenes", *arguments]) == 2
    assert fault in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_command_writes_a_split(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["generate", "scenes", "--kind", "shapes", "--side", "24", "--lines", "5", "--split", "unseen"]
    assert main([*given, "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "unseen.jsonl")
    assert len((tmp_path / "unseen.jsonl").read_text(encoding="utf-8").splitlines()) == 5
    assert set(PLACES.values()) <= {(r, c) for r in range(3) for c in range(3)}


def test_a_digit_is_trimmed_to_the_least_square_around_it() -> None:
    picture = np.zeros((28, 28), np.uint8)
    picture[5:25, 10:14] = 9  # 20 high, 4 wide: 8 columns more at either side
    assert trimmed(picture).shape == (20, 20)
    np.testing.assert_array_equal(np.flatnonzero(trimmed(picture).any(0)), [8, 9, 10, 11])
    picture = np.zeros((28, 28), np.uint8)
    picture[27, :6] = picture[20, 0] = 9  # at a corner: the square stops at the edge
    assert trimmed(picture).shape == (8, 8) and np.count_nonzero(trimmed(picture)) == 7
