"""`regard export`: graphs that say what the model says, and a folder that then needs no PyTorch."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import letters
import regard
from regard.decode.backend import GRAPHS
from regard.decode.exported import Exported
from regard.decode.pytorch import PyTorch

LINES = letters.lines(40, 6, seed=8)
# Every module that belongs to training is as good as not installed.
WITHOUT = """
import sys
for name in ("torch", "onnx", "jaxtyping", "sacrebleu", "tensorboard"):
    sys.modules[name] = None
from regard.cli import main
sys.exit(main())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learnt half of its task, exported in single precision by the real command."""
    copy = letters.fresh_copy("half", tmp_path_factory.mktemp("export"))
    done = letters.regard("export", copy, "--precision", "fp32", "--json")
    assert done.returncode == 0, done.stderr.decode()
    facts = json.loads(done.stdout)
    assert facts["precision"] == "fp32"
    assert 0 <= facts["largest difference in nats"] < 1e-3
    return copy


@pytest.fixture(scope="module")
def small(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in eight bits."""
    copy = Path(shutil.copytree(folder, tmp_path_factory.mktemp("export8") / "model"))
    done = letters.regard("export", copy)
    assert done.returncode == 0, done.stderr.decode()
    assert "exported in int8" in done.stdout.decode()
    return copy


def run(program: str, *arguments: object, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(line, input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=300)


def test_outputs_scores_and_attention_are_those_of_the_model(folder: Path) -> None:
    graphs, model = regard.load(folder), regard.load(folder, exported=False)
    assert isinstance(graphs.backend, Exported)
    assert isinstance(model.backend, PyTorch)
    for found, expected in zip(graphs(LINES), model(LINES), strict=True):
        assert found.text == expected.text
        assert found.score == pytest.approx(expected.score, abs=1e-3)
        assert found.attention == pytest.approx(expected.attention, abs=1e-3)
    for found, expected in zip(graphs.score(LINES, LINES), model.score(LINES, LINES), strict=True):
        assert found == pytest.approx(expected, abs=1e-3)


def test_it_runs_where_nothing_of_training_is_installed(folder: Path, small: Path) -> None:
    expected = [output.text for output in regard.load(folder)(LINES)]
    done = run(WITHOUT, "run", folder, stdin="".join(f"{line}\n" for line in LINES))
    assert (done.stdout.splitlines(), done.stderr) == (expected, "")
    done = run(WITHOUT, "run", small, "a b c", "--show", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[0])["source"] == "a b c"
    done = run(WITHOUT, "export", folder)
    assert done.returncode == 2
    assert 'pip install "regard[train]"' in done.stderr


def test_eight_bits_are_smaller_and_the_card_says_what_they_cost(folder: Path, small: Path) -> None:
    sizes = [sum((at / name).stat().st_size for name in GRAPHS) for at in (small, folder)]
    assert sizes[0] < sizes[1]
    card = json.loads((small / "card.json").read_text(encoding="utf-8"))
    facts, pairs = card["export"], len(letters.held_out(small))
    assert (facts["precision"], facts["pairs"]) == ("int8", pairs)
    assert abs(facts["bleu before"] - facts["bleu after"]) < 15  # a tiny model that knows half of its task
    assert facts["bleu before"] == pytest.approx(card["scores"]["bleu"][0], abs=0.01)
    assert "Precision: int8" in (small / "README.md").read_text(encoding="utf-8")


def test_graphs_of_other_weights_are_not_run(call: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    shutil.copy(letters.learnt("reverse") / "model.safetensors", other)
    done = call("run", other, "a b")
    assert (done.code, done.out) == (1, "")
    assert "were made of other weights than its model.safetensors: run `regard export` again" in done.err


def test_without_its_weights_a_folder_still_runs(call: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    alone = Path(
        shutil.copytree(folder, tmp_path / "alone", ignore=shutil.ignore_patterns("training", "*.safetensors"))
    )
    assert call("run", alone, "a b c").out == call("run", folder, "a b c").out


def test_halves_of_two_exports_are_not_run(call: Callable[..., Any], folder: Path, small: Path, tmp_path: Path) -> None:
    mixed = Path(shutil.copytree(folder, tmp_path / "mixed"))
    shutil.copy(small / "step.onnx", mixed)
    done = call("run", mixed, "a b")
    assert done.code == 1
    assert "are not of one export" in done.err


def test_a_damaged_graph_is_named(call: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(folder, tmp_path / "broken"))
    (broken / "step.onnx").write_bytes((broken / "step.onnx").read_bytes()[:1000])
    done = call("run", broken, "a b")
    assert done.code == 1
    assert "step.onnx cannot be loaded" in done.err


def test_a_training_that_goes_on_discards_them(folder: Path, tmp_path: Path) -> None:
    longer = Path(shutil.copytree(folder, tmp_path / "longer"))
    done = letters.regard("train", longer, "--resume", "--set", "train.steps=120", "--set", "train.validate=120")
    assert done.returncode == 0, done.stderr.decode()
    assert not any((longer / name).exists() for name in GRAPHS)


def test_eight_bits_want_sentences(call: Callable[..., Any], tmp_path: Path) -> None:
    bare = Path(shutil.copytree(letters.learnt("half"), tmp_path / "bare", ignore=shutil.ignore_patterns("training")))
    done = call("export", bare)
    assert done.code == 2
    assert "has no validation pairs to try eight bits on: name some as --data" in done.err
    done = call("export", tmp_path / "nothing")
    assert done.code == 2
    assert "There is no model folder" in done.err
