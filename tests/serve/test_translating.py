"""The protocol of LibreTranslate, as its clients know it, and what we add to it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from regard.predictor import Predictor
from regard.serve.limits import Limits

Serving = Callable[..., TestClient]
PAIR = {"source": "en", "target": "fr"}


def test_json_and_forms_say_the_same(serving: Serving, model: Predictor) -> None:
    client, wanted = serving(), {"translatedText": model("a b c").text}
    asked = {"q": "a b c", **PAIR}
    assert client.post("/translate", json=asked).json() == wanted
    assert client.post("/translate", data=asked).json() == wanted
    assert client.post("/translate", files={name: (None, value) for name, value in asked.items()}).json() == wanted
    assert client.post("/translate", json=asked | {"secret": "x", "format": "text", "api_key": ""}).json() == wanted


def test_a_list_gives_a_list(serving: Serving, model: Predictor) -> None:
    texts = ["a b c", "", "h g"]
    found = serving().post("/translate", json={"q": texts, **PAIR}).json()
    assert found == {"translatedText": [model(text).text for text in texts]}


def test_lines_stay_lines(serving: Serving, model: Predictor) -> None:
    found = serving().post("/translate", json={"q": "\na b c\r\n\n  h g\n", **PAIR}).json()
    assert found["translatedText"] == f"\n{model('a b c').text}\r\n\n{model('h g').text}\n"


def test_alternatives_are_the_next_best_and_none_twice(serving: Serving, model: Predictor) -> None:
    client, wanted = serving(), model("a b c", nbest=3)
    found = client.post("/translate", json={"q": "a b c", **PAIR, "alternatives": 2}).json()
    assert found["translatedText"] == wanted.text
    assert found["alternatives"] == [record.text for record in wanted.alternatives if record.text != wanted.text]
    many = client.post("/translate", json={"q": ["a", "b"], **PAIR, "alternatives": "2"}).json()["alternatives"]
    assert len(many) == 2 and all(isinstance(text, str) for texts in many for text in texts)


def test_the_source_is_found_by_its_letters(serving: Serving) -> None:
    client = serving()
    one = client.post("/translate", data={"q": "a b c d e", "source": "auto", "target": "fr"}).json()
    assert one["detectedLanguage"]["language"] == "en" and one["detectedLanguage"]["confidence"] > 50
    many = client.post("/translate", json={"q": ["a b", "c"], "source": "auto", "target": "fr"}).json()
    assert [found["language"] for found in many["detectedLanguage"]] == ["en", "en"]


def test_languages_are_told_however_they_are_asked_for(serving: Serving) -> None:
    client = serving()
    wanted = [
        {"code": "en", "name": "English", "targets": ["fr"]},
        {"code": "fr", "name": "French", "targets": []},
    ]
    assert client.get("/languages").json() == client.post("/languages").json() == wanted
    assert client.request("GET", "/languages", content=b"").json() == wanted
    assert client.get("/frontend/settings").json()["language"]["target"] == {"code": "fr", "name": "French"}


def test_detect_tells_the_surest_first(serving: Serving) -> None:
    (found,) = serving().post("/detect", data={"q": "a b c"}).json()
    assert found["language"] == "en" and 0 < found["confidence"] <= 100


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"q": None}, "Invalid request: missing q parameter"),
        ({"q": ""}, "Invalid request: missing q parameter"),
        ({"q": []}, "Invalid request: missing q parameter"),
        ({"q": [1]}, "Invalid request: missing q parameter"),
        ({"source": None}, "Invalid request: missing source parameter"),
        ({"target": ""}, "Invalid request: missing target parameter"),
        ({"source": "zz"}, "zz is not supported"),
        ({"target": "zz"}, "zz is not supported"),
        ({"source": "auto", "target": "zz"}, "zz is not supported"),
        ({"source": "fr", "target": "en"}, "English (en) is not available as a target language from French (fr)"),
        ({"format": "xml"}, "xml format is not supported"),
        ({"alternatives": "abc"}, "Invalid request: alternatives parameter is not a number"),
        ({"alternatives": 99}, "Invalid request: alternatives parameter must be <= 31"),
        ({"q": "a" * 5001}, "Invalid request: request (5001) exceeds text limit (5000)"),
        ({"q": ["a"] * 257}, "Invalid request: request (257) exceeds text limit (256)"),
        ({"q": ["a\n" * 2000] * 2}, "Invalid request: 4000 lines; this server takes 1024 at once."),
        ({"alignments": 3}, "alignments is 3; it wants true or false."),
    ],
)
def test_what_is_wrong_is_told_as_clients_know_it(serving: Serving, change: dict[str, Any], says: str) -> None:
    found = serving().post("/translate", json={"q": "a", **PAIR, **change})
    assert (found.status_code, found.json()) == (400, {"error": says})


def test_a_full_queue_is_told(serving: Serving) -> None:
    client = serving(Limits(queue=4))
    assert client.post("/translate", json={"q": ["a"] * 4, **PAIR}).status_code == 200
    assert client.post("/translate", json={"q": ["a"] * 5, **PAIR}).status_code == 400


def test_words_say_where_they_come_from(serving: Serving, model: Predictor) -> None:
    asked = {"q": "a b c\nh g", **PAIR, "alignments": True, "attention": True}
    found = serving().post("/translate", json=asked).json()
    first, second = found["alignments"]
    output = model("a b c")
    assert (first["source"], first["target"]) == (["a", "b", "c"], output.text.split())
    assert second["source"] == ["h", "g"]
    for links, words in zip(found["alignments"], found["attention"], strict=True):
        assert words["source"] == [*links["source"], "</s>"] and words["target"] == [*links["target"], "</s>"]
        assert [sum(row) for row in words["weights"]] == pytest.approx([1.0] * len(words["target"]), abs=1e-3)
        for i, j in links["links"]:
            row = words["weights"][j][:-1]
            assert row[i] == max(row)


def test_html_keeps_its_tags(serving: Serving, model: Predictor) -> None:
    html = '<p class="x">a <b>b c</b> d</p><script>var a = "<b>";</script><p>h &amp; g</p>'
    found = serving().post("/translate", json={"q": html, **PAIR, "format": "html"}).json()["translatedText"]
    assert found.startswith('<p class="x">') and '</p><script>var a = "<b>";</script><p>' in found
    assert found.count("<b>") == found.count("</b>") + 1 >= 2
    said = found.partition("</p>")[0].replace("<b>", "").replace("</b>", "").removeprefix('<p class="x">')
    assert said == model("a b c d").text


def test_models_that_translate_nothing_known_are_not_offered(serving: Serving) -> None:
    client = serving(languages=None)
    assert client.get("/languages").json() == []
    assert client.post("/translate", json={"q": "a", **PAIR}).json() == {"error": "en is not supported"}
    assert client.post("/run/half", json={"source": "a"}).status_code == 200


def test_the_first_model_of_a_pair_has_it(serving: Serving, model: Predictor, folder: Path) -> None:
    client = serving(models={"one": model, "two": model})
    client.post("/translate", json={"q": "a b", **PAIR})
    limit = time.monotonic() + 10  # a batch is counted just behind its last answer
    while 'regard_batch_sources_count{model="one"} 1' not in (told := client.get("/metrics").text):
        assert time.monotonic() < limit, told
