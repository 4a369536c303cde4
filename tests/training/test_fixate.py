"""Models that look at parts of a picture: learnt, resumed, exported, compared, asked about what is no picture."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import strokes
import tiny
from regard import idx
from regard.cli import main
from regard.decode.exported import Exported
from regard.decode.pytorch import PyTorch
from regard.decode.search import search
from regard.export.export import TOLERANCE, in_bytes, largest_difference, with_facts
from regard.export.graph import facts_of, graphs
from regard.files import digest
from regard.loading import load
from regard.model import EncoderDecoder
from regard.objectives.reinforce import Reinforce
from regard.predictor import Predictor
from regard.sections import Decode
from regard.tensors import Batch, pad
from regard.training.session import train
from regard.types import EOS, Image
from regard.view.film import film

LONG = {"steps": 300, "batch": 200, "rate": 0.01, "validate": 300, "threads": 1, "ema": 0.95, "precision": "fp32"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return strokes.write(tmp_path_factory.mktemp("strokes"), 1200, 1)


@pytest.fixture(scope="module")
def learnt(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("learnt")
    train(strokes.tiny(data, train=LONG), folder)
    return folder


def model(data: Path, **changes: Any) -> EncoderDecoder:
    torch.manual_seed(3)
    made = EncoderDecoder(0, 8, strokes.tiny(data, **changes)).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(2)
    return made


def images(count: int = 5) -> list[Image]:
    return [Image(picture[..., None], 49) for picture in strokes.drawn(count, 4)[0]]


def batch(labels: int = 1) -> Batch:
    targets = [[4 + (i + t) % 4 for t in range(labels)] + [EOS] for i in range(5)]
    return Batch(pad(images()), pad(targets))


def exact(folder: Path) -> float:
    return float(json.loads((folder / "card.json").read_text(encoding="utf-8"))["scores"]["exact"])


def test_it_learns_to_tell_strokes_wherever_they_are(learnt: Path) -> None:
    found = load(learnt)([f"{strokes.write(learnt / 'test', 80, 9)}#{i}" for i in range(80)])
    labels = idx.read(learnt / "test" / "train-labels-idx1-ubyte").tolist()
    right = [output.text == str(label) for output, label in zip(found, labels, strict=True)]
    assert np.mean(right) > 0.7  # by chance 0.25


def test_a_record_has_its_looks(learnt: Path, data: Path) -> None:
    output = load(learnt)(f"{data}#0")
    assert output.boxes is not None and output.boxes.shape == (2, 3, 4)
    assert output.retina == (28, 8, 2) and output.retina.pixels == 128
    assert not output.boxes[1].any()  # nothing was looked at to find the end
    assert not output.attention[1].any() and output.attention[0].sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(output.boxes[0, :, 2:] - output.boxes[0, :, :2], 8 / 28, atol=1e-6)
    told = output.to_json()["looks"]
    assert len(told[0]) == 3 and told[1] == []


def test_a_film_of_the_run_has_the_looks_at_each_validation(learnt: Path) -> None:
    found = film(learnt / "training")
    assert found is not None and len(found["examples"]) == 4
    for frame in found["frames"]:
        for shot in frame["shots"]:
            assert np.array(shot["looks"]).shape == (3, 4)
    assert found["examples"][0]["picture"]["data"].startswith("data:image/jpeg")


@pytest.mark.parametrize("kind", ["retina", "gaussian", "moved"])
def test_a_run_that_was_stopped_ends_with_the_same_bits(data: Path, tmp_path: Path, kind: str) -> None:
    known: dict[str, dict[str, Any]] = {
        "retina": {"objective": {"samples": 2, "early": 0.3}, "decoder": {"each": True}},
        "gaussian": {"attention": {"name": "gaussian", "patch": 6, "size": 16}},
        "moved": {"picture": {"shift": 3}, "encoder": {"coarse": 7}},
    }
    changes = known[kind]
    whole = strokes.tiny(data, **changes, train={"schedule": "constant"})
    parts = strokes.tiny(data, **changes, train={"schedule": "constant", "steps": 4})
    train(whole, tmp_path / "whole")
    train(parts, tmp_path / "parts")
    train(whole, tmp_path / "parts", resume=True)
    assert digest([tmp_path / "whole" / "model.safetensors"]) == digest([tmp_path / "parts" / "model.safetensors"])


GRAPHS = {
    "stopping": {"decoder": {"labels": 2, "stop": 0.5}},
    "gaussian": {"attention": {"name": "gaussian", "patch": 6, "size": 16}},
    "one label": {},
    "any labels": {"decoder": {"labels": 0}},
    "first look": {"encoder": {"coarse": 7}, "decoder": {"cell": "lstm", "layers": 2}},
}


@pytest.mark.parametrize("changes", tiny.few(GRAPHS.values(), 1), ids=list(GRAPHS))
def test_as_graphs_it_says_and_looks_at_the_same(data: Path, changes: dict[str, Any]) -> None:
    mine = model(data, **changes)
    graph = Exported(*in_bytes(with_facts(graphs(mine), facts_of(mine))))
    assert largest_difference(PyTorch(mine), graph, images()) < TOLERANCE
    options = Decode(beam=1, ratio=0.0, extra=4)
    found, expected = search(graph, images(), options), search(PyTorch(mine), images(), options)
    for (other,), (one,) in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.tokens, other.tokens)
        assert one.boxes is not None and other.boxes is not None
        np.testing.assert_allclose(one.boxes, other.boxes, atol=1e-5)
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-5)


@pytest.mark.parametrize("labels", [0, 1, 2])
def test_what_a_search_finds_is_what_forcing_says_of_it(data: Path, labels: int) -> None:
    backend = PyTorch(model(data, decoder={"labels": labels}))
    found = [best for (best,) in search(backend, images(), Decode(beam=1, ratio=0.0, extra=4))]
    forced = backend.force(images(), [hypothesis.tokens.tolist() for hypothesis in found])
    for one, other in zip(found, forced, strict=True):
        np.testing.assert_allclose(one.log_probs, other.log_probs, atol=1e-5)
        assert one.boxes is not None and other.boxes is not None
        np.testing.assert_allclose(one.boxes, other.boxes, atol=1e-5)


def test_it_stops_looking_when_it_is_sure_enough(data: Path) -> None:
    def looks(stop: float, bias: float) -> int:
        made = model(data, decoder={"stop": stop})
        with torch.no_grad():
            made.get_parameter("decoder.sure.weight").zero_()
            made.get_parameter("decoder.sure.bias").fill_(bias)
        ((best,),) = search(PyTorch(made), images(1), Decode(beam=1, ratio=0.0, extra=4))
        assert best.boxes is not None
        return int(best.boxes.any(-1).sum())

    assert looks(0.9, 5.0) == 1
    assert looks(0.9, -5.0) == 3


def test_what_is_drawn_gets_a_gradient_and_what_was_not_looked_at_none(data: Path) -> None:
    made = model(data, decoder={"stop": 0.9}).train()
    loss, count = made(batch(), Reinforce(early=0.5))
    assert int(count) == 10
    loss.backward()
    assert [name for name, p in made.named_parameters() if p.grad is None or not p.grad.any()] == []
    read = made.predict(batch()).read
    assert read.sample is not None and read.sample.log_prob.shape == (5, 2, 3)
    assert not read.sample.log_prob[:, 1].any() and read.sample.log_prob[:, 0].all()


def test_the_reward_of_a_look_is_that_of_its_word_and_of_those_behind(data: Path) -> None:
    torch.manual_seed(5)
    made = model(data, decoder={"labels": 2}).train()
    given = batch(2)
    prediction = made.predict(given)
    sample, wanted = prediction.read.sample, given.target
    assert sample is not None
    right = (made.output(prediction.features).argmax(-1) == wanted).float()
    behind = torch.stack([right[:, 0] + right[:, 1], right[:, 1]], 1)[..., None]
    advantage = behind - sample.baseline[:, :2]
    places = advantage.square() / 2 - advantage.detach() * sample.log_prob[:, :2]
    expected = made.output.loss(prediction, wanted)[0] + 0.3 * places.sum()
    torch.testing.assert_close(Reinforce(weight=0.3)(prediction, given, made.output)[0], expected)


def test_several_samples_of_a_picture_are_rows_of_a_batch(data: Path) -> None:
    assert Reinforce(samples=4).passes == 4


def test_two_are_read_from_left_to_right(tmp_path: Path) -> None:
    file = strokes.write(tmp_path, 60, 1, each=2)
    config = strokes.tiny(file, decoder={"labels": 2})
    train(config, tmp_path / "run")
    output = load(tmp_path / "run")(f"{file}#1")
    assert output.boxes is not None and output.boxes.shape[1:] == (3, 4)
    codec = load(tmp_path / "run").task
    assert codec.join(codec.spelled(codec.target("3, 3, 0")[:-1])) == "3, 3, 0"


def test_what_is_no_picture_is_told_and_the_others_are_read(
    learnt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = strokes.write(tmp_path, 3, 2)
    broken = tmp_path / "broken-images-idx3-ubyte.gz"
    broken.write_bytes(gzip.compress(file.read_bytes())[:-9])
    names = [f"{file}#0", f"{file}#7", f"{broken}#0", str(tmp_path / "none.png")]
    assert main(["run", str(learnt), *names]) != 0
    told = capsys.readouterr()
    assert told.out.split("\n")[0] in "0123" and told.out.count("\n") == 4
    assert "there is no such picture; it holds 3" in told.err and "cut off or broken" in told.err
    assert "no such picture" in told.err


def test_a_png_is_read_as_what_it_was_trained_on(learnt: Path, data: Path, tmp_path: Path) -> None:
    from PIL import Image as Pillow

    Pillow.fromarray(np.asarray(idx.picture(str(data), 3))).save(tmp_path / "stroke.png")
    one, other = (load(learnt)(name) for name in (str(tmp_path / "stroke.png"), f"{data}#3"))
    assert one.text == other.text
    np.testing.assert_array_equal(one.token_scores, other.token_scores)


@pytest.mark.slow
def test_exported_by_the_command_it_answers_alike(learnt: Path, data: Path) -> None:
    before = load(learnt)(f"{data}#2")
    assert main(["export", str(learnt), "--precision", "fp32"]) == 0
    after = load(learnt)
    assert isinstance(after, Predictor) and isinstance(after.backend, Exported)
    found = after(f"{data}#2")
    assert found.text == before.text
    np.testing.assert_allclose(found.token_scores, before.token_scores, atol=1e-4)


@pytest.mark.slow
def test_variants_are_compared_as_those_of_any_task(data: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "run.toml"
    config = strokes.tiny(data, train={"steps": 4})
    recipe.write_text(config.to_toml(), encoding="utf-8")
    arguments = ["--set", "compare.vary=decoder.looks=1,2", "--test", str(data), "--out", str(tmp_path / "out")]
    assert main(["compare", str(recipe), *arguments]) == 0
    assert len([path for path in (tmp_path / "out").iterdir() if path.is_dir()]) == 2
