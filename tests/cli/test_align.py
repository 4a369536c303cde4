"""`regard align`: links of given pairs, and tables of error rates."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import letters

Command = Callable[..., Any]

SOURCES = ["a b c", "", "d", "a b", "h g f e"]
TARGETS = ["c b a", "x", "d", "", "e f g h"]
LINKS = ["0-2 1-1 2-0", "", "0-0", "", "0-3 1-2 2-1 3-0"]


@pytest.fixture(scope="module")
def model() -> Path:
    return letters.learnt("reverse")


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, lines in (("s", SOURCES), ("t", TARGETS), ("gold", LINKS), ("short", LINKS[1:])):
        Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


@pytest.mark.parametrize(
    "options", [(), ("--reverse",), ("--reverse", "--weights", "own"), ("--reverse", "--symmetrise", "union")]
)
def test_a_line_of_links_for_each_pair(call: Command, model: Path, options: tuple[str, ...]) -> None:
    given = [piece for option in options for piece in ([option, model] if option == "--reverse" else [option])]
    done = call("align", "s", "t", "--model", model, *given)
    assert (done.code, done.err) == (0, "")
    assert done.out.split("\n") == [*LINKS, ""]


def test_links_go_to_a_file(call: Command, model: Path) -> None:
    done = call("align", "s", "t", "--model", model, "--output", "out")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert Path("out").read_bytes() == Path("gold").read_bytes()


def test_the_steps_that_read_a_word_look_elsewhere(call: Command, model: Path) -> None:
    assert call("align", "s", "t", "--model", model, "--look", "read").out.split("\n")[0] != LINKS[0]


def test_gold_gives_a_table(call: Command, model: Path) -> None:
    alone = call("align", "s", "t", "--model", model, "--gold", "gold").out.splitlines()
    assert [line.split() for line in alone[:2]] == [["emit", "read"], ["AER", "precision", "recall"] * 2]
    assert len(alone) == 3
    assert alone[2].split()[:4] == ["--model", "0.0", "100.0", "100.0"]
    both = call("align", "s", "t", "--model", model, "--reverse", model, "--gold", "gold").out.splitlines()
    assert both[:3] == alone
    names = [re.split(r"  +", line)[0] for line in both[3:]]
    assert names[:3] == ["--reverse", "product intersect", "product union"]
    assert names[-1] == "own grow-diag-final-and"
    assert len(names) == 11


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("s", "short"), 1, r"s has 5 lines, but short has 4: s:5 and what follows"),
        (("s", "no"), 2, r"no: no such file"),
        (("s", "t", "--gold", "short"), 1, r"short has 4 lines, but there are 5 pairs"),
        (("s", "t", "--gold", "t"), 1, r"t:1: 'c' is no link such as 2-3"),
        (("s", "t", "--symmetrise", "grow"), 2, r"no symmetrisation 'grow'\. .* There are: grow-diag, "),
        (("s", "t", "--output", "no/x"), 2, r"there is no folder no to write to\."),
        (("s", "t", "--reverse", "no"), 2, r"There is no model folder no\."),
    ],
)
def test_a_wrong_use_is_told_in_a_line(
    call: Command, model: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = call("align", *arguments, "--model", model)
    assert (done.code, done.out) == (code, "")
    assert re.search(message, done.err)
    assert done.err.count("\n") == 1
