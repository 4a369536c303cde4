"""Clients that were made for LibreTranslate, as their authors published them, against a server of ours."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from regard.predictor import Predictor
from regard.serve.app import create_app
from regard.serve.batches import Batches
from regard.serve.limits import Limits
from regard.serve.metrics import Metrics
from regard.serve.served import Served
from regard.serve.server import bound


@contextmanager
def listening(folder: Path, model: Predictor, limits: Limits) -> Iterator[str]:
    """The address of a server in a thread of this process."""
    metrics = Metrics(None)
    served = Served("half", model, Batches(model, limits, 1, partial(metrics.batch, "half")), folder, ("en", "fr"))
    server = uvicorn.Server(uvicorn.Config(create_app([served], limits, metrics), log_config=None))
    with bound("127.0.0.1", 0) as socket:
        thread = threading.Thread(target=partial(server.run, sockets=[socket]))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)


CLIENTS = ("libretranslatepy", "argostranslate.apis")
CODE = """
import json, sys, urllib.error
from {module} import LibreTranslateAPI
api = LibreTranslateAPI({address!r}, api_key={key!r})
try:
    print(json.dumps({what}))
except urllib.error.HTTPError as error:
    print(json.dumps(error.code))
"""


@pytest.fixture(params=CLIENTS)
def said(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """What a client's class gives for a call, in a process of its own: it leaves its answers open."""
    pytest.importorskip(request.param.partition(".")[0])

    def said(address: str, what: str, key: str | None = None) -> Any:
        code = CODE.format(module=request.param, address=address, key=key, what=what)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return said


def test_a_client_finds_all_that_it_asks_for(said: Callable[..., Any], folder: Path, model: Predictor) -> None:
    odd = "zzz \u4eca\u65e5 & \u00e9"
    with listening(folder, model, Limits()) as address:
        assert said(address, "api.languages()")[0] == {"code": "en", "name": "English", "targets": ["fr"]}
        assert said(address, "api.detect('a b c d')")[0]["language"] == "en"
        texts = ["a b c", odd, "a b\n\nh g"]
        found = said(address, f"[api.translate(q, s, 'fr') for q in {texts!r} for s in ('en', 'auto')]")
    wanted = [model("a b c").text, model(odd).text, f"{model('a b').text}\n\n{model('h g').text}"]
    assert found == [text for text in wanted for _ in range(2)]


def test_a_client_needs_its_key(said: Callable[..., Any], folder: Path, model: Predictor) -> None:
    with listening(folder, model, Limits(keys=frozenset({"good"}))) as address:
        everything = "[api.translate('a b', 'en', 'fr'), len(api.languages()), len(api.detect('a'))]"
        assert said(address, everything, "good") == [model("a b").text, 2, 1]
        assert said(address, "api.translate('a', 'en', 'fr')", "bad") == 403
