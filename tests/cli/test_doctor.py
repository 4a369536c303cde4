"""The doctor looks at the installation and trains a little."""

import re
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest

from regard.cli import doctor


def test_it_says_what_is_there_and_that_training_works(call: Callable[..., Any]) -> None:
    started = time.process_time()
    done = call("doctor")
    assert (done.code, done.err) == (0, "")
    for package in ("regard", "torch", "numpy", "safetensors", "sentencepiece"):
        assert f"{package} {version(package)}" in done.out
    assert re.search(r"^threads +\d+ logical processors", done.out, re.MULTILINE)
    assert re.search(r"^processor +\S", done.out, re.MULTILINE)
    assert re.search(r"^accelerator +\S", done.out, re.MULTILINE)
    assert re.search(r"^self-check +trained to reverse letters, \d+% exact: fine$", done.out, re.MULTILINE)
    assert time.process_time() - started < 10


def test_a_failed_self_check_is_told_and_is_an_exit_status(
    call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_self_check", lambda: 12.0)
    done = call("doctor")
    assert done.code == 1
    assert "12% exact: NOT AS IT SHOULD BE" in done.out


def test_a_package_that_is_missing_is_called_so(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "EXTRAS", {"core": ("numpy", "no-such-package")})
    monkeypatch.setattr(doctor, "_self_check", lambda: 100.0)
    assert "no-such-package missing" in call("doctor").out


def test_without_torch_the_self_check_is_skipped(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    real = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda package: "missing" if package == "torch" else real(package))
    done = call("doctor")
    assert done.code == 0
    assert 'skipped: training needs pip install "regard[train]"' in done.out
