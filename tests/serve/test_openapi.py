"""What the description of the addresses promises holds for whatever is sent: no request is a fault of ours."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from starlette.testclient import TestClient

schemathesis = pytest.importorskip("schemathesis")
Serving = Callable[..., TestClient]

MANY = 150
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
    schema = schemathesis.openapi.from_asgi("/openapi.json", serving().app)
    seen = {
        result.ok().path: _asked(result.ok(), schemathesis.GenerationMode[mode])
        for result in schema.get_all_operations()
    }
    assert min(seen["/translate"], seen["/run/{model}"], seen["/detect"]) >= MANY


def _asked(operation: Any, mode: Any) -> int:
    """Ask one address for whatever its description allows, or does not allow, and tell how often."""
    seen: list[int] = []

    @settings(
        max_examples=MANY,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def every(case: Any) -> None:
        if "model" in case.path_parameters and len(seen) % 4:
            case.path_parameters["model"] = "half"
        answer = case.call()
        seen.append(answer.status_code)
        assert answer.status_code < 500, (case.as_curl_command(), answer.text)
        if answer.status_code >= 400:
            assert list(answer.json()) == ["error"]

    try:
        every()
    except Unsatisfiable:  # nothing that is sent there can be wrong
        return len(seen)
    return len(seen)
