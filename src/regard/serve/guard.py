"""What stands before every answer: the host's name, rates, sizes, keys, time; behind it headers, a log and metrics."""

import asyncio
import hmac
import json
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from regard.serve.json import encoded
from regard.serve.limits import Limits, Refused
from regard.serve.metrics import Metrics
from regard.serve.rates import Rates

PUBLIC = ("/health", "/openapi.json")  # answered without a key, as is the page
PORT = re.compile(r":\d+$")  # behind the name of a host
GONE = 499  # in the log: the client did not wait
HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
SAFE = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class Gone(Exception):  # noqa: N818  reads as what happened
    """The client went away before all of its request was here."""


class Reply:
    """Where an answer goes: it gets the headers of safety, and its status is remembered."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = [(name.lower(), value) for name, value in message.get("headers", [])]
            message = {**message, "headers": [*given, *SAFE]}
        await self._send(message)

    async def refuse(self, refused: Refused) -> None:
        """Answer with an error, if nothing was answered yet."""
        if self.status:
            return
        body = encoded({"error": refused.why})
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if refused.retry:
            headers.append((b"retry-after", str(refused.retry).encode()))
        await self({"type": "http.response.start", "status": refused.status, "headers": headers})
        await self({"type": "http.response.body", "body": body})


class Guard:
    """An application behind all limits. `free` are the addresses that need no key, `hosts` the names it answers to."""

    def __init__(
        self, app: ASGIApp, limits: Limits, metrics: Metrics, free: frozenset[str], hosts: frozenset[str] = frozenset()
    ) -> None:
        self.app, self.limits, self.metrics = app, limits, metrics
        self.free, self.hosts, self.rates = free | {*PUBLIC}, hosts, Rates(limits.rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        reply, began = Reply(send), time.perf_counter()
        try:
            await self._answer(scope, receive, reply)
        except Gone:
            return
        except Refused as refused:
            await reply.refuse(refused)
        except Exception as error:
            number = self.metrics.failed(error)
            await reply.refuse(Refused(500, f"something went wrong here; the log has it as {number}."))
        finally:
            self.metrics.request(scope, reply.status or GONE, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, reply: Reply) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if self.hosts and PORT.sub("", headers.get(b"host", "")) not in self.hosts:
            raise Refused(400, "this server is not known by that name; --name lets it answer to another one.")
        self.rates.take((scope.get("client") or ("",))[0])
        clock = asyncio.timeout(self.limits.timeout)
        gone: list[bool] = []
        try:
            async with clock:
                body = await _body(receive, headers, self.limits)
                self._check_key(scope, headers, body)
                leaving = asyncio.ensure_future(_leaving(receive))

                def left(_: object) -> None:
                    gone.append(True)
                    clock.reschedule(0)

                leaving.add_done_callback(left)
                try:
                    await self.app(scope, _again(body, leaving), reply)
                finally:
                    leaving.remove_done_callback(left)
                    leaving.cancel()
        except TimeoutError:
            if not gone:
                raise Refused(503, f"this took longer than {self.limits.timeout:g} s.", 1) from None

    def _check_key(self, scope: Scope, headers: Mapping[bytes, str], body: bytes) -> None:
        if not self.limits.keys or scope["path"] in self.free:
            return
        scheme, _, key = headers.get(b"authorization", "").partition(" ")
        key = key.strip() if scheme.lower() == "bearer" else headers.get(b"x-api-key", "")
        key = key or _key(headers, scope["query_string"]) or _key(headers, body)
        if not any(hmac.compare_digest(key.encode(), known.encode()) for known in self.limits.keys):
            raise Refused(403, "Invalid API key" if key else "an API key is needed: send it as api_key.")


async def _body(receive: Receive, headers: Mapping[bytes, str], limits: Limits) -> bytes:
    """The whole of a request. Refused if it is too large."""
    most = limits.picture if headers.get(b"content-type", "").startswith("multipart/") else limits.body
    told = headers.get(b"content-length", "0")
    size, parts, more = int(told) if told.isdigit() else 0, list[bytes](), True
    while more and size <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts.append(message.get("body", b""))
        size, more = max(size, sum(map(len, parts))), message.get("more_body", False)
    if size > most:
        raise Refused(413, f"the request is larger than {most:,} bytes.")
    return b"".join(parts)


async def _leaving(receive: Receive) -> None:
    """Wait until the client goes away."""
    while (await receive())["type"] != "http.disconnect":
        continue


def _again(body: bytes, leaving: "asyncio.Future[None]") -> Receive:
    """The body once more, for the application; and then that the client goes away."""
    parts = [body]

    async def receive() -> Message:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        await asyncio.shield(leaving)
        return {"type": "http.disconnect"}

    return receive


def _key(headers: Mapping[bytes, str], text: bytes) -> str:
    """The field `api_key` of a body, JSON or a form, or of a query."""
    found: Any = None
    if text.lstrip().startswith(b"{"):
        try:
            found = json.loads(text).get("api_key")
        except (ValueError, RecursionError):
            return ""
    elif b"api_key=" in text:
        found = parse_qs(text.decode("utf-8", "replace")).get("api_key", [""])[0]
    return found if isinstance(found, str) else ""
