"""`/run/{model}` says what `regard run` says, and tells in a sentence what is wrong with a request."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import letters
from regard.predictor import Predictor
from regard.serve.limits import Limits

Serving = Callable[..., TestClient]
LINES = [*letters.lines(60, 9, seed=3), "", "   ", "a\x00b", "zzz \u4eca\u65e5 \U0001f600", "<s> </s> <unk>"]


def close(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Records are equal: in words exactly, in numbers as far as a batch's shape leaves them so."""
    assert {name: one[name] for name in ("text", "source", "tokens", "source_tokens")} == {
        name: other[name] for name in ("text", "source", "tokens", "source_tokens")
    }
    assert one["token_scores"] == pytest.approx(other["token_scores"], abs=1e-4)


def test_outputs_are_those_of_the_command_whatever_the_batch(serving: Serving, folder: Path) -> None:
    done = letters.regard("run", folder, "--json", stdin="".join(f"{line}\n" for line in LINES))
    said = [json.loads(line) for line in done.stdout.decode().splitlines()]
    client = serving()
    together = client.post("/run/half", json={"source": LINES, "attention": True}).json()["outputs"]
    alone = [client.post("/run/half", json={"source": line}).json()["outputs"][0] for line in LINES]
    for one, other, command in zip(together, alone, said, strict=True):
        close(one, command)
        close(one, other)
        assert one["attention"] == [pytest.approx(row, abs=1e-4) for row in command["attention"]]
        assert "attention" not in other
        assert set(one["words"]) == {"source", "target", "attention", "confidence"}
        assert all(0 <= i < len(one["words"]["source"]) for i, _ in one["alignment"])


def test_options_are_those_of_the_command(serving: Serving, folder: Path) -> None:
    chosen = ("--set", "decode.length_penalty=0.5", "--nbest", "3", "--beam", "4", "--prefix", "a b", "--forbid", "c")
    done = letters.regard("run", folder, "--json", "a b c d", *chosen)
    options = {"length_penalty": 0.5, "nbest": 3, "beam": 4, "prefix": "a b", "forbid": ["c"]}
    (found,) = serving().post("/run/half", json={"source": "a b c d", "options": options}).json()["outputs"]
    said = json.loads(done.stdout)
    assert len(found["nbest"]) == len(said["nbest"]) == 3
    for one, other in zip(found["nbest"], said["nbest"], strict=True):
        close(one, other)
        assert one["text"].startswith("a b") and "c" not in one["text"].split() and "attention" not in one


def test_draws_do_not_depend_on_the_company(serving: Serving) -> None:
    options = {"temperature": 1.0, "seed": 5}
    client = serving()
    together = client.post("/run/half", json={"source": ["a b c"] * 5, "options": options}).json()["outputs"]
    (alone,) = client.post("/run/half", json={"source": "a b c", "options": options}).json()["outputs"]
    assert {one["text"] for one in together} == {alone["text"]}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"source": "a", "options": {"beem": 2}}, "there is no option 'beem'. Did you mean 'beam'? There are: beam, "),
        ({"sorce": "a"}, "there is no field 'sorce'. Did you mean 'source'?"),
        ({}, "source is missing; it is a text, or a list of texts."),
        ({"source": []}, "source is missing"),
        ({"source": [1]}, "source is missing"),
        ({"source": "a", "options": {"beam": 0}}, "options: beam is 0; it wants a whole number >= 1."),
        ({"source": "a", "options": {"beam": True}}, "options: beam is True; it wants a whole number >= 1."),
        ({"source": "a", "options": {"beam": 33}}, "beam is 33; this server follows at most 32."),
        ({"source": "a", "options": {"beam": 2, "nbest": 3}}, "nbest is 3 and beam 2; it must be nbest <= beam."),
        ({"source": "a", "options": {"nbest": "2"}}, "nbest is '2'; it wants a whole number >= 1."),
        ({"source": "a", "options": {"extra": 9999}}, "extra is 9999 and ratio 2; this server takes at most 1000"),
        ({"source": "a", "options": {"require": "b"}}, "require is 'b'; it wants a list of at most 20 texts."),
        ({"source": "a", "options": {"protect": "x"}}, "protect is 'x'; it wants true or false."),
        ({"source": "a", "options": {"prefix": 1}}, "prefix is 1; it wants text."),
        ({"source": "a", "options": {"groups": 2, "beam": 3}}, "[decode] groups is 2 and beam 3"),
        ({"source": "a", "options": []}, 'options are an object, such as {"beam": 5}.'),
        ({"source": "a", "options": {"temperature": float("nan")}}, "options: temperature is nan"),
        ({"source": "a", "attention": "maybe"}, "attention is 'maybe'; it wants true or false."),
        ({"question": "a", "passage": "b"}, "half does not answer questions: it takes source."),
        ({"source": ["a"] * 300}, "got 300 sources; this server takes 256 at once."),
        ({"source": "a" * 5001}, "a source has 5,001 characters; this server takes 5,000."),
    ],
)
def test_what_is_wrong_is_told(serving: Serving, body: dict[str, Any], says: str) -> None:
    found = serving().post("/run/half", content=json.dumps(body), headers={"content-type": "application/json"})
    assert found.status_code == 400
    assert found.json()["error"].startswith(says)


