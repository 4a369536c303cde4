"""What stands before every answer and behind it: sizes, time, hosts, rates, keys; headers, log, metrics."""

import asyncio
import io
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from awaited import awaited
from regard.errors import UsageError
from regard.serve import rates
from regard.serve.guard import HEADERS, Guard
from regard.serve.limits import Limits, Refused
from regard.serve.metrics import Metrics
from regard.serve.rates import Rates

Serving = Callable[..., TestClient]
SECRET = "the quick brown secret"


@pytest.mark.parametrize("address", ["/health", "/models", "/metrics", "/openapi.json", "/nothing", "/run/half"])
def test_every_answer_has_the_headers_of_safety(serving: Serving, address: str) -> None:
    found = serving().get(address)
    assert {name: found.headers[name] for name in HEADERS} == HEADERS
    assert "'unsafe" not in found.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("method", "address", "status", "says"),
    [("GET", "/nothing", 404, "Not Found"), ("GET", "/run/half", 405, "Method Not Allowed")],
)
def test_every_error_has_one_form(serving: Serving, method: str, address: str, status: int, says: str) -> None:
    found = serving().request(method, address)
    assert (found.status_code, found.json()) == (status, {"error": says})


@pytest.mark.parametrize(
    "address", ["/../pyproject.toml", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/page/../app.py"]
)
def test_no_address_reaches_the_file_system(serving: Serving, address: str) -> None:
    assert serving().get(address).status_code == 404


def test_what_is_too_large_is_refused(serving: Serving) -> None:
    client = serving(Limits(body=1000))
    whole = client.post("/run/half", content=b"x" * 1001)
    pieces = client.post("/run/half", content=iter([b"x" * 600] * 3))  # which says no length beforehand
    for found in (whole, pieces):
        assert (found.status_code, found.json()) == (413, {"error": "the request is larger than 1,000 bytes."})


def test_only_names_that_are_known_are_answered_to(serving: Serving) -> None:
    client = serving(hosts=frozenset({"localhost", "[::1]"}))
    for host in ("localhost", "localhost:5000", "[::1]:5000", "[::1]"):
        assert client.get("/health", headers={"host": host}).status_code == 200
    for host in ("evil.example", "localhost.evil.example", ""):
        assert client.get("/health", headers={"host": host}).status_code == 400


KEYS = [
    {"headers": {"authorization": "Bearer k1"}, "json": {"source": "a"}},
    {"headers": {"x-api-key": "k2"}, "json": {"source": "a"}},
    {"params": {"api_key": "k1"}, "json": {"source": "a"}},
    {"json": {"source": "a", "api_key": "k1"}},
]


@pytest.mark.parametrize("given", KEYS)
def test_a_key_is_taken_wherever_clients_put_it(serving: Serving, given: dict[str, Any]) -> None:
    client = serving(Limits(keys=frozenset({"k1", "k2"})))
    assert client.post("/run/half", **given).status_code == 200
    assert (
        client.post("/translate", data={"q": "a", "source": "en", "target": "fr", "api_key": "k2"}).status_code == 200
    )


def test_without_a_key_only_health_is_told(serving: Serving) -> None:
    client = serving(Limits(keys=frozenset({"k1"})))
    none = client.post("/run/half", json={"source": "a"})
    wrong = client.post("/translate", data={"q": "a", "source": "en", "target": "fr", "api_key": "k\u00e9"})
    assert (none.status_code, none.json()["error"]) == (403, "an API key is needed: send it as api_key.")
    assert (wrong.status_code, wrong.json()["error"]) == (403, "Invalid API key")
    assert client.get("/models").status_code == client.get("/metrics").status_code == 403
    assert client.get("/health").status_code == 200


def test_a_client_that_asks_too_often_is_told_when_to_come_again(serving: Serving) -> None:
    client = serving(Limits(rate=3))
    found = [client.get("/health") for _ in range(5)]
    assert [one.status_code for one in found] == [200, 200, 200, 429, 429]
    assert found[3].json() == {"error": "more than 3 requests a minute."}
    assert int(found[3].headers["retry-after"]) == 20


def test_rates_recover_and_are_each_clients_own(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(rates.time, "monotonic", lambda: now[0])
    limit = Rates(60)
    for _ in range(60):
        limit.take("one")
    limit.take("other")
    with pytest.raises(Refused, match="more than 60"):
        limit.take("one")
    now[0] += 1.0
    limit.take("one")
    with pytest.raises(Refused):
        limit.take("one")


def test_clients_that_are_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "CLIENTS", 3)
    limit = Rates(1)
    for number in range(10):
        limit.take(str(number))
    limit.take("0")  # forgotten, and new again
    with pytest.raises(Refused):
        limit.take("9")


def guarded(limits: Limits, answer: Callable[..., Any]) -> tuple[FastAPI, io.StringIO]:
    app, log = FastAPI(), io.StringIO()
    app.add_api_route("/slow", answer, methods=["POST"])
    app.add_middleware(Guard, limits=limits, metrics=Metrics(log), free=frozenset())
    return app, log


def test_time_is_bounded_and_what_ran_is_ended() -> None:
    ended = []

    async def slow() -> PlainTextResponse:
        try:
            await asyncio.sleep(30)
        finally:
            ended.append(True)
        return PlainTextResponse("never")

    guard, _ = guarded(Limits(timeout=0.1), slow)
    found = TestClient(guard).post("/slow")
    assert (found.status_code, found.json()["error"]) == (503, "this took longer than 0.1 s.")
    assert found.headers["retry-after"] == "1" and ended == [True]


def test_who_goes_away_is_not_worked_for() -> None:
    ended = []

    async def slow() -> PlainTextResponse:
        try:
            await asyncio.sleep(30)
        finally:
            ended.append(True)
        return PlainTextResponse("never")

    async def visit() -> None:
        guard, log = guarded(Limits(), slow)
        messages = [{"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}]

        async def receive() -> dict[str, Any]:
            if len(messages) == 1:
                await asyncio.sleep(0.05)
            return messages.pop(0)

        async def send(message: Any) -> None:
            raise AssertionError("nobody is there to be answered")

        began = time.perf_counter()
        scope = {"type": "http", "method": "POST", "path": "/slow", "headers": [], "query_string": b""}
        await guard(scope, receive, send)
        assert time.perf_counter() - began < 5 and ended == [True]
        assert json.loads(log.getvalue())["status"] == 499

    awaited(visit())


def test_a_fault_of_ours_has_a_number_and_tells_nobody_what_was_sent() -> None:
    async def broken() -> PlainTextResponse:
        raise KeyError(SECRET)

    guard, log = guarded(Limits(), broken)
    found = TestClient(guard, raise_server_exceptions=False).post("/slow")
    assert (found.status_code, found.json()) == (500, {"error": "something went wrong here; the log has it as 1."})
    fault, request = (json.loads(line) for line in log.getvalue().splitlines())
    assert (fault["event"], fault["number"], fault["kind"]) == ("fault", 1, "KeyError")
    assert any(Path(__file__).name in where for where in fault["where"])
    assert request["status"] == 500 and SECRET not in log.getvalue()


def test_the_log_has_a_line_of_json_for_each_request_and_no_words_of_users(serving: Serving) -> None:
    log = io.StringIO()
    client = serving(log=log)
    client.post("/run/half", json={"source": [SECRET, "a"]})
    client.post("/run/half", json={SECRET: 1})
    client.post("/translate", data={"q": SECRET, "source": "en", "target": "fr"})
    client.get(f"/{SECRET}")
    client.post(f"/run/{SECRET}", json={})
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["path"], line["status"]) for line in lines] == [
        ("/run/{model}", 200),
        ("/run/{model}", 400),
        ("/translate", 200),
        ("other", 404),
        ("/run/{model}", 404),
    ]
    assert (lines[0]["model"], lines[0]["sources"], lines[0]["event"]) == ("half", 2, "request")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", lines[0]["time"])
    assert SECRET not in log.getvalue() and "secret" not in log.getvalue()


def test_metrics_are_what_prometheus_reads(serving: Serving) -> None:
    client = serving()
    for _ in range(3):
        client.post("/run/half", json={"source": ["a", "b"]})
    found = client.get("/metrics")
    for _ in range(100):  # a batch is counted when all of it is answered, so just behind its last answer
        if 'regard_batch_sources_sum{model="half"} 6.0' in found.text:
            break
        time.sleep(0.05)
        found = client.get("/metrics")
    assert found.headers["content-type"].startswith("text/plain; version=0.0.4")
    sample = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+')
    lines = found.text.splitlines()
    assert all(line.startswith(("# HELP ", "# TYPE ")) or sample.fullmatch(line) for line in lines)
    assert 'regard_requests_total{method="POST",path="/run/{model}",status="200"} 3' in lines
    assert 'regard_batch_sources_sum{model="half"} 6.000000' in lines
    assert 'regard_waiting_sources{model="half"} 0' in lines
    of_runs = [line for line in lines if line.startswith("regard_request_seconds_bucket") and "/run/{model}" in line]
    buckets = [int(line.split()[-1]) for line in of_runs]
    assert buckets == sorted(buckets) and buckets[-1] == 3


def test_health_tells_what_waits(serving: Serving) -> None:
    assert serving().get("/health").json() == {"status": "ok", "waiting": {"half": 0}}


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"queue": 0}, {"wait": -1.0}, {"timeout": 0.0}, {"rate": -1}])
def test_limits_that_nothing_fits_in_are_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        Limits(**wrong)
