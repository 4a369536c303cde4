"""Arrays as MNIST comes, and pictures made of their digits."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from regard import idx, pictures
from regard.build import complete
from regard.cli import main
from regard.data.captioned import holds, open_captioned
from regard.data.digits import Digits, draw, write
from regard.errors import DataError, NoSuchFile, UsageError
from regard.idx import Bytes

TRAIN, TEST = "train-images-idx3-ubyte", "t10k-images-idx3-ubyte"


def digits(count: int, seed: int) -> tuple[Bytes, Bytes]:
    """Blocks of 28 x 28 whose brightness tells which they are, so that a picture tells what it was made of."""
    random = np.random.default_rng(seed)
    shades = np.arange(count) % 120 + (1 if seed == 1 else 128)
    return np.full((count, 28, 28), shades[:, None, None], np.uint8), random.integers(0, 10, count).astype(np.uint8)


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    folder = tmp_path / "mnist"
    folder.mkdir()
    for name, count, seed in ((TRAIN, 48, 1), (TEST, 30, 2)):
        shown, labels = digits(count, seed)
        idx.write(folder / name, shown)
        idx.write(folder / name.replace("images-idx3", "labels-idx1"), labels)
    return folder


def made(**chosen: object) -> Digits:
    return Digits(**complete(Digits, chosen, "digits"))


def test_what_is_written_is_read_packed_or_not(tmp_path: Path) -> None:
    given = np.arange(3 * 5 * 7, dtype=np.uint8).reshape(3, 5, 7)
    idx.write(tmp_path / TRAIN, given)
    content = (tmp_path / TRAIN).read_bytes()
    assert content[:16] == bytes((0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 5, 0, 0, 0, 7))
    (tmp_path / f"{TEST}.gz").write_bytes(gzip.compress(content))
    for name in (TRAIN, f"{TEST}.gz"):
        assert np.array_equal(idx.read(tmp_path / name), given)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\0\0\x08\x03\0\0\0\2\0\0\0\2\0\0\0\2\1\2\3", r"cut off or broken: it says 2 x 2 x 2, and holds 3 bytes"),
        (b"P5 3 3 255 ...", r"not an array of unsigned bytes"),
        (b"", r"not an array of unsigned bytes"),
    ],
)
def test_a_damaged_array_is_told(tmp_path: Path, content: bytes, fault: str) -> None:
    (tmp_path / TRAIN).write_bytes(content)
    with pytest.raises(DataError, match=fault):
        idx.read(tmp_path / TRAIN)
    (tmp_path / f"{TEST}.gz").write_bytes(gzip.compress(content)[:-4])
    with pytest.raises(DataError, match="cut off or broken"):
        idx.read(tmp_path / f"{TEST}.gz")


def test_a_picture_in_an_array_is_read_as_any_other(mnist: Path) -> None:
    name = f"{mnist / TRAIN}#7"
    assert pictures.check(name) == (28, 28)
    assert pictures.read(name, 28).shape == (28, 28, 3)
    assert np.array_equal(pictures.read(name, 28, 1)[..., 0], idx.read(mnist / TRAIN)[7])
    assert pictures.read(name, 14, 1).shape == (14, 14, 1)
    assert pictures.digest(name) != pictures.digest(f"{mnist / TRAIN}#8")
    assert pictures.thumbnail(name, 28).shape == (28, 28, 3)
    with pytest.raises(DataError, match="there is no such picture; it holds 48, from 0"):
        pictures.check(f"{mnist / TRAIN}#48")
    with pytest.raises(NoSuchFile):
        pictures.check(f"{mnist / 'gone-images-idx3-ubyte'}#1")


def test_arrays_are_a_corpus_of_labelled_pictures(mnist: Path) -> None:
    labels = idx.read(mnist / TRAIN.replace("images-idx3", "labels-idx1"))
    corpus = open_captioned(mnist / TRAIN, labels=True)
    found = list(corpus)
    assert [example.target for example in found] == [str(label) for label in labels]
    assert found[5].source == f"{mnist / TRAIN}#5" and corpus.findings.kept == 48
    some = list(open_captioned(f"{mnist / TRAIN}#8-11", labels=True))
    assert some == found[8:11]
    assert holds(mnist / TRAIN) == "labels"
    with pytest.raises(DataError, match=r"#0-60: expected a part such as #0-48; it holds 48 pictures"):
        open_captioned(f"{mnist / TRAIN}#0-60", labels=True)
    (mnist / TRAIN.replace("images-idx3", "labels-idx1")).unlink()
    with pytest.raises(NoSuchFile, match="no labels beside it"):
        open_captioned(mnist / TRAIN, labels=True)


@pytest.mark.parametrize("kind", ["translated", "cluttered", "pairs"])
def test_equal_settings_give_equal_pictures_and_others_give_others(kind: str) -> None:
    given = digits(40, 1)
    one, again = (draw(made(kind=kind, lines=20), *given) for _ in range(2))
    assert np.array_equal(one[0], again[0]) and np.array_equal(one[1], again[1])
    assert not np.array_equal(one[0], draw(made(kind=kind, lines=20, seed=2), *given)[0])
    assert one[0].shape == (20, 60, 60)


def test_a_moved_digit_is_whole_and_alone() -> None:
    shown, labels = digits(40, 1)
    found, told = draw(made(lines=40), shown, labels)
    assert sorted(told.tolist()) == sorted(labels.tolist())  # each in turn
    for picture in found:
        rows, columns = (np.flatnonzero(picture.any(axis)) for axis in (1, 0))
        assert np.ptp(rows) == np.ptp(columns) == 27 and len(np.unique(picture)) == 2


def test_clutter_is_pieces_of_the_size_asked_for() -> None:
    found, _ = draw(made(kind="cluttered", side=100, pieces=4, piece=8, lines=30), *digits(40, 1))
    lit = (found > 0).sum((1, 2))
    assert (lit > 28 * 28).all() and (lit <= 28 * 28 + 4 * 64).all()
    assert lit.max() == 28 * 28 + 4 * 64


def test_a_pair_has_its_first_digit_at_the_left() -> None:
    shown, labels = digits(40, 1)
    found, told = draw(made(kind="pairs", lines=30), shown, labels)
    assert told.shape == (30, 2)
    of_shade = dict(zip(shown[:, 0, 0].tolist(), labels.tolist(), strict=True))
    for picture, pair in zip(found, told, strict=True):
        assert [of_shade[int(half.max())] for half in (picture[:, :30], picture[:, 30:])] == pair.tolist()


def test_no_digit_of_one_split_is_in_another(mnist: Path, tmp_path: Path) -> None:
    shades = {}
    for split in ("train", "valid", "test"):
        out = write(made(kind="cluttered", split=split, lines=200), mnist, tmp_path / "out")
        shades[split] = set(np.unique(idx.read(out)).tolist()) - {0}
    assert shades["train"] == set(range(1, 45)) and shades["valid"] == set(range(45, 49))
    assert not shades["test"] & (shades["train"] | shades["valid"])
    facts = json.loads((tmp_path / "out" / "valid.json").read_text(encoding="utf-8"))
    assert facts["kind"] == "cluttered" and facts["of"] == [44, 48] and facts["seed"] == 1


def test_the_command_writes_what_can_be_learnt_from(mnist: Path, tmp_path: Path) -> None:
    arguments = ["--digits", str(mnist), "--kind", "pairs", "--lines", "6", "--split", "valid"]
    assert main(["generate", "digits", *arguments, "--out", str(tmp_path / "out")]) == 0
    found = list(open_captioned(tmp_path / "out" / "valid-images-idx3-ubyte", labels=True, repeats=True))
    assert len(found) == 6 and all(len(example.target.split(", ")) == 2 for example in found)


def test_wrong_wishes_are_told(mnist: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(tmp_path / "out")]
    assert main(["generate", "digits", *out]) != 0
    assert "digits want --digits FOLDER" in capsys.readouterr().err
    assert main(["generate", "digits", "--digits", str(tmp_path), *out]) != 0
    assert "holds no digits" in capsys.readouterr().err
    with pytest.raises(UsageError, match="want at least 56"):
        made(kind="pairs", side=40)
    with pytest.raises(UsageError, match="a digit has 28 pixels"):
        made(kind="cluttered", piece=30)
