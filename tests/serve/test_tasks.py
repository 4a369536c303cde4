"""Questions and pictures, which models of other tasks read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

import letters
import shapes
from regard.loading import load
from regard.predictor import Predictor
from regard.serve.limits import Limits

Serving = Callable[..., TestClient]
SETTINGS = (
    *("codec.name=words", "train.steps=6", "train.validate=6", "train.threads=1", "train.workers=1"),
    *("embedding.size=8", "encoder.size=8", "decoder.size=16", "train.batch=600"),
)


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    place = tmp_path_factory.mktemp("answering")
    made = letters.regard("generate", "stories", "--families", "one_fact", "--lines", 60, "--out", place / "a.jsonl")
    assert made.returncode == 0, made.stderr.decode()
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    done = letters.regard("train", place / "a.jsonl", "--out", place / "model", *settings)
    assert done.returncode == 0, done.stderr.decode()
    return load(place / "model")


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Predictor, list[Path]]:
    pytest.importorskip("transformers")
    place = tmp_path_factory.mktemp("pictured")
    file = shapes.write(place, shapes.scenes(40, 5))
    shapes.tiny(file).save(place)
    done = letters.regard("train", place / "config.toml", "--out", place / "model")
    assert done.returncode == 0, done.stderr.decode()
    return load(place / "model"), sorted((place / "pictures").iterdir())


def test_a_question_and_its_passage_are_answered(serving: Serving, answering: Predictor) -> None:
    client = serving(models={"stories": answering}, languages=None)
    body = {"question": "Where is Anna?", "passage": "Anna walked to the barn.\nBruno ||| hurried to the tower."}
    (found,) = client.post("/run/stories", json=body).json()["outputs"]
    line = json.dumps({"question": body["question"], "context": body["passage"]})
    assert found["text"] == answering(line).text
    assert "<s>" in found["source_tokens"]
    lines = client.post("/run/stories", json={"source": "Where is Anna? ||| Anna walked to the barn."})
    assert lines.status_code == 200


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"question": "Where?"}, "a question and its passage are wanted, both as texts, and no source."),
        ({"question": "Where?", "passage": " "}, "a question and its passage are wanted"),
        ({"question": "Where?", "passage": ["a"]}, "a question and its passage are wanted"),
        ({"question": "a", "passage": "b", "source": "c"}, "a question and its passage are wanted"),
        ({"source": "Where is Anna?"}, "'Where is Anna?' has no passage; expected QUESTION ||| PASSAGE"),
        ({"source": "a ||| b", "options": {"protect": True}}, "protect wants sources that are read as they stand"),
    ],
)
def test_half_a_question_is_told(serving: Serving, answering: Predictor, body: dict[str, Any], says: str) -> None:
    found = serving(models={"stories": answering}, languages=None).post("/run/stories", json=body)
    assert found.status_code == 400 and found.json()["error"].startswith(says)


def test_of_several_sources_each_tells_its_own_fault(serving: Serving, answering: Predictor) -> None:
    client = serving(models={"stories": answering}, languages=None)
    sources = ["Where is Anna?", "Where is Anna? ||| Anna walked to the barn."]
    bad, good = client.post("/run/stories", json={"source": sources}).json()["outputs"]
    assert "has no passage" in bad["fault"] and bad["tokens"] == []
    assert "fault" not in good and good["tokens"]


def test_a_picture_is_read_and_nobody_learns_where_it_lay(
    serving: Serving, pictured: tuple[Predictor, list[Path]]
) -> None:
    model, files = pictured
    client = serving(models={"photos": model}, languages=None)
    for file in files[:3]:
        form = {"attention": "true", "options": '{"nbest": 2, "beam": 3}'}
        sent = {"picture": (file.name, file.read_bytes(), "image/png")}
        answer = client.post("/run/photos", files=sent, data=form)
        (found,) = answer.json()["outputs"]
        wanted = model(str(file), beam=3, nbest=2)
        assert (found["text"], found["source"], found["grid"]) == (wanted.text, file.name, [4, 4])
        assert [record["text"] for record in found["nbest"]] == [wanted.text, wanted.alternatives[0].text]
        np.testing.assert_allclose(found["attention"], wanted.attention, atol=1e-4)
        assert "regard-" not in answer.text
    events = client.post("/run/photos/stream", files={"picture": files[0].read_bytes()}).text
    assert events.endswith(
        f"event: end\ndata: {json.dumps({'text': model(str(files[0]), beam=1).text}, separators=(',', ':'))}\n\n"
    )


def test_what_is_no_picture_is_told_without_its_place(serving: Serving, pictured: tuple[Predictor, list[Path]]) -> None:
    model, files = pictured
    client = serving(Limits(pixels=100), models={"photos": model}, languages=None)
    whole = files[0].read_bytes()
    for content, says in (
        (b"", "the picture is empty, expected a picture."),
        (b"GIF89a", "the picture cut off or broken"),
        (b"%!PS-Adobe", "the picture is no picture that can be read"),
        (whole, "the picture is "),
    ):
        found = client.post("/run/photos", files={"picture": content})
        assert found.status_code == 400 and "/" not in found.json()["error"]
        assert found.json()["error"].startswith(says) or b"GIF" in content
    wide = serving(models={"photos": model}, languages=None)
    cut = wide.post("/run/photos", files={"picture": whole[: len(whole) // 2]})
    assert cut.status_code == 400 and cut.json()["error"].startswith("the picture cut off or broken")


@pytest.mark.parametrize("source", ["/etc/passwd", "", "a.png"])
def test_the_name_of_a_file_is_no_picture(
    serving: Serving, pictured: tuple[Predictor, list[Path]], source: str
) -> None:
    client = serving(models={"photos": pictured[0]}, languages=None)
    for found in (
        client.post("/run/photos", json={"source": source}),
        client.post("/run/photos", data={"picture": source}),
        client.post("/run/photos", files={"picture": (None, source)}),
    ):
        assert found.status_code == 400
        assert found.json()["error"] == "photos reads pictures: send one as the file `picture` of a form with files."
