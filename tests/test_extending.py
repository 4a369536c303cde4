"""docs/extending.md does what it says: its code is a part, found by its file name, and works."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import letters
import regard.attention
import tiny
from regard import config as configs
from regard.build import find, names, options
from regard.errors import ConfigError
from regard.loading import load
from regard.training.session import train

GUIDE = Path(__file__).parents[1] / "docs" / "extending.md"
NAME = "biaffine"


def block(language: str) -> str:
    """The guide's one block of code in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


@pytest.fixture
def section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The guide's file is in the package, as far as Python can tell; its section of a config."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / f"{NAME}.py").write_text(block("python"), encoding="utf-8")
    monkeypatch.setattr(regard.attention, "__path__", [*regard.attention.__path__, str(tmp_path / "parts")])
    yield tomllib.loads(block("toml"))["attention"]
    sys.modules.pop(f"regard.attention.{NAME}", None)
    vars(regard.attention).pop(NAME, None)


def test_the_file_name_is_enough(section: dict[str, Any]) -> None:
    assert NAME in names("attention")
    assert section["name"] == NAME
    assert [option.help for option in options(find("attention", NAME)).values()] == [
        "how much it counts what a place is worth by itself"
    ]
    assert NAME in {part["name"] for _, part in tiny.combinations()}  # so the contracts have it
    with pytest.raises(ConfigError, match="worth is -1; it wants a number >= 0"):
        tiny.config(attention={**section, "worth": -1})


def test_its_scores_are_its_formula(section: dict[str, Any]) -> None:
    attention, size = tiny.attention(section)
    query, memory = torch.randn(1, 1, size, dtype=torch.float64), tiny.memory(padding=0)
    w, v = (attention.get_parameter(name).detach().numpy() for name in ("memory.weight", "value.weight"))
    read, _ = attention(query, attention.start(memory.select(torch.tensor([0]))))
    scores = memory.states[0].numpy() @ w.T @ (query[0, 0].numpy() + section["worth"] * v[0])
    np.testing.assert_allclose(read.weights[0, 0].detach().numpy(), np.exp(scores) / np.exp(scores).sum())


def test_a_model_with_it_is_trained_saved_and_run(section: dict[str, Any], tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(200, 4))
    config = configs.check(letters.sections(pairs, attention=section))
    train(config, tmp_path / "model")
    assert f'name = "{NAME}"\nworth = 0.5' in (tmp_path / "model" / configs.FILE).read_text(encoding="utf-8")
    output = load(tmp_path / "model")("a b c")
    np.testing.assert_allclose(output.attention.sum(1), 1.0, atol=1e-5)


def test_the_guide_is_under_one_page_and_names_what_is_there() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 80
    root = GUIDE.parents[1]
    for path in re.findall(r"`((?:src|tests)/[\w/]+\.py)`", text):
        assert (root / path).exists() or path == f"src/regard/attention/{NAME}.py"
