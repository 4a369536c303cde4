"""An output while it is being found: server-sent events, made in a thread of their own."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from regard.errors import RegardError
from regard.predictor import Predictor, Token
from regard.serve.asked import Asked
from regard.serve.json import encoded
from regard.serve.limits import Refused
from regard.wording import NO_WISHES

Event = tuple[str, dict[str, Any]]


class Events:
    """What comes of one source, one event for each token and one at the end."""

    def __init__(self, first: Event, rest: "asyncio.Queue[Event | Exception]", stop: threading.Event) -> None:
        self._first, self._rest, self._stop = first, rest, stop

    async def until_closed(self, stack: ExitStack) -> AsyncIterator[bytes]:
        """The events as bytes; however it ends, the thread is told to stop and what was held for it is let go."""
        with stack:
            try:
                event: Event | Exception = self._first
                while not isinstance(event, Exception):
                    yield _told(*event)
                    if event[0] == "end":
                        return
                    event = await self._rest.get()
                yield _told("error", {"error": _why(event)})
            finally:
                self._stop.set()


class Streams:
    """At most so many outputs are written at once; more are refused."""

    def __init__(self, most: int) -> None:
        self._pool, self._free = ThreadPoolExecutor(most, "stream"), most

    async def begin(self, model: Predictor, source: str, asked: Asked, attention: bool) -> Events:
        """Begin, and wait for the first event. Refused if nobody is free, or if the source cannot be read."""
        if asked.wishes != NO_WISHES or asked.nbest > 1:
            raise Refused(400, "token by token there is one output, and nothing can be wished of it.")
        if not self._free:
            raise Refused(503, "as many outputs as can be are being written: come again.", 1)
        self._free -= 1
        loop, stop, rest = asyncio.get_running_loop(), threading.Event(), asyncio.Queue[Event | Exception]()
        searching = Predictor(replace(model.config, decode=asked.decode), model.task, model.backend, model.shortlist)

        def work() -> None:
            try:
                _write(searching, source, attention, stop, lambda e: loop.call_soon_threadsafe(rest.put_nowait, e))
            finally:
                loop.call_soon_threadsafe(self._done)

        self._pool.submit(work)
        try:
            first = await rest.get()
        except BaseException:
            stop.set()
            raise
        if isinstance(first, Exception):
            raise Refused(400, _why(first)) if isinstance(first, RegardError) else first
        return Events(first, rest, stop)

    def _done(self) -> None:
        self._free += 1


def _write(model: Predictor, source: str, attention: bool, stop: threading.Event, put: Any) -> None:
    text = ""
    try:
        for token in model.tokens(source):
            if stop.is_set():
                return
            text = token.text
            put(("token", _facts(token, attention)))
        put(("end", {"text": text}))
    except Exception as error:
        put(error)


def _facts(token: Token, attention: bool) -> dict[str, Any]:
    return {
        "text": token.text,
        "token": token.token,
        "log_prob": round(token.log_prob, 6),
        **({"attention": [round(float(weight), 6) for weight in token.attention]} if attention else {}),
        **({} if token.p_gen is None else {"p_gen": round(token.p_gen, 6)}),
    }


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, RegardError) else "something went wrong here."


def _told(name: str, facts: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), encoded(facts))
