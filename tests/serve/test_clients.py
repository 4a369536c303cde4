"""Clients that were made for LibreTranslate, as their authors published them, against a server of ours."""

import importlib
import threading
import time
import urllib.error
from collections.abc import Iterator
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


@pytest.fixture(params=["libretranslatepy", "argostranslate.apis"])
def client(request: pytest.FixtureRequest) -> Any:
    """The class that both packages call LibreTranslateAPI."""
    pytest.importorskip(request.param.partition(".")[0])
    return importlib.import_module(request.param).LibreTranslateAPI


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # they leave their answers open
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_client_finds_all_that_it_asks_for(client: Any, folder: Path, model: Predictor) -> None:
    with listening(folder, model, Limits()) as address:
        api = client(address)
        assert api.languages()[0] == {"code": "en", "name": "English", "targets": ["fr"]}
        assert api.detect("a b c d")[0]["language"] == "en"
        assert api.translate("a b c", "en", "fr") == model("a b c").text
        assert api.translate("a b\n\nh g", "auto", "fr") == f"{model('a b').text}\n\n{model('h g').text}"
        assert api.translate("zzz \u4eca\u65e5 & \u00e9", "en", "fr") == model("zzz \u4eca\u65e5 & \u00e9").text


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_client_needs_its_key(client: Any, folder: Path, model: Predictor) -> None:
    with listening(folder, model, Limits(keys=frozenset({"good"}))) as address:
        api = client(address, api_key="good")
        assert api.translate("a b", "en", "fr") == model("a b").text
        assert len(api.languages()) == 2 and api.detect("a")
        with pytest.raises(urllib.error.HTTPError) as refused:
            client(address, api_key="bad").translate("a", "en", "fr")
        assert refused.value.code == 403
