"""`regard run` with wishes: what is asked for in words, what is told when it is not possible, marks and streams."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import letters
import regard

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def model() -> Path:
    return letters.learnt("reverse")


def test_a_term_that_is_not_possible_is_told_by_line(call: Command, model: Path, tmp_path: Path) -> None:
    (tmp_path / "terms.tsv").write_text("a b\tzebra\nc\tc\n", encoding="utf-8")
    done = call("run", model, "--glossary", tmp_path / "terms.tsv", stdin=b"a b\n\nc\nA B c\n")
    assert (done.code, done.out.count("\n")) == (0, 4)
    assert done.err == (
        "line 1: lacks 'zebra'\nline 4: lacks 'zebra'\n2 lines are not as wished: the model found no such output.\n"
    )


def test_what_is_possible_is_not_told(call: Command, model: Path) -> None:
    done = call("run", model, "--require", "a", "--forbid", "h", "--prefix", "b", "a b", "")
    assert (done.code, done.out, done.err) == (0, "b a\n\n", "")


def test_many_lines_are_told_shortly(call: Command, model: Path) -> None:
    done = call("run", model, "--require", "zebra", "--beam", "1", stdin=b"a\n" * 60)
    assert done.err.count("\n") == 52
    assert done.err.endswith("... and 10 more\n60 lines are not as wished: the model found no such output.\n")


@pytest.mark.parametrize("option", [("--protect",), ("--protect", r"\{\w\}"), (r"--protect=\{\w\}",)])
def test_what_is_protected_is_carried_over(call: Command, model: Path, option: tuple[str, ...]) -> None:
    done = call("run", model, *option, stdin=b"a {x} b\nc\n{x} {y}\n")
    assert (done.code, done.err) == (0, "")
    first, second, third = done.out.splitlines()
    assert (first.count("{x}"), second, third.count("{x}"), third.count("{y}")) == (1, "c", 1, 1)


def test_a_protected_line_end_does_not_make_two_lines(call: Command, model: Path) -> None:
    assert call("run", model, "a {x\ny}", "--protect").out.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--protect", "("), 2, r"'\(' is no regular expression"),
        (("--protect", "x*"), 2, r"fits even where there is nothing"),
        (("--glossary", "no.tsv"), 2, r"no\.tsv: no such file"),
        (("--stream", "--json"), 2, r"--stream writes the plain text .* goes without --json"),
        (("--stream", "--beam", "2"), 2, r"goes without --beam"),
        (("--stream", "--replace-unknown"), 2, r"goes without --replace-unknown"),
        (("--output", "x.json", "--attention", "x.json"), 2, r"x\.json cannot hold both"),
    ],
)
def test_a_wrong_use_is_told(
    call: Command,
    model: Path,
    options: tuple[str, ...],
    code: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("run", model, "a", *options)
    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1)
    assert re.search(message, done.err)


def test_a_stream_is_the_beam_of_one(call: Command, model: Path) -> None:
    text = b"a b c\n\nzz a\n"
    assert call("run", model, "--stream", stdin=text).out == call("run", model, "--beam", "1", stdin=text).out


def test_doubtful_words_are_marked(call: Command, model: Path) -> None:
    half = letters.learnt("half")
    sources = letters.lines(20, 6, seed=3)
    done = call("run", half, "--confidence", *sources)
    for line, output in zip(done.out.splitlines(), regard.load(half)(sources), strict=True):
        words = [w for w in output.words if w.text != "</s>"]
        assert line == " ".join(w.text + (f"({w.confidence:.0%})" if w.confidence < 0.5 else "") for w in words)
    assert "%)" in done.out
    assert call("run", half, "--confidence", "--nbest", "2", "a").out.count("\t") == 1
