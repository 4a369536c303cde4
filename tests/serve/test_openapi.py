"""What the description of the addresses promises holds for whatever is sent: no request is a fault of ours."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from starlette.testclient import TestClient

schemathesis = pytest.importorskip("schemathesis")
Serving = Callable[..., TestClient]

ADDRESSES = {
    *("/translate", "/languages", "/detect", "/frontend/settings"),
    *("/models", "/run/{model}", "/run/{model}/stream", "/health", "/metrics"),
}


def test_every_address_is_described(serving: Serving) -> None:
    described = serving().get("/openapi.json").json()
    assert set(described["paths"]) >= ADDRESSES
    for address in described["paths"].values():
        for operation in address.values():
            assert operation["description"] or operation["summary"]
            assert operation["responses"]["400"]["content"]["application/json"]["schema"]["required"] == ["error"]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
@pytest.mark.filterwarnings("ignore")
def test_no_request_is_a_fault_of_ours(serving: Serving, mode: str) -> None:
    client = serving()
    schema = schemathesis.openapi.from_asgi("/openapi.json", client.app)
    wanted = schemathesis.GenerationMode[mode]
    seen: dict[str, int] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        try:
            cases = operation.as_strategy(generation_mode=wanted)
        except Exception:  # nothing about it can be wrong
            continue

        @settings(
            max_examples=150,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases)
        def every(case: Any, path: str = operation.path) -> None:
            if case.path_parameters.get("model") and seen.get(path, 0) % 4:
                case.path_parameters["model"] = "half"
            answer = case.call()
            seen[path] = seen.get(path, 0) + 1
            assert answer.status_code < 500, (case.as_curl_command(), answer.text)
            if answer.status_code >= 400:
                assert list(answer.json()) == ["error"]

        every()
    assert seen["/translate"] > 100 and seen["/run/{model}"] > 100
