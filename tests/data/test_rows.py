"""Rows that grow: killed anywhere, a run goes on, and in the end the bytes are those of one that was left alone."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import tracemalloc
from contextlib import nullcontext
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from drawn import plain
from regard import pictures
from regard.data.digests import Digests
from regard.data.gather import gather
from regard.data.rows import INFO, KEYS, ROWS, Rows
from regard.errors import DataError, UsageError

SHAPE = (3, 5)


def digest(number: int) -> bytes:
    return blake2b(str(number).encode(), digest_size=pictures.DIGEST).digest()


def block(numbers: list[int]) -> NDArray[np.float16]:
    return np.array(numbers, np.float16)[:, None, None] + np.arange(15, dtype=np.float16).reshape(SHAPE) / 16


def opened(folder: Path) -> Rows:
    return Rows(folder, "mean-8", SHAPE, "float16")


def fill(folder: Path, steps: list[list[int]]) -> Rows:
    rows = opened(folder)
    with rows.adding() as add:
        for numbers in steps:
            add([digest(number) for number in numbers], block(numbers))
    return rows


def files(rows: Rows) -> tuple[bytes, bytes, Any]:
    note = json.loads((rows.folder / INFO).read_text(encoding="utf-8"))
    return (rows.folder / ROWS).read_bytes(), (rows.folder / KEYS).read_bytes(), note


@settings(max_examples=25, deadline=None, derandomize=True)
@given(steps=st.lists(st.lists(st.integers(0, 999), min_size=1, max_size=7, unique=True), max_size=5))
def test_what_goes_in_is_found_by_its_digest(tmp_path_factory: pytest.TempPathFactory, steps: list[list[int]]) -> None:
    fresh = [[n for n in step if all(n not in earlier for earlier in steps[:i])] for i, step in enumerate(steps)]
    rows = fill(tmp_path_factory.mktemp("rows"), [step for step in fresh if step])
    for again in (rows, opened(rows.folder.parent)):
        order = [number for step in fresh for number in step]
        assert [again.find(digest(number)) for number in order] == list(range(len(order)))
        assert again.find(digest(1000)) == -1
        assert len(again) == len(order)
        assert all((again[i] == block([number])[0]).all() for i, number in enumerate(order))


def test_rows_are_mapped_and_cannot_be_changed(tmp_path: Path) -> None:
    rows = fill(tmp_path, [[1, 2], [3]])
    assert isinstance(rows[1], np.memmap) and isinstance(rows[:2], np.memmap)
    assert rows[np.array([2, 0, 2])][:, 0, 0].tolist() == [3, 1, 3]
    with pytest.raises(ValueError, match="read-only"):
        rows[0][0] = 1
    with pytest.raises(IndexError):
        rows[3]


def test_a_reader_sees_whole_steps_while_another_adds(tmp_path: Path) -> None:
    reader = opened(tmp_path)
    with opened(tmp_path).adding() as add:
        for count in (2, 4):
            add([digest(count), digest(count + 1)], block([count, count + 1]))
            assert (len(reader), len(opened(tmp_path))) == (count - 2, count)
            reader.refresh()
            assert reader.find(digest(count + 1)) == count - 1


def test_one_adds_at_a_time(tmp_path: Path) -> None:
    with opened(tmp_path).adding() as add:
        with pytest.raises(UsageError, match="mean-8: another run is adding to it; wait"), opened(tmp_path).adding():
            pass
        add([digest(1)], block([1]))
    assert len(fill(tmp_path, [[2]])) == 2


def test_a_step_of_another_shape_is_no_step(tmp_path: Path) -> None:
    rows = opened(tmp_path)
    with rows.adding() as add, pytest.raises(ValueError, match=re.escape("got rows (2, 3, 5), expected (1, 3, 5)")):
        add([digest(1)], block([1, 2]))
    assert len(rows) == 0


def test_rows_of_another_kind_are_refused_and_left_alone(tmp_path: Path) -> None:
    before = files(fill(tmp_path, [[1]]))
    with pytest.raises(DataError, match=r"shape is \[3, 5\], expected \[5, 3\]: remove .*mean-8, and it is made again"):
        Rows(tmp_path, "mean-8", (5, 3), "float16")
    with pytest.raises(DataError, match="dtype is '<f2', expected '<f4'"):
        Rows(tmp_path, "mean-8", SHAPE, "float32")
    assert files(opened(tmp_path)) == before


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"rows": "x"}', "\xff", "7"])
def test_a_note_that_says_nothing_is_refused(tmp_path: Path, note: str) -> None:
    rows = fill(tmp_path, [[1]])
    (rows.folder / INFO).write_bytes(note.encode("latin-1"))
    with pytest.raises(DataError, match=r"info\.json: is damaged .*remove"):
        opened(tmp_path)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(dice=st.randoms(use_true_random=False))
def test_what_is_torn_or_cut_is_made_again(tmp_path_factory: pytest.TempPathFactory, dice: random.Random) -> None:
    steps = [[1, 2, 3], [4, 5, 6], [7, 8]]
    whole = files(fill(tmp_path_factory.mktemp("whole"), steps))
    folder = tmp_path_factory.mktemp("torn")
    rows = fill(folder, steps[:2])
    for name in (ROWS, KEYS):
        content = (rows.folder / name).read_bytes()
        torn = content[: dice.randint(0, len(content))] if dice.random() < 0.5 else content + dice.randbytes(41)
        (rows.folder / name).write_bytes(torn)
    left = opened(folder)
    numbers = [number for step in steps for number in step]
    assert [left.find(digest(number)) for number in numbers[: len(left)]] == list(range(len(left)))
    assert files(fill(folder, [numbers[len(left) :]])) == whole


class Killed(BaseException):
    """Stands for a death that nothing can catch."""


@pytest.mark.parametrize("last", range(10))
def test_whichever_flush_is_the_last_one_the_next_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    steps = [[1, 2, 3], [4, 5, 6], [7, 8]]
    whole = files(fill(tmp_path / "whole", steps))
    flush, left = os.fsync, [last]

    def dying(file: int) -> None:
        if not left[0]:
            raise Killed
        left[0] -= 1
        flush(file)

    with monkeypatch.context() as patch, pytest.raises(Killed) if last < 9 else nullcontext():
        patch.setattr("os.fsync", dying)
        fill(tmp_path, steps)
    count = len(opened(tmp_path))
    assert count == [0, 3, 6, 8][last // 3]
    assert files(fill(tmp_path, steps[last // 3 :])) == whole


def test_a_full_disk_is_one_line_and_costs_one_step(tmp_path: Path) -> None:
    code = (
        "import resource, sys\n"
        "sys.path[:0] = sys.argv[2:]\n"
        "from test_rows import *\n"
        "rows = fill(Path(sys.argv[1]), [[1, 2, 3]])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))\n"
        "try:\n"
        "    fill(Path(sys.argv[1]), [[4, 5], [6, 7]])\n"
        "except DataError as error:\n"
        "    print(error)\n"
    )
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path, here, here.parent], capture_output=True, text=True, check=True
    )
    assert re.search(r"mean-8: cannot be written \(File too large\)\. Its 5 rows are kept: make room", done.stdout)
    assert len((tmp_path / "mean-8" / ROWS).read_bytes()) == 150
    assert files(fill(tmp_path, [[6, 7]])) == files(fill(tmp_path / "whole", [[1, 2, 3], [4, 5], [6, 7]]))


def test_digests_that_begin_alike_are_told_apart() -> None:
    alike = [bytes(8) + number.to_bytes(8, "big") for number in range(9)]
    digests = Digests(b"".join(alike[:5]))
    digests.add(alike[5:])
    assert [digests.find(digest) for digest in alike] == list(range(9))
    assert digests.find(bytes(7) + b"\x01" + bytes(8)) == -1


def test_a_hundred_thousand_digests_take_little_memory_and_little_time() -> None:
    content = np.random.default_rng(3).bytes(100_000 * pictures.DIGEST)
    tracemalloc.start()
    digests = Digests()
    for start in range(0, len(content), 64 * pictures.DIGEST):
        some = content[start : start + 64 * pictures.DIGEST]
        digests.add([some[i : i + pictures.DIGEST] for i in range(0, len(some), pictures.DIGEST)])
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(digests) == 100_000
    assert kept < 7e6
    for i in range(0, 100_000, 997):
        assert digests.find(content[i * pictures.DIGEST : (i + 1) * pictures.DIGEST]) == i


# --- gather


def encode(found: list[NDArray[np.uint8]]) -> NDArray[np.float16]:
    means = np.array([picture.reshape(-1, 3).mean(0) for picture in found], np.float16)
    return means[:, None].repeat(5, 1).reshape(-1, 5, 3).transpose(0, 2, 1)


def drawn(folder: Path, count: int) -> list[str]:
    return [str(plain(folder / f"{number}.png", number)) for number in range(count)]


def test_pictures_are_encoded_once_each_in_batches_and_in_order(tmp_path: Path) -> None:
    paths = drawn(tmp_path / "pictures", 23)
    sizes: list[int] = []
    told: list[tuple[int, int]] = []

    def counted(found: list[NDArray[np.uint8]]) -> NDArray[np.float16]:
        sizes.append(len(found))
        return encode(found)

    rows = opened(tmp_path)
    again = [str(plain(tmp_path / "again.png", 5))]
    numbers = gather(
        rows, paths[:9] + again + paths + again, counted, side=4, batch=7, progress=lambda *n: told.append(n)
    )
    assert numbers.tolist() == [*range(9), 5, *range(23), 5]
    assert sizes == [7, 7, 7, 2]
    assert told == [(n, 34) for n in range(1, 35)]
    assert rows[:, :, 0][:, 0].tolist() == list(range(23))
    assert gather(rows, paths[::-1], counted, side=4).tolist() == list(range(22, -1, -1))
    assert len(sizes) == 4


def test_a_broken_picture_is_told_of_and_passed_over(tmp_path: Path) -> None:
    paths = drawn(tmp_path, 5)
    Path(paths[1]).write_bytes(Path(paths[1]).read_bytes()[:50])
    Path(paths[4]).unlink()
    told: dict[str, str] = {}
    numbers = gather(opened(tmp_path), paths, encode, side=4, batch=2, broken=told.__setitem__)
    assert numbers.tolist() == [0, -1, 1, 2, -1]
    assert list(told) == [paths[1], paths[4]]
    assert told[paths[4]] == f"{paths[4]}: no such picture."


def test_nobody_is_kept_out_when_there_is_nothing_to_add(tmp_path: Path) -> None:
    paths = drawn(tmp_path / "pictures", 3)
    gather(opened(tmp_path), paths, encode, side=4)
    with opened(tmp_path).adding():
        assert gather(opened(tmp_path), paths, encode, side=4).tolist() == [0, 1, 2]
        with pytest.raises(UsageError, match="another run is adding"):
            gather(opened(tmp_path), [str(plain(tmp_path / "new.png", 77))], encode, side=4)


def test_an_encoder_that_fails_leaves_the_steps_that_were_done(tmp_path: Path) -> None:
    def failing(found: list[NDArray[np.uint8]]) -> NDArray[np.float16]:
        if found[0][0, 0, 0] >= 4:
            raise RuntimeError("no more")
        return encode(found)

    paths = drawn(tmp_path / "pictures", 9)
    with pytest.raises(RuntimeError, match="no more"):
        gather(opened(tmp_path), paths, failing, side=4, batch=2)
    assert len(opened(tmp_path)) == 4
    assert gather(opened(tmp_path), paths, encode, side=4, batch=2).tolist() == list(range(9))


def test_killed_again_and_again_it_ends_with_the_same_bytes(tmp_path: Path) -> None:
    paths = drawn(tmp_path / "pictures", 120)
    Path(paths[17]).write_bytes(b"broken")
    whole = opened(tmp_path / "whole")
    gather(whole, paths, encode, side=4, batch=8)
    code = (
        "import sys\n"
        "sys.path[:0] = sys.argv[2:4]\n"
        "from test_rows import *\n"
        "def slow(found):\n"
        "    time.sleep(0.01)\n"
        "    return encode(found)\n"
        "gather(opened(Path(sys.argv[1])), sys.argv[4:], slow, side=4, batch=8)\n"
    )
    here, folder, dice = Path(__file__).parent, tmp_path / "killed", random.Random(11)
    command = [sys.executable, "-c", code, str(folder), str(here), str(here.parent), *paths]
    counts = []
    for _ in range(30):
        with subprocess.Popen(command) as process:
            before = len(opened(folder))
            while process.poll() is None and len(opened(folder)) == before:
                time.sleep(0.001)
            time.sleep(dice.random() * 0.03)
            process.send_signal(signal.SIGKILL)
        counts.append(len(opened(folder)))
        if process.returncode == 0 or len(counts) > 3:
            break
    assert counts == sorted(counts) and all(count % 8 == 0 or count == 119 for count in counts)
    subprocess.run(command, check=True)
    assert files(opened(folder)) == files(whole)
    assert {path.name for path in (folder / "mean-8").iterdir()} == {path.name for path in whole.folder.iterdir()}
