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
    done = letters.regard("train", longer, "--resume", "--set", "train.steps=48", "--set", "train.validate=48")
    assert done.returncode == 0, done.stderr.decode()
    assert not any((longer / name).exists() for name in GRAPHS)


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A model that has learnt its task, exported with a shortlist by the real command, and what that said."""
    copy = letters.fresh_copy("copy", tmp_path_factory.mktemp("listed"))
    done = letters.regard("export", copy, "--precision", "fp32", "--shortlist", 2, "--json")
    assert done.returncode == 0, done.stderr.decode()
    return copy, json.loads(done.stdout)


@pytest.mark.slow
def test_a_shortlist_is_tried_and_told_of(listed: tuple[Path, dict[str, Any]]) -> None:
    folder, facts = listed
    assert facts["shortlist"] == "kept"
    assert facts["shortlist bleu with"] >= facts["shortlist bleu without"] - 0.2
    assert facts["shortlist outputs"] == len(letters.held_out(folder))
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert card["export"] == facts
    assert "Shortlist: kept" in (folder / "README.md").read_text(encoding="utf-8")
    assert b"pickle" not in (folder / "shortlist.safetensors").read_bytes()


@pytest.mark.slow
def test_a_shortlist_is_used_if_it_is_asked_for(
    call: Callable[..., Any], listed: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, _ = listed
    free, model = regard.load(folder), regard.load(folder, settings=["decode.shortlist=true"])
    assert free.shortlist is None
    assert model.shortlist
    alone = [model(line) for line in LINES]
    for one, other in zip(model(LINES), alone, strict=True):
        assert one.text == other.text
        assert one.score == pytest.approx(other.score, abs=1e-4)
    text = [output.text for output in model(LINES)]
    assert text == [output.text for output in free(LINES)]
    for one, other in zip(model.score(LINES, LINES), free.score(LINES, LINES), strict=True):
        assert one == pytest.approx(other)
    lines = "".join(f"{line}\n" for line in LINES)
    done = run(WITHOUT, "run", folder, "--set", "decode.shortlist=true", stdin=lines)
    assert (done.stdout.splitlines(), done.stderr) == (text, "")
    eager = regard.load(folder, settings=["decode.shortlist=true"], exported=False)
    assert [output.text for output in eager(LINES)] == text
    assert model("a b", require=["h"]).words
    assert "h" in model("a b", require=["h"]).text.split()
    done = call("run", folder, "a b", "--set", "decode.shortlist=true", "--ensemble", folder)
    assert done.code == 2
    assert "decode.shortlist is of one model" in done.err


@pytest.mark.slow
def test_whether_a_shortlist_was_used_is_in_the_scores(
    call: Callable[..., Any], listed: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", LINES)
    found = [
        json.loads(call("eval", listed[0], "--data", pairs, "--json", *more).out)["shortlist"]
        for more in ((), ("--set", "decode.shortlist=true"))
    ]
    assert found == [False, True]


@pytest.mark.slow
def test_a_shortlist_that_is_not_there_or_of_others_is_refused(
    call: Callable[..., Any], folder: Path, listed: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    done = call("run", folder, "a b", "--set", "decode.shortlist=true")
    assert (done.code, done.out) == (1, "")
    assert "holds no shortlist.safetensors, which decode.shortlist = true asks for: run `regard export" in done.err
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    shutil.copy(listed[0] / "shortlist.safetensors", other)
    done = call("run", other, "a b", "--set", "decode.shortlist=true")
    assert (done.code, done.out) == (1, "")
    assert "was made with other weights than the model's" in done.err


@pytest.mark.slow
def test_a_shortlist_that_costs_too_much_is_not_kept(
    listed: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from regard.export.shortlist import add

    copy = Path(shutil.copytree(listed[0], tmp_path / "copy"))
    (copy / "shortlist.safetensors").unlink()
    before = (copy / "step.onnx").read_bytes()
    monkeypatch.setattr("regard.export.shortlist.COMMON", 0)
    elsewhere = letters.write_pairs(tmp_path / "pairs.tsv", ["a b"] * 3, ["a a"] * 3)
    found = add(copy, 1, [str(elsewhere)], say=lambda line: None)
    assert not found.kept
    assert found.after < found.before
    assert not (copy / "shortlist.safetensors").exists()
    assert (copy / "step.onnx").read_bytes() == before
    card = json.loads((copy / "card.json").read_text(encoding="utf-8"))
    assert card["export"]["shortlist"] == "not kept, for it costs more than 0.2 bleu"


@pytest.mark.slow
def test_an_export_without_a_shortlist_removes_it(listed: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(listed[0], tmp_path / "copy"))
    assert letters.regard("export", copy, "--precision", "fp32").returncode == 0
    assert not (copy / "shortlist.safetensors").exists()


@pytest.mark.slow
def test_a_shortlist_wants_pairs_and_a_number(
    call: Callable[..., Any], listed: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    from regard.errors import UsageError
    from regard.export.shortlist import add

    for wrong in (("--shortlist", "-1"), ("--shortlist-data", "pairs.tsv")):
        done = call("export", listed[0], *wrong)
        assert done.code == 2
        assert "--shortlist wants at least 1 token for each source token" in done.err
    bare = Path(shutil.copytree(listed[0], tmp_path / "bare", ignore=shutil.ignore_patterns("*.ids", "store.json")))
    with pytest.raises(UsageError, match=r"has no training pairs to gather a shortlist from: name some as --shortlist"):
        add(bare)
    (bare / "training" / "valid.jsonl").unlink()
    with pytest.raises(UsageError, match=r"has no validation pairs to try a shortlist on: name some as --data"):
        add(bare)
    (bare / "step.onnx").unlink()
    with pytest.raises(UsageError, match=r"is not exported; a shortlist goes with its graphs: run `regard export"):
        add(bare)


def test_eight_bits_want_sentences(call: Callable[..., Any], tmp_path: Path) -> None:
    bare = Path(shutil.copytree(letters.learnt("half"), tmp_path / "bare", ignore=shutil.ignore_patterns("training")))
    done = call("export", bare)
    assert done.code == 2
    assert "has no validation pairs to try eight bits on: name some as --data" in done.err
    done = call("export", tmp_path / "nothing")
    assert done.code == 2
    assert "There is no model folder" in done.err
