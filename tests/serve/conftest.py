"""Models behind the application, without a socket."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import letters
from regard.loading import load
from regard.predictor import Predictor
from regard.serve.app import create_app
from regard.serve.batches import Batches
from regard.serve.limits import Limits
from regard.serve.metrics import Metrics
from regard.serve.served import Served

Serving = Callable[..., TestClient]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learnt half of its task, as graphs in eight bits."""
    copy = letters.fresh_copy("half", tmp_path_factory.mktemp("served"))
    done = letters.regard("export", copy)
    assert done.returncode == 0, done.stderr.decode()
    return copy


@pytest.fixture(scope="session")
def model(folder: Path) -> Predictor:
    return load(folder, threads=1)


@pytest.fixture
def serving(folder: Path, model: Predictor) -> Iterator[Serving]:
    """A client of the model, or of others: `serving(limits=..., models={...}, languages=...)`."""
    with ExitStack() as stack:

        def serve(
            limits: Limits | None = None,
            models: dict[str, Predictor] | None = None,
            languages: tuple[str, str] | None = ("en", "fr"),
            log: Any = None,
            hosts: frozenset[str] = frozenset(),
        ) -> TestClient:
            bounds, metrics = limits or Limits(), Metrics(log)
            served = [
                Served(name, one, Batches(one, bounds, 2, partial(metrics.batch, name)), folder, languages)
                for name, one in (models or {"half": model}).items()
            ]
            return stack.enter_context(TestClient(create_app(served, bounds, metrics, hosts)))

        yield serve