def test_what_a_model_is_configured_to_is_no_request_for_more(serving: Serving, model: Predictor) -> None:
    own = model.config.decode
    assert own.beam > 1 and own.extra > 1
    client = serving(limits=Limits(beam=1, length=1))
    assert client.post("/run/half", json={"source": "a"}).status_code == 200
    for name, most in (("beam", own.beam), ("extra", own.extra)):
        found = client.post("/run/half", json={"source": "a", "options": {name: most + 1}})
        assert found.status_code == 400 and f"at most {most}" in found.json()["error"]


@pytest.mark.parametrize("content", [b"{", b"[1]", b'"a"', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_told(serving: Serving, content: bytes) -> None:
    found = serving().post("/run/half", content=content)
    assert (found.status_code, found.json()) == (400, {"error": "Invalid JSON format"})


def test_a_wrong_model_is_told_with_the_nearest(serving: Serving) -> None:
    found = serving().post("/run/hulf", json={"source": "a"})
    assert (found.status_code, found.json()["error"]) == (
        404,
        "there is no model 'hulf'. Did you mean 'half'? There are: half.",
    )


def test_half_a_character_comes_back_as_it_was(serving: Serving) -> None:
    content = b'{"source": "a \\ud800"}'
    (found,) = serving().post("/run/half", content=content).json()["outputs"]
    assert found["source"] == "a \ud800"


def test_models_are_listed_with_their_options(serving: Serving, model: Predictor) -> None:
    (found,) = serving().get("/models").json()
    assert (found["name"], found["task"], found["reads"], found["languages"]) == (
        "half",
        "translate",
        "text",
        ["en", "fr"],
    )
    assert found["options"]["beam"] == model.config.decode.beam and "shortlist" not in found["options"]


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    return [(kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for kind, data in blocks]


def test_an_output_comes_token_by_token(serving: Serving, model: Predictor) -> None:
    found = serving().post("/run/half/stream", json={"source": "a b c d", "attention": True})
    assert found.headers["content-type"].startswith("text/event-stream")
    *tokens, (last, end) = events(found.text)
    wanted = list(model.tokens("a b c d"))
    assert [facts["text"] for _, facts in tokens] == [token.text for token in wanted]
    assert [facts["attention"] for _, facts in tokens] == [pytest.approx(token.attention, abs=1e-5) for token in wanted]
    assert (last, end) == ("end", {"text": model("a b c d", beam=1).text})


def test_nothing_comes_of_an_empty_source_but_the_end(serving: Serving) -> None:
    assert events(serving().post("/run/half/stream", json={"source": " "}).text) == [("end", {"text": ""})]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"source": ["a", "b"]}, "got 2 sources; one is written at a time."),
        ({"source": "a", "options": {"prefix": "b"}}, "token by token there is one output"),
        ({"source": "a", "options": {"nbest": 2}}, "token by token there is one output"),
    ],
)
def test_a_stream_has_one_output(serving: Serving, body: dict[str, Any], says: str) -> None:
    found = serving().post("/run/half/stream", json=body)
    assert found.status_code == 400 and found.json()["error"].startswith(says)


def test_as_many_streams_as_may_be_can_follow_each_other(serving: Serving) -> None:
    client = serving(Limits(streams=1))
    for _ in range(5):
        assert client.post("/run/half/stream", json={"source": "a b"}).status_code == 200
