"""The application on a socket, until it is told to stop."""

import logging
import signal
import socket
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import uvicorn

from regard.errors import UsageError
from regard.loading import load
from regard.serve import languages
from regard.serve.app import create_app
from regard.serve.batches import Batches
from regard.serve.limits import Limits
from regard.serve.metrics import Metrics
from regard.serve.served import Served

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens. UsageError if the port is taken, or if the host has no such address.

    What it accepts sends at once: a head and a body are two writes, and the second one would wait for the client's
    acknowledgement of the first, which comes 40 ms late. (asyncio itself knows only sockets that name their protocol.)
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=1024)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot listen on {host} port {port} ({why}): give --port another, 0 takes any.") from None


def opened(
    folders: Mapping[str, Path], said: Sequence[str], limits: Limits, threads: int, metrics: Metrics
) -> list[Served]:
    """The models, each with its queue and threads; `said` are languages as the command line has them."""
    pairs, models = languages.told(said, list(folders)), list[Served]()
    for name, folder in folders.items():
        model = load(folder, threads=1)
        pair = pairs.get(name) or languages.found(model.config, folder.resolve().name)
        queue = Batches(model, limits, threads, partial(metrics.batch, name))
        models.append(Served(name, model, queue, folder, pair))
    return models


def serve(models: list[Served], limits: Limits, metrics: Metrics, listening: socket.socket, names: list[str]) -> None:
    """Answer until SIGTERM or Ctrl-C: what was accepted is finished, then it ends. A second signal ends it at once."""
    host, port = listening.getsockname()[:2]
    local = host in LOOPBACK
    app = create_app(models, limits, metrics, frozenset({*LOOPBACK, "[::1]", *names}) if local else frozenset())
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=4 * limits.queue,
            timeout_graceful_shutdown=round(limits.timeout) + 1,
        )
    )
    _heard(metrics)

    def stop(*_: object) -> None:
        """Heard before the server listens to signals itself, and again when it has stopped as it was told to."""
        server.should_exit = True

    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, stop)
    shown = f"[{host}]" if ":" in host else host
    print(f"Serving {', '.join(one.name for one in models)} on http://{shown}:{port} (Ctrl-C stops it).", flush=True)
    metrics.tell("start", {"models": [one.name for one in models], "port": port})
    server.run(sockets=[listening])
    metrics.tell("stop", {})


class _Told(logging.Handler):
    """What the server below says of itself, such as that a request was no HTTP: a line of our log."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.WARNING)
        self._metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        self._metrics.tell("server", {"level": record.levelname, "says": record.getMessage().partition("\n")[0]})


def _heard(metrics: Metrics) -> None:
    log = logging.getLogger("uvicorn")
    log.handlers, log.propagate = [_Told(metrics)], False
