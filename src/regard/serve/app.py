"""All addresses of a server as one ASGI application."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request

from regard.errors import RegardError
from regard.serve import lessons, page, running, translating
from regard.serve.described import TEXT, answers, shaped
from regard.serve.detect import learnt
from regard.serve.guard import Guard
from regard.serve.json import Json
from regard.serve.limits import Limits, Refused
from regard.serve.metrics import Metrics
from regard.serve.served import Served


def create_app(
    models: Sequence[Served],
    limits: Limits,
    metrics: Metrics | None = None,
    hosts: frozenset[str] = frozenset(),
) -> FastAPI:
    """The application for these models. With `hosts` it answers to these names only."""
    metrics, by_name, files = metrics or Metrics(None), {served.name: served for served in models}, page.read()
    metrics.waiting = {name: partial(getattr, served.batches, "waiting") for name, served in by_name.items()}

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        for served in models:
            served.batches.close()

    app = FastAPI(
        title="Regard",
        version=version("regard"),
        summary="Attention encoder-decoders, served.",
        docs_url=None,  # a page that loads scripts from elsewhere
        redoc_url=None,
        lifespan=life,
    )
    app.add_middleware(Guard, limits=limits, metrics=metrics, free=frozenset(files), hosts=hosts)
    for kind in (Refused, RegardError, HTTPException):
        app.add_exception_handler(kind, _told)
    detector = learnt((one.model, one.folder, one.languages) for one in models if one.languages)
    app.include_router(translating.router(by_name, limits, detector), tags=["translation"])
    app.include_router(running.router(by_name, limits), tags=["models"])
    app.include_router(lessons.router(by_name, limits), tags=["lessons"])
    _add_health(app, by_name, metrics)
    for address, (content, media) in files.items():
        app.add_api_route(address, _file(content, media), include_in_schema=False)
    return app


def _add_health(app: FastAPI, models: dict[str, Served], metrics: Metrics) -> None:
    @app.get("/health", tags=["server"], responses=answers(shaped({"status": TEXT}, "status", closed=False)))
    async def health() -> Json:
        """Whether the server answers, and how many sources wait for each of its models."""
        return Json({"status": "ok", "waiting": {name: one.batches.waiting for name, one in models.items()}})

    @app.get("/metrics", tags=["server"], responses=answers(TEXT, kind="text/plain"))
    async def measured() -> PlainTextResponse:
        """Counts and times, as Prometheus reads them."""
        return PlainTextResponse(metrics.text(), media_type="text/plain; version=0.0.4")


def _file(content: bytes, media: str) -> Callable[[], Awaitable[Response]]:
    async def serve() -> Response:
        return Response(content, media_type=media, headers={"cache-control": "no-cache"})

    return serve


async def _told(_: Request, error: Exception) -> Json:
    """Every error in one form."""
    if isinstance(error, Refused):
        headers = {"retry-after": str(error.retry)} if error.retry else None
        return Json({"error": error.why}, error.status, headers)
    if isinstance(error, HTTPException):
        return Json({"error": str(error.detail)}, error.status_code, error.headers)
    return Json({"error": str(error)}, 400)
