"""The commands on models that read pictures."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import letters
import shapes
from regard.loading import load

pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has hardly learnt anything, with the pictures it learnt from beside it."""
    place = tmp_path_factory.mktemp("captions")
    file = shapes.write(place, shapes.scenes(40, 5))
    shapes.tiny(file).save(place)
    done = letters.regard("train", place / "config.toml", "--out", place / "model")
    assert done.returncode == 0, done.stderr.decode()
    return place


@pytest.fixture(scope="module")
def exported(folder: Path) -> Path:
    copy = Path(shutil.copytree(folder / "model", folder / "exported"))
    done = letters.regard("export", copy, "--precision", "fp32")
    assert done.returncode == 0, done.stderr.decode()
    return copy


def names(folder: Path, count: int = 5) -> list[str]:
    return [str(folder / "pictures" / f"{number:04}.png") for number in range(count)]


def said(*arguments: object, stdin: str = "") -> str:
    done = letters.regard(*arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_a_line_for_each_picture_in_their_order(folder: Path) -> None:
    together = said("run", folder / "model", *names(folder)).splitlines()
    alone = [said("run", folder / "model", name).splitlines()[0] for name in names(folder, 2)]
    listed = said("run", folder / "model", stdin="\n".join(names(folder)) + "\n").splitlines()
    assert together[:2] == alone
    assert together == listed
    assert len(together) == 5


def test_a_folder_stands_for_its_pictures(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "captions.jsonl"
    said("run", folder / "model", folder / "pictures", "--output", output)
    records = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert [record["source"] for record in records] == names(folder, 40)
    assert records[0]["grid"] == [4, 4]
    assert np.array(records[0]["attention"]).shape == (len(records[0]["tokens"]), 16)
    again = said("run", folder / "model", "--input", folder / "pictures", "--json").splitlines()
    assert [json.loads(line) for line in again] == records


def test_a_picture_that_cannot_be_read_costs_its_own_line_only(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.png").write_bytes(Path(names(folder)[0]).read_bytes()[:100])
    done = letters.regard("run", folder / "model", names(folder)[0], "gone.png", tmp_path / "cut.png", names(folder)[1])
    lines, told = done.stdout.decode().split("\n"), done.stderr.decode()
    assert done.returncode == 1
    assert lines[0] and lines[3] and lines[1:3] == ["", ""] and len(lines) == 5
    assert told.startswith("regard: 2 sources could not be read; their outputs are empty.\ngone.png: no such picture.")
    assert "cut.png: cut off or broken" in told and "Traceback" not in told
    fault = json.loads(letters.regard("run", folder / "model", "gone.png", "--json").stdout)["fault"]
    assert fault == "gone.png: no such picture."


@pytest.mark.parametrize("wish", [["--protect"], ["--replace-unknown"]])
def test_words_of_the_source_cannot_be_wished_for(folder: Path, wish: list[str]) -> None:
    done = letters.regard("run", folder / "model", names(folder)[0], *wish)
    assert done.returncode == 2
    assert "want a text, not a picture" in done.stderr.decode()


def test_words_of_the_output_can(folder: Path) -> None:
    assert said("run", folder / "model", names(folder)[0], "--prefix", "a yellow").startswith("a yellow")


@pytest.mark.parametrize("suffix", ["html", "svg", "png", "json", "npz"])
def test_the_gaze_is_written(folder: Path, tmp_path: Path, suffix: str) -> None:
    said("run", folder / "model", *names(folder, 2), "--attention", tmp_path / f"gaze.{suffix}")
    assert (tmp_path / f"gaze.{suffix}").stat().st_size > 500


def test_the_gaze_is_drawn_in_the_terminal(folder: Path) -> None:
    drawn = said("run", folder / "model", names(folder)[0], "--show").splitlines()
    assert len(drawn) > 5


def test_scores_are_those_of_captions(folder: Path) -> None:
    report = json.loads(said("eval", folder / "model", "--data", folder / "pictures.jsonl", "--json"))
    assert [name for name in report if name in report["signatures"]] == [
        *("cider", "bleu4", "bleu3", "bleu2", "bleu1", "rouge_l", "meteor_exact_stem"),
    ]
    assert report["examples"] == 40 and report["perplexity"] > 1


def test_given_captions_are_scored_as_search_scores_them(folder: Path, tmp_path: Path) -> None:
    outputs = [json.loads(line) for line in said("run", folder / "model", *names(folder, 3), "--json").splitlines()]
    rows = [json.dumps({"image": output["source"], "captions": [output["text"]]}) for output in outputs]
    (tmp_path / "said.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    scores = said("score", folder / "model", "--data", tmp_path / "said.jsonl").split()
    assert [float(score) for score in scores] == pytest.approx([output["score"] for output in outputs], abs=1e-3)


def test_an_exported_model_says_the_same(folder: Path, exported: Path) -> None:
    graphs, model = load(exported), load(folder / "model")
    for one, other in zip(graphs(names(folder)), model(names(folder)), strict=True):
        assert one.text == other.text
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-4)
        assert one.score == pytest.approx(other.score, abs=1e-3)


@pytest.mark.slow
def test_eight_bits_are_judged_by_captions(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder / "model", tmp_path / "small"))
    said("export", copy)
    facts = json.loads((copy / "card.json").read_text(encoding="utf-8"))["export"]
    assert facts["precision"] == "int8" and "cider before" in facts


def test_the_card_speaks_of_pictures(folder: Path) -> None:
    told = said("info", folder / "model")
    assert "photo.jpg" in told and "Pictures: " in told and "source and" not in told


@pytest.mark.slow
def test_variants_are_compared_on_pictures(folder: Path, tmp_path: Path) -> None:
    data, out = folder / "config.toml", tmp_path / "compared"
    given = ["--vary", "attention.name=none,general", "--out", out, "--set", "train.steps=2", "--json"]
    found = json.loads(said("compare", data, *given))
    assert found["metric"] == "cider" and found["failed"] == []
    assert len(found["variants"]) == 2


@pytest.mark.slow
def test_an_ensemble_sees_pictures_in_one_way(folder: Path, exported: Path, tmp_path: Path) -> None:
    two = said("run", folder / "model", names(folder)[0], "--ensemble", exported)
    assert two == said("run", folder / "model", names(folder)[0])
    other = Path(shutil.copytree(folder / "model", tmp_path / "other"))
    config = (other / "config.toml").read_text(encoding="utf-8")
    (other / "config.toml").write_text(config.replace("side = 32", "side = 40"), encoding="utf-8")
    done = letters.regard("run", folder / "model", names(folder)[0], "--ensemble", other)
    assert done.returncode == 1
    assert "sees pictures otherwise than" in done.stderr.decode()


def test_what_goes_with_words_of_the_source_is_refused_in_a_line(exported: Path, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("a line\n", encoding="utf-8")
    aligned = letters.regard("align", tmp_path / "a.txt", tmp_path / "b.txt", "--model", exported)
    listed = letters.regard("export", exported, "--shortlist")
    for done, says in ((aligned, "between two texts"), (listed, "have no tokens that a shortlist could follow from")):
        assert done.returncode == 2
        assert says in done.stderr.decode() and "Traceback" not in done.stderr.decode()


def test_a_file_of_pictures_is_trained_on_as_it_is(folder: Path, tmp_path: Path) -> None:
    settings = ["picture.side=32", "picture.grid=4", "encoder.size=8", "decoder.size=8", "train.steps=1"]
    changes = [part for setting in [*settings, f"picture.cache={folder / 'cache'}"] for part in ("--set", setting)]
    done = letters.regard("train", folder / "pictures.jsonl", "--out", tmp_path / "run", *changes)
    assert done.returncode == 0, done.stderr.decode()
    assert f"Try it: regard run {tmp_path / 'run'} photo.jpg --show" in done.stdout.decode()
