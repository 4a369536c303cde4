"""Lessons and films over HTTP: what the page asks for."""

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

import drawings
import letters
import regard
import shapes
from regard.serve.app import create_app
from regard.serve.batches import Batches
from regard.serve.limits import Limits
from regard.serve.served import Served
from regard.training.session import train


@pytest.fixture(scope="module")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeing")
    file = shapes.write(folder, shapes.scenes(12, 2))
    train(shapes.tiny(file, picture={"cache": str(folder / "cache")}), folder / "out")
    return folder / "out"


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawing")
    train(drawings.tiny(drawings.scenes(folder, 120)), folder / "out")
    return folder / "out"


@pytest.fixture(scope="module")
def client(seeing: Path, drawing: Path) -> Iterator[TestClient]:
    folders = {"reverse": letters.learnt("reverse"), "seeing": seeing, "drawing": drawing}
    limits = Limits()
    models = [regard.load(folder) for folder in folders.values()]
    served = [
        Served(name, model, Batches(model, limits), folder=folder)
        for (name, folder), model in zip(folders.items(), models, strict=True)
    ]
    with TestClient(create_app(served, limits), base_url="http://localhost") as client:
        yield client


def ask(client: TestClient, model: str = "reverse", **body: Any) -> Any:
    return client.post(f"/lesson/{model}", json={"source": "a b c d", **body})


def test_a_lesson_is_what_the_model_computes(client: TestClient) -> None:
    lesson = ask(client, options={"beam": 3}).json()
    output = regard.load(letters.learnt("reverse"))("a b c d", beam=3)
    assert lesson["record"]["text"] == output.text
    weights = [step["weights"] for step in lesson["lesson"]["steps"]]
    np.testing.assert_allclose(weights, output.attention, atol=2e-5)
    assert max(node["step"] for node in lesson["tree"]) >= len(output.tokens)


def test_what_if_is_part_of_the_question(client: TestClient) -> None:
    lesson = ask(client, what_if={"attention": {"0": [1, 0, 0, 0, 0]}}).json()
    assert lesson["record"]["tokens"][0] == "▁a"
    assert ask(client).json()["record"]["text"] == "d c b a"


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"source": ["a", "b"]}, 400, "got 2 sources"),
        ({"source": ""}, 400, "the source is empty"),
        ({"what_if": []}, 400, "what_if is an object"),
        ({"what_if": {"of": []}}, 400, "Did you mean 'off'?"),
        ({"what_if": {"off": [99]}}, 400, "place 99"),
        ({"what_if": {"temperature": 1e400}}, 400, ""),
        ({"options": {"beam": 99}}, 400, "at most 32"),
        ({"options": {"prefix": "x"}}, 400, "no field 'prefix'"),
        ({"beam": 3}, 400, "there is no field 'beam'"),
    ],
)
def test_what_cannot_be_answered_is_told(client: TestClient, body: dict[str, Any], status: int, told: str) -> None:
    content = json.dumps({"source": "a b", **body})
    answer = client.post("/lesson/reverse", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, told in answer.json()["error"]) == (status, True), answer.text


def test_there_is_no_lesson_of_a_model_that_is_not_there(client: TestClient) -> None:
    assert ask(client, "revers").status_code == 404
    assert client.get("/film/revers").status_code == 404


def test_a_picture_is_sent_as_a_file(client: TestClient) -> None:
    content = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 30, 30)).save(content, "png")
    what_if = json.dumps({"attention": {"0": [1] + [0] * 15}})
    files = {"picture": ("mine.png", content.getvalue(), "image/png")}
    lesson = client.post("/lesson/seeing", files=files, data={"what_if": what_if}).json()
    assert lesson["lesson"]["steps"][0]["weights"] == [1.0] + [0.0] * 15
    assert lesson["record"]["source"] == "mine.png" == lesson["item"]["source"]
    assert "regard-" not in json.dumps(lesson["record"])
    assert client.post("/lesson/seeing", files={"picture": ("x.png", b"no picture", "image/png")}).status_code == 400


def test_films_are_played(client: TestClient) -> None:
    found = client.get("/film/seeing").json()
    assert [frame["step"] for frame in found["frames"]] == [4, 8]
    assert client.get("/film/reverse").json()["frames"]


def test_the_page_is_there_and_brings_all_it_needs(client: TestClient) -> None:
    for address in ("/", "/main.js", "/live.css", "/house.css", "/mark.svg"):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "http://" not in answer.text.replace("http://www.w3.org/2000/svg", "") and "https://" not in answer.text
    assert "--w20" in client.get("/house.css").text


def test_a_drawing_is_taken_apart_step_by_step(client: TestClient) -> None:
    words = "a small red square"
    told = ask(client, "drawing", source=words, options={"nbest": 2, "seed": 5}).json()
    run = client.post("/run/drawing", json={"source": words, "options": {"nbest": 2, "seed": 5}}).json()["outputs"][0]
    assert [one["picture"] for one in told["record"]["nbest"]] == [one["picture"] for one in run["nbest"]]
    for drawing, record in zip(told["drawings"], run["nbest"], strict=True):
        steps, height, width, channels = drawing["shape"]
        pixels = np.frombuffer(base64.b64decode(drawing["canvases"]), np.uint8).reshape(drawing["shape"])
        assert (steps, height, width, channels) == (3, 24, 24, 3)
        assert pixels[-1].tolist() == record["picture"]
        assert [token.strip("▁") for token in drawing["source_tokens"]] == [*words.split(), "</s>"]
        np.testing.assert_allclose(np.sum(drawing["attention"], 1), 1.0, atol=1e-3)
        assert np.shape(drawing["boxes"]) == (steps, 4)


def test_a_word_that_is_off_is_not_read_for_a_drawing_of_the_same_luck(client: TestClient) -> None:
    whole, less = (ask(client, "drawing", source="a small red square", what_if=w).json() for w in ({}, {"off": [2]}))
    (before,), (after,) = whole["drawings"], less["drawings"]
    assert not np.array(after["attention"])[:, 2].any()
    assert np.array(before["attention"])[:, 2].all()
    assert after["canvases"] != before["canvases"]
    again = ask(client, "drawing", source="a small red square", what_if={"off": [2]}).json()
    assert again["drawings"][0]["canvases"] == after["canvases"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"source": ""}, "the source is empty"),
        ({"what_if": {"say": "a"}}, "says no words"),
        ({"what_if": {"off": [9]}}, "place 9"),
        ({"what_if": {"places": {"0": {"0": [0.5, 0.5]}}}}, "makes no look"),
    ],
)
def test_what_no_drawing_can_do_is_told(client: TestClient, body: dict[str, Any], told: str) -> None:
    answer = ask(client, "drawing", **{"source": "a square", **body})
    assert answer.status_code == 400
    assert told in answer.json()["error"]
