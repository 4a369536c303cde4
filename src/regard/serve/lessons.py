"""Models taken apart for the page: `/lesson/{model}`, what one computes; `/film/{model}`, how it learnt."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from fastapi import APIRouter, Request

from regard.loading import load
from regard.serve.asked import SEARCH, asked
from regard.serve.forms import fields, known
from regard.serve.json import Json
from regard.serve.limits import Limits, Refused
from regard.serve.running import options_of, sources_of
from regard.serve.served import Served, called
from regard.serve.taught import FILM, LESSON
from regard.view.film import film

FIELDS = ("source", "question", "passage", "picture", "options", "what_if", "api_key")
AT_ONCE = 2  # lessons that are worked out at the same time; more wait, so that what is served stays quick


def router(models: Mapping[str, Served], limits: Limits) -> APIRouter:
    """The addresses of these models."""
    routes, teachers, turn = APIRouter(), Teachers(), asyncio.Semaphore(AT_ONCE)

    @routes.post("/lesson/{model}", **LESSON)
    async def lesson(model: str, request: Request) -> Json:
        """One source through a model, step by step, with or without a change to its attention or its output."""
        served, given = called(models, model), await fields(request)
        known(given, FIELDS)
        options, what_if = options_of(given), _object(given, "what_if")
        known(options, (*SEARCH, "nbest"))
        wanted = asked(served.model, {"nbest": 1, **options}, limits)
        with ExitStack() as stack:
            sources, names = await sources_of(served, given, limits, stack)
            if len(sources) != 1:
                raise Refused(400, f"got {len(sources)} sources; one is taken apart at a time.")
            request.state.told = {"model": served.name, "sources": 1}
            async with turn:
                found = await asyncio.to_thread(
                    teachers.teach, served, sources[0], what_if, wanted.decode, int(options.get("nbest", 0))
                )
        return Json(_told(found, names[0]))

    @routes.get("/film/{model}", **FILM)
    async def learnt(model: str) -> Json:
        """Where a few validation examples were looked at while the model was trained; no frames if none are kept."""
        served = called(models, model)
        found = await asyncio.to_thread(film, served.folder / "training")
        return Json(found or {"examples": [], "frames": []})

    return routes


class Teachers:
    """A teacher for each model, made when it is first asked for."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def teach(self, served: Served, source: str, what_if: Mapping[str, Any], options: Any, nbest: int) -> Any:
        """A lesson as plain data. Refused, or an error of ours, for what cannot be taught."""
        from regard.lesson.asked import WhatIf  # which import PyTorch
        from regard.lesson.drawn import Sketcher
        from regard.lesson.lesson import Teacher

        change = WhatIf.from_json(what_if)
        if served.name not in self._known:
            kind = Sketcher if served.model.config.draws else Teacher
            self._known[served.name] = kind(_of_weights(served))
        try:
            return self._known[served.name].teach(source, change, options, nbest)
        except RecursionError:  # of what JSON may nest, nothing is deep
            raise Refused(400, "what_if is nested too deeply.") from None


def _of_weights(served: Served) -> Any:
    """The model with its own weights; graphs cannot be looked into."""
    from regard.decode.pytorch import PyTorch

    if isinstance(served.model.backend, PyTorch):
        return served.model
    return load(served.folder, exported=False)


def _object(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name, {})
    if isinstance(found, str):  # of a form
        try:
            found = json.loads(found or "{}")
        except (ValueError, RecursionError):
            found = None
    if not isinstance(found, dict):
        raise Refused(400, f'{name} is an object, such as {{"temperature": 0.5}}.')
    return found


def _told(found: Any, name: str) -> Any:
    """With a picture under the name that it was sent with."""
    if found["record"].get("grid"):
        for record in (found["record"], found["item"], *found["record"].get("nbest", ())):
            record["source"] = name
    return found
