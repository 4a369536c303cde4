"""Every model for every program: `/models`, `/run/{model}`, and its outputs token by token."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from regard.serve import uploads
from regard.serve.asked import asked
from regard.serve.described import MODELS, RUN, STREAM
from regard.serve.forms import Upload, fields, flag, known
from regard.serve.json import Json
from regard.serve.limits import Limits, Refused
from regard.serve.served import Served, called
from regard.serve.streaming import Streams
from regard.types import Record
from regard.view.numbers import plain
from regard.view.record import Output

FIELDS = ("source", "question", "passage", "picture", "options", "attention", "api_key")


def router(models: Mapping[str, Served], limits: Limits) -> APIRouter:
    """The addresses of these models."""
    routes, streams = APIRouter(), Streams(limits.streams)

    @routes.get("/models", **MODELS)
    async def list_models() -> Json:
        """The models of this server, and the options of each as it is set."""
        return Json([served.facts() for served in models.values()])

    @routes.post("/run/{model}", **RUN)
    async def run(model: str, request: Request) -> Json:
        """Run a model on one source or several: texts, a picture, or a question and its passage."""
        served, given = called(models, model), await fields(request)
        known(given, FIELDS)
        wanted, attention = asked(served.model, options_of(given), limits), flag(given, "attention")
        with ExitStack() as stack:
            sources, names = await sources_of(served, given, limits, stack)
            request.state.told = {"model": served.name, "sources": len(sources)}
            outputs = await served.batches.run(sources, wanted)
        _check(served, sources, outputs)
        found = [_record(_named(output, name), attention) for output, name in zip(outputs, names, strict=True)]
        return Json({"model": served.name, "outputs": found})

    @routes.post("/run/{model}/stream", **STREAM)
    async def stream(model: str, request: Request) -> StreamingResponse:
        """The output of a beam of one while it is being found, as server-sent events."""
        served, given = called(models, model), await fields(request)
        known(given, FIELDS)
        wanted = asked(served.model, options_of(given), limits)
        stack = ExitStack()
        try:
            sources, _ = await sources_of(served, given, limits, stack)
            if len(sources) != 1:
                raise Refused(400, f"got {len(sources)} sources; one is written at a time.")
            request.state.told = {"model": served.name, "sources": 1}
            events = await streams.begin(served.model, sources[0], wanted, flag(given, "attention"))
        except BaseException:
            stack.close()
            raise
        return StreamingResponse(
            events.until_closed(stack), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    return routes


def options_of(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of a request, which a form has as JSON."""
    found = given.get("options", {})
    if isinstance(found, str):  # of a form
        try:
            found = json.loads(found or "{}")
        except (ValueError, RecursionError):
            found = None
    if not isinstance(found, dict):
        raise Refused(400, 'options are an object, such as {"beam": 5}.')
    return found


async def sources_of(
    served: Served, given: Mapping[str, Any], limits: Limits, stack: ExitStack
) -> tuple[list[str], list[str]]:
    """The sources as the model takes them, and as they are told. Refused for what this model does not read."""
    task = served.model.task
    if task.reads == "pictures":
        upload = given.get("picture")
        if not isinstance(upload, Upload):
            raise Refused(400, f"{served.name} reads pictures: send one as the file `picture` of a form with files.")
        path = await asyncio.to_thread(stack.enter_context, uploads.held(upload.content, limits))
        return [path], [upload.name or "picture"]
    if "question" in given or "passage" in given:
        sources = [_asking(served, given)]
    else:
        source = given.get("source")
        sources = [source] if isinstance(source, str) else source if isinstance(source, list) else []
    if not sources or not all(isinstance(source, str) for source in sources):
        raise Refused(400, "source is missing; it is a text, or a list of texts.")
    if len(sources) > limits.texts:
        raise Refused(400, f"got {len(sources)} sources; this server takes {limits.texts} at once.")
    for source in sources:
        if len(source) > limits.chars:
            raise Refused(400, f"a source has {len(source):,} characters; this server takes {limits.chars:,}.")
    return sources, sources


def _asking(served: Served, given: Mapping[str, Any]) -> str:
    if served.model.config.task != "answer":
        raise Refused(400, f"{served.name} does not answer questions: it takes source.")
    both = [given.get(name) for name in ("question", "passage")]
    if "source" in given or not all(isinstance(text, str) and text.strip() for text in both):
        raise Refused(400, "a question and its passage are wanted, both as texts, and no source.")
    return json.dumps({"question": both[0], "context": both[1]}, ensure_ascii=False)


def _check(served: Served, sources: list[str], outputs: list[Output]) -> None:
    """Refused if the only source could not be read; of several, each output tells its own fault."""
    if len(outputs) == 1 and (fault := outputs[0].fault):
        raise Refused(400, uploads.told(fault, sources[0]) if served.model.task.reads == "pictures" else fault)


def _named(output: Output, name: str) -> Output:
    """The output with its source as the client knows it: a picture by the name that it was sent with."""
    if output.grid is None:
        return output
    others = tuple(replace(record, source=name) for record in output.alternatives)
    return replace(output, source=name, alternatives=others)


def _record(output: Output, attention: bool) -> dict[str, Any]:
    """As `regard run --json` writes it; with the attention of its words too, or with none at all."""
    if attention:
        best = plain(output)
        return best | ({"nbest": [plain(one) for one in _each(output)]} if output.alternatives else {})
    found = output.to_json()
    for record in (found, *found.get("nbest", ())):
        record.pop("attention", None)
    return found


def _each(output: Output) -> list[Record]:
    return [Output.best_of([output]), *output.alternatives]
