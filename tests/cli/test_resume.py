"""`regard run --resume`: killed in the middle of its work, it ends with the same files, bit for bit."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import letters
import tiny
from regard import running

Command = Callable[..., Any]
LINES = letters.lines(4000, 9, seed=21)
JSON = ("--json", "--nbest", "2", "--beam", "2")


@pytest.fixture(scope="module")
def model() -> Path:
    return letters.learnt("half")


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("in") / "in.txt"
    path.write_text("".join(f"{line}\n" for line in LINES), encoding="utf-8")
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


KILLED = [("--beam", "2"), (*JSON, "--attention", "a.json")]


@pytest.mark.parametrize("options", tiny.few(KILLED, 1), ids=["text", "json"])
def test_a_run_that_was_killed_ends_as_if_it_was_not(
    model: Path, lines: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    arguments = ("run", model, "--input", lines, "--output", "out", *options)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    assert letters.regard(*arguments, cwd=whole).returncode == 0
    (killed / "out").write_text("old", encoding="utf-8")
    note, at = killed / "out.part.json", [0]
    for _ in range(2):
        process = subprocess.Popen(
            letters.command(*arguments, "--resume"), cwd=killed, env=letters.ENVIRONMENT, stderr=subprocess.PIPE
        )
        deadline = time.monotonic() + 300
        while not note.exists() or json.loads(note.read_text(encoding="utf-8"))["lines"] <= at[-1]:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.001)
        process.kill()
        process.communicate()
        if os.name == "posix":
            assert process.returncode == -signal.SIGKILL
        at.append(json.loads(note.read_text(encoding="utf-8"))["lines"])
        assert (killed / "out").read_text(encoding="utf-8") == "old"
        with (killed / "out.part").open("ab") as file:
            file.write(b'{"text": "half a li')
    assert 0 < at[1] < at[2] < len(LINES)
    assert letters.regard(*arguments, "--resume", cwd=killed).returncode == 0
    assert files(killed) == files(whole)
    assert (whole / "out").read_bytes().count(b"\n") == len(LINES)


@pytest.fixture
def stopped(model: Path, tmp_path: Path, call: Command, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a run over ten lines came as far as the eighth."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(running, "WINDOW", 4)
    Path("in").write_text("".join(f"{line}\n" for line in LINES[:10]), encoding="utf-8")
    keep = running.Growing.keep

    def stop(self: Any, sources: Any) -> None:
        keep(self, sources)
        if self.lines == 8:
            raise KeyboardInterrupt

    monkeypatch.setattr(running.Growing, "keep", stop)
    done = call("run", model, "--input", "in", "--output", "out", "--beam", "2")
    assert done.code == 130
    assert "8 lines are done" in done.err
    monkeypatch.setattr(running.Growing, "keep", keep)
    assert sorted(files(tmp_path)) == ["in", "out.part", "out.part.json"]
    return tmp_path


def resume(call: Command, model: Path, *options: object) -> Any:
    return call("run", model, "--input", "in", "--output", "out", "--resume", *(options or ("--beam", "2")))


def test_what_was_done_is_not_done_again(
    call: Command, model: Path, stopped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from regard.predictor import Predictor

    ran: list[str] = []
    stream = Predictor.stream

    def watched(self: Predictor, sources: list[str], **options: Any) -> Any:
        ran.extend(sources)
        return stream(self, sources, **options)

    monkeypatch.setattr(Predictor, "stream", watched)
    assert resume(call, model).code == 0
    assert ran == LINES[8:10]
    monkeypatch.setattr(Predictor, "stream", stream)
    assert (stopped / "out").read_text(encoding="utf-8") == call("run", model, "--beam", "2", *LINES[:10]).out
    assert sorted(files(stopped)) == ["in", "out"]


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda: None, ("--beam", "3"), r"out\.part was begun with another --beam: 2, now 3\. Give what it was begun"),
        (lambda: None, ("--beam", "2", "--prefix", "b"), r"with another --prefix: '', now 'b'"),
        (lambda: None, ("--beam", "2", "--json"), r"with another --json: False, now True"),
        (lambda: Path("in").write_text("x\n" * 10, encoding="utf-8"), (), r"the input does not begin with them any"),
        (lambda: Path("in").write_text("", encoding="utf-8"), (), r"8 lines were worked off, and the input"),
        (lambda: Path("out.part").write_bytes(b"x"), (), r"out\.part\.json is damaged or does not fit out\.part"),
        (lambda: Path("out.part.json").write_text("[", encoding="utf-8"), (), r"out\.part\.json is damaged"),
    ],
)
def test_what_changed_in_between_is_noticed(
    call: Command, model: Path, stopped: Path, change: Callable[[], object], options: tuple[str, ...], message: str
) -> None:
    change()
    before = files(stopped)
    done = resume(call, model, *options)
    assert (done.code, done.out) == (2, "")
    assert re.search(message, done.err)
    assert done.err.count("\n") == 1
    assert files(stopped) == before


def test_another_model_is_noticed(call: Command, model: Path, stopped: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(model, tmp_path / "other"))
    config = other / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("length_penalty = 1", "length_penalty = 2"), "utf-8")
    done = resume(call, other)
    assert done.code == 2
    assert "was begun with another MODEL" in done.err


def test_lines_may_be_added_behind_those_that_were_done(call: Command, model: Path, stopped: Path) -> None:
    with (stopped / "in").open("a", encoding="utf-8") as file:
        file.write("a b\n")
    assert resume(call, model).code == 0
    assert (stopped / "out").read_text(encoding="utf-8").count("\n") == 11


def test_without_resume_it_begins_anew(call: Command, model: Path, stopped: Path) -> None:
    assert call("run", model, "--input", "in", "--output", "out", "--beam", "3").code == 0
    assert sorted(files(stopped)) == ["in", "out"]


def test_with_nothing_to_go_on_with_it_begins(
    call: Command, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").write_text("a b\n", encoding="utf-8")
    for _ in range(2):
        assert resume(call, model).code == 0
        assert Path("out").read_text(encoding="utf-8") == call("run", model, "a b", "--beam", "2").out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), r"--resume goes on with a file: give --output FILE"),
        (("--output", "out", "--attention", "a.html"), r"cannot go on with a\.html: only \.json and \.pharaoh"),
    ],
)
def test_what_cannot_be_gone_on_with_is_told(
    call: Command, model: Path, options: tuple[str, ...], message: str
) -> None:
    done = call("run", model, "a", "--resume", *options)
    assert (done.code, done.out) == (2, "")
    assert re.search(message, done.err)


@pytest.mark.parametrize("suffix", [".json", ".pharaoh"])
def test_attention_that_is_streamed_is_the_file_that_is_written_whole(
    call: Command, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    from regard.view import record

    sources = [*LINES[:9], ""]
    monkeypatch.setattr(running, "WINDOW", 4)
    streamed, whole = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    shown = call("run", model, *sources, "--attention", streamed).out
    monkeypatch.setattr(record, "STREAMED", {})
    assert call("run", model, *sources, "--attention", whole).out == shown
    assert streamed.read_bytes() == whole.read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="another kind of devices")
def test_a_device_is_written_to_and_stays_one(call: Command, model: Path) -> None:
    assert call("run", model, "a b", "--output", "/dev/null").code == 0
    assert Path("/dev/null").is_char_device()
