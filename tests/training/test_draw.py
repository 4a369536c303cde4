"""Models that draw: learnt, resumed, run, judged, shown, and asked for what they cannot do."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from rich.console import Console

import drawings
from regard.cli import main
from regard.errors import ConfigError, DataError, UsageError
from regard.evaluation import evaluate
from regard.files import digest
from regard.loading import load
from regard.training.session import train
from regard.types import Image
from regard.view import terminal
from regard.view.reel import GAP, SIDE

WORDS = "a red square above a small blue ring"
LONG = {"steps": 250, "batch": 400, "rate": 0.01, "validate": 250, "ema": 0.9}


def opened(path: Path) -> Pillow.Image:
    with Pillow.open(path) as image:
        return image.copy()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawings.scenes(tmp_path_factory.mktemp("scenes"), 40)


@pytest.fixture(scope="module")
def canvas(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("canvas")
    train(drawings.tiny(data), folder)
    return folder


@pytest.fixture(scope="module")
def patches(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("patches")
    train(drawings.tiny(data, **drawings.PATCHES), folder)
    return folder


@pytest.fixture(scope="module")
def plain(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    wordless = {"data": {"source": ""}, "attention": {"name": "none"}, "decoder": {"read": 0, "write": 0}}
    train(drawings.tiny(data, **wordless), folder)
    return folder


@pytest.mark.slow
def test_it_learns(data: Path, tmp_path: Path) -> None:
    report = train(drawings.tiny(data, train=LONG), tmp_path)
    untrained = 24 * 24 * 3 * np.log(2)
    assert report.drawn and report.scores["nats"].value == pytest.approx(report.cost, abs=1e-3)
    assert 0 < report.cost < untrained / 2
    card = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))
    assert card["scores"]["nats"][0] == report.scores["nats"].value
    assert "perplexity" not in card["validation"]


@pytest.mark.slow
def test_a_run_that_was_stopped_ends_with_the_same_bits(data: Path, tmp_path: Path) -> None:
    for name, changes in (("canvas", {}), ("patches", drawings.PATCHES)):
        whole = drawings.tiny(data, **changes, **{"train": {"schedule": "constant"}})
        parts = drawings.tiny(data, **changes, **{"train": {"schedule": "constant", "steps": 4}})
        train(whole, tmp_path / name / "whole")
        train(parts, tmp_path / name / "parts")
        train(whole, tmp_path / name / "parts", resume=True)
        one, other = (digest([tmp_path / name / each / "model.safetensors"]) for each in ("whole", "parts"))
        assert one == other


def test_a_drawing_has_its_canvases_windows_and_words(canvas: Path) -> None:
    output = load(canvas)(WORDS, nbest=3)
    assert output.text == "" and output.tokens == ("1", "2", "3") and len(output.alternatives) == 2
    assert output.canvases is not None and output.canvases.shape == (3, 24, 24, 3)
    assert output.boxes is not None and output.boxes.shape == (3, 1, 4)
    assert [token.strip("\u2581") for token in output.source_tokens] == [*WORDS.split(), "</s>"]
    assert output.attention.shape == (3, 9)
    np.testing.assert_allclose(output.attention.sum(1), 1, atol=1e-5)
    told = output.to_json()
    assert np.array_equal(told["picture"], output.canvases[-1]) and len(told["nbest"]) == 3
    others = [each.canvases for each in output.alternatives]
    assert all(other is not None and not np.array_equal(other, output.canvases) for other in others)


def test_what_is_drawn_depends_on_the_seed_the_words_and_its_number_alone(canvas: Path) -> None:
    model = load(canvas)
    others = ["a green cross at the left", "a pink triangle left of a white ring at the top"]
    alone = model(WORDS, nbest=2)
    among = model([*others, WORDS, WORDS], nbest=3)
    for found in among[2:]:
        assert found.canvases is not None and alone.canvases is not None
        np.testing.assert_allclose(found.canvases.astype(int), alone.canvases.astype(int), atol=1)
    other = load(canvas, settings=["decode.seed=2"])(WORDS)
    assert not np.array_equal(other.canvases, alone.canvases)
    still = load(canvas, settings=["decode.temperature=0"])(WORDS, nbest=1)
    again = load(canvas, settings=["decode.temperature=0", "decode.seed=2"])(WORDS)
    np.testing.assert_array_equal(still.canvases, again.canvases)


def test_the_bound_is_a_function_of_the_pictures(canvas: Path, data: Path) -> None:
    model = load(canvas)
    examples = list(model.task.examples(data, model.config.data))
    whole, part = evaluate(model, examples), evaluate(model, examples[:7])
    scores = [row.sum() for row in model.score([e.source for e in examples], [e.target for e in examples])]
    assert whole.cost == pytest.approx(-np.mean(scores), rel=1e-5)
    assert part.cost == pytest.approx(-np.mean(scores[:7]), rel=1e-4)
    assert whole.to_json()["nats"] == pytest.approx(whole.cost, abs=1e-3)


def test_bytes_become_zero_or_one_as_often_as_they_are_bright(data: Path) -> None:
    from regard.build import find

    task = find("tasks", "draw")(drawings.tiny(data))
    grey = np.repeat(np.arange(256, dtype=np.uint8), 400)
    lit = task._binary(grey, np.random.default_rng(1)).values
    assert set(np.unique(lit)) == {0, 255}
    shares = lit.reshape(256, 400).mean(1)
    assert shares[0] == 0 and shares[255] == 255
    np.testing.assert_allclose(shares, np.arange(256), atol=5 * 255 / 2 / 400**0.5)
    sharp = find("tasks", "draw")(drawings.tiny(data, output={"binary": "threshold"}))
    np.testing.assert_array_equal(sharp._binary(grey, np.random.default_rng(1)).values, 255 * (grey >= 128))


def test_a_picture_is_judged_in_the_same_bytes_each_time(data: Path) -> None:
    from regard.build import find

    task = find("tasks", "draw")(drawings.tiny(data))
    name = f"{data.parent}/train-images-idx4-ubyte#3"
    one, other = task.wanted(name), task.wanted(name)
    assert isinstance(one, Image) and isinstance(other, Image)
    np.testing.assert_array_equal(one.values, other.values)


def test_patches_are_drawn_by_the_ordinary_search(patches: Path, data: Path) -> None:
    model = load(patches)
    output = model(WORDS, nbest=4)
    assert output.canvases is not None and output.canvases.shape[1:] == (24, 24, 3)
    assert len(output.alternatives) == 3 and len(output.tokens) == len(output.canvases)
    best = load(patches, settings=["decode.temperature=0", "decode.beam=3"])(WORDS, nbest=3)
    scores = [each.score for each in (best, *best.alternatives)]
    assert scores == sorted(scores, reverse=True)
    examples = list(model.task.examples(data, model.config.data))
    report = evaluate(model, examples[:5])
    assert not report.drawn and 1 < report.perplexity < 40


def test_pictures_without_words(plain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = load(plain)
    output = model("", nbest=2)
    assert output.canvases is not None and output.source_tokens == ("</s>",) and not output.attention.any()
    assert f'regard run {plain.name} "" --output picture.png' in (plain / "README.md").read_text(encoding="utf-8")
    with pytest.raises(DataError, match="this model draws without words; got 'a cat', expected an empty line"):
        model("a cat")
    picture, film = tmp_path / "cat.png", tmp_path / "film.png"
    assert main(["run", str(plain), "a cat", "--output", str(picture)]) == 1
    assert "this model draws without words" in capsys.readouterr().err and not picture.exists()
    assert main(["run", str(plain), "", "--attention", str(film)]) == 0
    assert opened(film).size[0] == 3 * (SIDE + 2 * GAP)  # no room is kept for words


@pytest.mark.parametrize("name", ["canvas", "patches", "plain"])
def test_a_command_writes_a_picture_a_sheet_and_a_film(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, words = request.getfixturevalue(name), "" if name == "plain" else WORDS
    one, sheet, film = tmp_path / "one.png", tmp_path / "sheet.png", tmp_path / "film.html"
    assert main(["run", str(folder), words, "--output", str(one), "--attention", str(film)]) == 0
    assert opened(one).size == (24, 24)
    assert film.read_text(encoding="utf-8").count("data:image/png") >= 3
    assert main(["run", str(folder), words, words, "--nbest", "3", "--output", str(sheet)]) == 0
    assert opened(sheet).size == (3 * 120 + 2 * 8, 2 * 120 + 8)
    assert main(["run", str(folder), words, "--nbest", "10", "--output", str(sheet)]) == 0
    assert opened(sheet).size == (8 * 120 + 7 * 8, 2 * 120 + 8)  # eight beside each other, two below
    for suffix in ("gif", "png"):
        assert main(["run", str(folder), words, "--attention", str(tmp_path / f"x.{suffix}")]) == 0
    with Pillow.open(tmp_path / "x.gif") as film_of_steps:
        frames = getattr(film_of_steps, "n_frames", 1)
    assert frames >= 3 or name == "patches"
    assert main(["run", str(folder), words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert np.shape(told["picture"]) == (24, 24, 3)
    drawn = load(folder)(words).canvases
    assert drawn is not None
    np.testing.assert_array_equal(np.asarray(opened(one)), drawn[-1])


def test_the_terminal_shows_the_picture_and_the_words(canvas: Path) -> None:
    output, stream = load(canvas)(WORDS), io.StringIO()
    terminal.show(output, Console(file=stream, force_terminal=True, color_system="truecolor", width=100))
    assert stream.getvalue().count("\u2580") >= 24 * 12 and "square" in stream.getvalue()
    stream = io.StringIO()
    terminal.show(output, Console(file=stream, color_system=None, width=100))
    assert "square" in stream.getvalue()


def test_commands_say_the_bound(canvas: Path, patches: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", str(canvas), "--data", str(data)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.split()[0] == "nats" and "40 pictures judged" in second
    assert main(["eval", str(patches), "--data", str(data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["perplexity"] > 1
    assert main(["score", str(canvas), "--data", str(data)]) == 0
    assert "40 pictures" in capsys.readouterr().err
    assert main(["info", str(canvas)]) == 0
    assert "canvas" in capsys.readouterr().out


REFUSED: list[tuple[list[str], str]] = [
    ([WORDS], "this model draws: give --output picture.png, or --show, --attention or --json"),
    ([WORDS, "--output", "out.txt"], "--output out.txt: pictures are written at the end, as .png"),
    (
        [WORDS, "--output", "out.png", "--resume"],
        "pictures are written at the end, as .png, without --json and --resume",
    ),
    ([WORDS, "--require", "blue", "--show"], "this model draws: a picture has no words that could be asked for"),
    ([WORDS, "--stream"], "this model draws"),
    (["", "--output", "out.png"], "out.png: there is no picture to write"),
]


@pytest.mark.parametrize(("given", "fault"), REFUSED)
def test_what_a_drawing_cannot_be_asked_for_is_told(
    given: list[str],
    fault: str,
    canvas: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run", str(canvas), *given]) != 0
    assert fault in capsys.readouterr().err
    assert not (tmp_path / "out.png").exists()


def test_what_else_cannot_be_done_with_it_is_told(canvas: Path, data: Path, tmp_path: Path) -> None:
    from regard.alignment import align
    from regard.export.export import export
    from regard.lesson.lesson import Teacher

    model = load(canvas)
    calls: list[tuple[str, Callable[[], Any]]] = [
        ("is not exported: run it from its weights", lambda: export(canvas)),
        ("Sketcher takes it apart", lambda: Teacher(model)),
        ("this model reads or draws pictures", lambda: list(align(model, [WORDS], ["x.png"]))),
        ("cannot be told token by token", lambda: list(model.tokens(WORDS))),
        ("pictures are judged by one model at a time", lambda: load(canvas, canvas).score([WORDS], [_name(data)])),
    ]
    for fault, call in calls:
        with pytest.raises(UsageError, match=fault):
            call()
    with pytest.raises(ConfigError, match="words and pictures have nothing in common"):
        train(drawings.tiny(data, embedding={"shared": True}), tmp_path / "a")
    with pytest.raises(ConfigError, match=r"\[patches\] side is 7, and \[picture\] side 24"):
        train(drawings.tiny(data, **{**drawings.PATCHES, "patches": {"side": 7}}), tmp_path / "b")
    with pytest.raises(DataError, match="no usable row"):
        train(drawings.tiny(data, data={"source": "words"}), tmp_path / "c")
    with pytest.raises(DataError, match="one source alone cannot be both trained on and validated with"):
        train(drawings.tiny(data, data={"source": "", "valid": ""}), tmp_path / "d")


def _name(data: Path) -> str:
    return f"{data.parent}/train-images-idx4-ubyte#0"


def test_two_models_draw_as_one(canvas: Path) -> None:
    one, both = load(canvas)(WORDS), load(canvas, canvas)(WORDS)
    assert one.canvases is not None and both.canvases is not None
    np.testing.assert_allclose(one.canvases.astype(int), both.canvases.astype(int), atol=1)


@pytest.mark.slow
def test_variants_are_compared_by_their_bounds(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "draw.toml"
    config.write_text(drawings.tiny(data).to_toml(), encoding="utf-8")
    given = ["--set", "compare.vary=decoder.write=0,5", "--set", "compare.samples=50", "--out", str(tmp_path / "out")]
    assert main(["compare", str(config), *given]) == 0
    assert "nats" in capsys.readouterr().out
