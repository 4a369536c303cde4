"""The film of a run: what is kept at each validation, and that it disturbs nothing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import letters
import regard
import shapes
from regard import config as configs
from regard.build import find
from regard.errors import UsageError
from regard.training import film as films
from regard.training.film import Film, chosen
from regard.training.session import train
from regard.types import Example
from regard.view.film import FILE, film, frames
from regard.watching import watched


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    return letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(90, 6))


def kept(out: Path) -> list[dict[str, Any]]:
    return frames(out / "training" / FILE)


def test_each_validation_is_a_frame_of_the_same_examples(tmp_path: Path, pairs: Path) -> None:
    train(letters.tiny(pairs, train={"steps": 10, "validate": 4, "watch": 2}), tmp_path / "out")
    head, *shots = kept(tmp_path / "out")
    assert [frame["step"] for frame in shots] == [4, 8, 10]
    assert len(head["examples"]) == 2
    for frame in shots:
        assert set(frame["facts"]) == {"loss", "bleu"}
        for example, one in zip(head["examples"], frame["shots"], strict=True):
            shape = np.array(one["weights"]).shape
            assert shape == (len(example["words"]["target"]), len(example["words"]["source"]))
            assert len(one["confidence"]) == shape[0]


def test_a_frame_shows_the_attention_of_the_model_of_its_validation(tmp_path: Path, pairs: Path) -> None:
    train(letters.tiny(pairs, train={"steps": 8, "validate": 8, "watch": 1}), tmp_path / "out")
    head, shot = kept(tmp_path / "out")
    (example,), (one,) = head["examples"], shot["shots"]
    (forced,) = regard.load(tmp_path / "out").force([example["source"]], [example["target"]])
    np.testing.assert_allclose(np.array(one["weights"]) / 1000, forced.attention, atol=6e-4)


@pytest.mark.parametrize("options", [{"embedding": {"dropout": 0.3}}, {"attention": {"name": "hard"}}])
def test_a_film_changes_no_weight(tmp_path: Path, pairs: Path, options: dict[str, Any]) -> None:
    for name, watch in (("with", 3), ("without", 0)):
        train(letters.tiny(pairs, train={"watch": watch}, **options), tmp_path / name)
    assert all(letters.same_runs(tmp_path / "with", tmp_path / "without"))
    assert not (tmp_path / "without" / "training" / FILE).exists()


def test_a_resumed_run_has_the_film_of_an_uninterrupted_one(tmp_path: Path, pairs: Path) -> None:
    train(
        letters.tiny(pairs, train={"steps": 12, "validate": 4, "schedule": "constant", "warmup": 0.0}),
        tmp_path / "whole",
    )
    train(
        letters.tiny(pairs, train={"steps": 8, "validate": 4, "schedule": "constant", "warmup": 0.0}),
        tmp_path / "parts",
    )
    longer = letters.tiny(pairs, train={"steps": 12, "validate": 4, "schedule": "constant", "warmup": 0.0})
    train(longer, tmp_path / "parts", resume=True)
    assert kept(tmp_path / "parts") == kept(tmp_path / "whole")


def test_what_was_filmed_after_the_step_that_is_resumed_is_dropped(tmp_path: Path, pairs: Path) -> None:
    train(letters.tiny(pairs, train={"steps": 8, "validate": 4}), tmp_path / "out")
    folder = tmp_path / "out" / "training"
    task = find("tasks", "translate")(configs.read(tmp_path / "out" / "config.toml"))
    task.load(tmp_path / "out")
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write('{"step": 12, "fac')  # cut off by a kill
    one = Film(folder, task, [], 4, 2)
    one.rewind(4)
    assert [frame["step"] for frame in kept(tmp_path / "out")[1:]] == [4]
    one.rewind(0)
    assert not (folder / FILE).exists()


def test_a_long_run_keeps_some_of_its_frames(tmp_path: Path, pairs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "MOST", 3)
    train(letters.tiny(pairs, train={"steps": 11, "validate": 1, "watch": 1}), tmp_path / "out")
    assert [frame["step"] for frame in kept(tmp_path / "out")[1:]] == [4, 8, 11]


def test_examples_are_chosen_that_can_be_taken_in_at_a_glance(tmp_path: Path, pairs: Path) -> None:
    train(letters.tiny(pairs, train={"steps": 2}), tmp_path / "out")
    task = find("tasks", "translate")(configs.read(tmp_path / "out" / "config.toml"))
    task.load(tmp_path / "out")
    short, fine, long = Example("a", "a"), Example("a b c", "c b a"), Example("a " * 60, "a b c")
    others = [Example(f"a b {letter}", "c b a") for letter in "cdefgh"]
    assert chosen(task, [short, long, fine, fine], 4) == [fine]
    assert chosen(task, others, 3) == [others[0], others[2], others[4]]
    assert chosen(task, others, 0) == []


def test_a_run_on_pictures_has_a_film_too(tmp_path: Path) -> None:
    file = shapes.write(tmp_path, shapes.scenes(12, 2))
    train(shapes.tiny(file, picture={"cache": str(tmp_path / "cache")}), tmp_path / "out")
    found = film(tmp_path / "out" / "training")
    assert found
    assert found["examples"][0]["grid"] == [4, 4]
    assert found["examples"][0]["picture"]["data"].startswith("data:image/jpeg")
    assert np.array(found["frames"][0]["shots"][0]["weights"]).shape[1] == 16
    assert set(found["gaze"]) == {"veil", "spread"}


def test_a_run_becomes_one_page_that_needs_nothing_else(tmp_path: Path, pairs: Path) -> None:
    train(letters.tiny(pairs), tmp_path / "out")
    text = watched(tmp_path / "out", 3)
    data = text.partition('id="film-data">')[2].partition("</script>")[0]
    assert json.loads(data)["frames"]
    assert "Validation bleu" in text and "How out learnt to look" in text
    assert "import " not in text.partition('<script type="module">')[2].partition("</script>")[0]
    for sign in ("http://", "https://", "src=", "@import"):
        assert sign not in text.replace("http://www.w3.org/2000/svg", "")


def test_view_is_a_command(tmp_path: Path, pairs: Path) -> None:
    train(letters.tiny(pairs), tmp_path / "out")
    done = letters.regard("view", tmp_path / "out", "--output", tmp_path / "view.html", "--examples", 2)
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "view.html").stat().st_size > 20_000
    done = letters.regard("view", tmp_path)
    assert (done.returncode, b"holds no training/log.jsonl" in done.stderr) == (2, True)


def test_a_folder_without_a_log_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name the folder of a run that was trained here"):
        watched(tmp_path, 3)
