"""The command line before a verb runs, and what it makes of every kind of fault."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import letters
from regard import cli

VERBS = [
    *("demo", "train", "run", "serve", "score", "eval", "export", "compare", "view", "align", "generate", "info"),
    *("options", "doctor"),
]


def test_without_arguments_every_command_is_told_in_the_order_of_use(call: Callable[..., Any]) -> None:
    done = call()
    assert done.code == 0
    assert re.findall(r"^  (\w+) ", done.out, re.MULTILINE) == VERBS
    assert call("--help").out == call("-h").out == done.out


def test_the_version_is_told(call: Callable[..., Any]) -> None:
    assert call("--version").out == f"regard {version('regard')}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_has_a_help_page(call: Callable[..., Any], verb: str) -> None:
    done = call(verb, "--help")
    assert (done.code, done.err) == (0, "")
    assert f"usage: regard {verb}" in done.out
    assert f"  regard {verb}" in done.out.partition("usage:")[2].partition("\n\n")[2]  # an example
    assert all(len(line) <= 120 for line in done.out.splitlines())


def test_a_wrong_command_is_told_with_the_nearest(call: Callable[..., Any]) -> None:
    done = call("trian", "x")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "regard: There is no command 'trian'. Did you mean 'train'? "
        "There are: align, compare, demo, doctor, eval, export, generate, info, options, run, score, serve, train, "
        "view.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "m", "--beem", "2"), "regard run: there is no option --beem. Did you mean --beam?"),
        (("run", "m", "--beam"), "regard run: argument --beam: expected one argument"),
        (("run", "m", "--beam", "two"), "regard run: argument --beam: invalid int value: 'two'"),
        (("run",), "regard run: the following arguments are required: MODEL"),
        (("train",), "regard train: the following arguments are required: CONFIG|DATA|RUN"),
        (("train", "x.tsv", "--resum"), "regard train: there is no option --resum. Did you mean --resume?"),
        (("eval", "m"), "regard eval: the following arguments are required: --data"),
        (("info",), "regard info: the following arguments are required: MODEL|DATA"),
        (("doctor", "--quick"), "regard doctor: there is no option --quick."),
    ],
)
def test_a_wrong_use_is_told_in_two_lines(call: Callable[..., Any], arguments: tuple[str, ...], message: str) -> None:
    done = call(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"{message}\n(`regard {arguments[0]} --help` lists what it takes.)\n"


def replace_run(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let `regard options` fail."""
    from regard.cli import options

    def run(args: object) -> None:
        raise error

    monkeypatch.setattr(options, "run", run)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (FileNotFoundError(2, "No such file or directory", "x/y"), 1, "regard: x/y: No such file or directory\n"),
        (OSError(28, "No space left on device"), 1, "regard: the system: No space left on device\n"),
        (ModuleNotFoundError("no", name="torch"), 2, 'regard: this needs torch, .* pip install "regard\\[train\\]"\n'),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_the_machine_refuses_is_told_without_a_traceback(
    call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, message: str
) -> None:
    replace_run(monkeypatch, error)
    done = call("options")
    assert done.code == code
    assert re.fullmatch(message, done.err)


def test_a_fault_of_the_program_keeps_its_traceback(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    replace_run(monkeypatch, ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError, match="a bug"):
        call("options")


def test_nothing_heavy_is_imported_before_a_verb_runs() -> None:
    script = (
        "import sys; from regard.cli import main; main(['--help']); "
        "sys.exit(any(name in sys.modules for name in ('torch', 'numpy', 'rich', 'babel', 'sacrebleu', 'matplotlib')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, env=letters.ENVIRONMENT)
    assert (done.returncode, done.stderr) == (0, b"")


def test_output_is_utf8_wherever_it_goes(tmp_path: Path) -> None:
    environment = {**letters.ENVIRONMENT, "PYTHONIOENCODING": "ascii", "LC_ALL": "C.UTF-8"}
    pairs = letters.write_pairs(tmp_path / "p.tsv", ["caf\u00e9"], ["\u4eca\u65e5"])
    command = letters.command("info", tmp_path / "\u0434.tsv")
    pairs.rename(tmp_path / "\u0434.tsv")
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "\u0434.tsv" in done.stdout.decode("utf-8")


@pytest.mark.skipif(os.name != "posix", reason="another kind of pipes")
def test_a_reader_that_has_enough_is_no_fault() -> None:
    process = subprocess.Popen(
        letters.command("options"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=letters.ENVIRONMENT
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


def test_every_verb_has_a_place_in_the_overview() -> None:
    assert list(cli.ORDER) == VERBS


def test_python_runs_the_package_as_the_command() -> None:
    command = [sys.executable, "-m", "regard", "--version"]
    done = subprocess.run(command, capture_output=True, check=True, text=True, env=letters.ENVIRONMENT)
    assert done.stdout.startswith("regard ")
