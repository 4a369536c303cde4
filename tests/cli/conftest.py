"""Commands run within the test's process, as `regard` would run them."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from regard.cli import main


@dataclass(frozen=True)
class Done:
    """What a command left: exit status, standard output, standard error."""

    code: int
    out: str
    err: str


Call = Callable[..., Done]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run a command: `call("run", model, "--json", stdin=b"...")`."""

    def run(*arguments: object, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            code = int(str(leaving.code))
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return run
