"""What `regard run` says to a wrong use, and to a model folder that is damaged."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import letters
import shapes
import strokes
from regard.loading import task_of

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def model() -> Path:
    return letters.learnt("half")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("a", "--beam", "0"), 2, r"beam is 0 and nbest 1; it must be 1 <= nbest <= beam\."),
        (("a", "--beam", "-1"), 2, r"beam is -1"),
        (("a", "--beam", "2", "--nbest", "3"), 2, r"beam is 2 and nbest 3"),
        (("a", "--nbest", "0"), 2, r"beam is 5 and nbest 0"),
        (("a", "--batch", "0"), 2, r"--batch is 0; it must be at least 1\."),
        (("a", "--input", "b"), 2, r"got both TEXT and --input; give one of them\."),
        (("--input", "nothing"), 2, r"nothing: no such file\."),
        (("--input", "."), 1, r"is a folder, expected a file\."),
        (("a", "--attention", "x.bmp"), 2, r"unknown suffix for attention '\.bmp'"),
        (("a", "--attention", "no/x.png"), 2, r"there is no folder no to write to"),
        (("a", "--output", "no/x"), 2, r"there is no folder no to write to\."),
        (("a", "--output", "."), 2, r"\. is a folder: name a file to write the outputs to\."),
    ],
)
def test_a_wrong_use_is_told_in_a_line(
    call: Command,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("run", model, *arguments)
    assert (done.code, done.out) == (code, "")
    assert re.search(message, done.err)
    assert done.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "code", "message"),
    [
        (lambda m: cut(m / "model.safetensors"), 1, r"model\.safetensors is damaged: .*not fully covered"),
        (lambda m: (m / "model.safetensors").write_bytes(b""), 1, r"model\.safetensors is damaged: .*header too small"),
        (lambda m: (m / "model.safetensors").unlink(), 1, r"holds no model\.safetensors: its training has not yet"),
        (
            lambda m: edit(m / "config.toml", "size = 64", "size = 66"),
            1,
            r"does not fit config\.toml: .* in it",
        ),
        (lambda m: (m / "codec" / "vocabulary.txt").unlink(), 1, r"vocabulary\.txt is missing"),
        (lambda m: cut(m / "codec" / "vocabulary.txt"), 1, r"vocabulary\.txt is cut off: its last line 12 "),
        (lambda m: edit(m / "codec" / "vocabulary.txt", "\u2581a\n", "\u2581a\n\u2581a\n"), 1, r"'.a' is there twice"),
        (lambda m: (m / "codec" / "vocabulary.txt").write_bytes(b"\xff"), 1, r"is damaged: byte 0 is not UTF-8"),
        (lambda m: (m / "config.toml").unlink(), 1, r"is not a model folder: it holds no config\.toml"),
        (lambda m: edit(m / "config.toml", "[train]", "[train"), 2, r"config\.toml is not valid TOML"),
        (lambda m: edit(m / "config.toml", '"additive"', '"aditive"'), 2, r"'aditive'\. Did you mean 'additive'"),
        (lambda m: edit(m / "config.toml", '"translate"', '"transalte"'), 2, r"Did you mean 'translate'"),
        (lambda m: edit(m / "config.toml", "beam = 5", "beam = 0"), 2, r"beam is 0; it wants a whole number >= 1"),
    ],
)
def test_a_damaged_model_is_told_in_a_line(
    call: Command, tmp_path: Path, damage: Callable[[Path], object], code: int, message: str
) -> None:
    model = letters.fresh_copy("half", tmp_path)
    damage(model)
    done = call("run", model, "a b")
    assert (done.code, done.out) == (code, "")
    assert re.search(message, done.err)
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("nowhere", 2, r"There is no model folder .*nowhere\."),
        (".", 1, r"is not a model folder: it holds no config\.toml"),
    ],
)
def test_what_is_no_model_is_told(call: Command, tmp_path: Path, name: str, code: int, message: str) -> None:
    done = call("run", tmp_path / name, "a")
    assert (done.code, done.out) == (code, "")
    assert re.search(message, done.err)


# Every module that belongs to training is as good as not installed; the folder holds neither weights nor graphs.
LIGHT = """
import sys
for name in ("torch", "onnx", "jaxtyping", "PIL", "onnxruntime"):
    sys.modules[name] = None
from regard.cli import main
sys.exit(main())
"""


FILM = ".gif is a film of looks or of drawing, and this model makes none."
LINKS = ".pharaoh links words, and this model has pictures in their place."


@pytest.mark.parametrize(
    ("kind", "suffix", "why", "known"),
    [
        ("text", "gif", FILM, ".html, .json, .npz, .pharaoh, .png, .svg"),
        ("caption", "gif", FILM, ".html, .json, .npz, .png, .svg"),
        ("fixate", "pharaoh", LINKS, ".gif, .html, .json, .npz, .png, .svg"),
    ],
)
def test_attention_that_a_model_cannot_give_is_refused_before_it_is_loaded(
    kind: str, suffix: str, why: str, known: str, tmp_path: Path
) -> None:
    configs = {"text": letters.tiny, "caption": shapes.tiny, "fixate": strokes.tiny}
    (tmp_path / "model").mkdir()
    configs[kind](tmp_path / "data").save(tmp_path / "model")
    line = [sys.executable, "-c", LIGHT, "run", "model", "a", "--attention", f"x.{suffix}"]
    done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path, env=letters.ENVIRONMENT, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip().endswith(f"x.{suffix}: {why} Its attention can be written as {known}.")


def test_a_film_is_possible_where_looks_are_made_one_after_the_other(tmp_path: Path) -> None:
    def filmed(**changes: Any) -> bool:
        strokes.tiny(tmp_path / "data", **changes).save(tmp_path)
        return task_of(tmp_path).filmed

    assert filmed()
    assert filmed(attention={"name": "gaussian"})
    assert not filmed(attention={"name": "additive"}, encoder={"name": "picture"})
    assert not filmed(reading={"hops": 2})
