"""The fields of a request's body, whichever way a client sends them: JSON, a form, or a form with files."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from regard.errors import unknown
from regard.serve.json import shown
from regard.serve.limits import Refused


class Upload(NamedTuple):
    """A file of a form: what its sender calls it, and what is in it."""

    name: str
    content: bytes


async def fields(request: Request) -> dict[str, Any]:
    """All fields by name; of a name that comes more than once, the first. Refused if the body is none of the three."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _multipart(request)
    body = await request.body()
    if kind == "application/x-www-form-urlencoded" and not body.lstrip().startswith(b"{"):
        return _form(body)
    if not body.strip():
        return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "Invalid JSON format") from None
    if not isinstance(found, dict):
        raise Refused(400, "Invalid JSON format")
    return found


def known(given: Mapping[str, Any], names: tuple[str, ...]) -> None:
    """Refused for a field that is none of these, with the nearest right one."""
    for name in given:
        if name not in names:
            raise Refused(400, unknown("there is no field", name, names))


def flag(given: Mapping[str, Any], name: str) -> bool:
    """A field that is true or false, in words if it is of a form."""
    value = given.get(name, False)
    if isinstance(value, str) and value.lower() in ("true", "false", "1", "0", ""):
        return value.lower() in ("true", "1")
    if not isinstance(value, bool):
        raise Refused(400, f"{name} is {shown(value)}; it wants true or false.")
    return value


def _form(body: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise Refused(400, "the form has too many fields.") from None
    found: dict[str, Any] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


async def _multipart(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        async with request.form(max_files=8, max_fields=100, max_part_size=1 << 20) as form:
            for name, value in form.multi_items():
                held = value if isinstance(value, str) else Upload(value.filename or "", await value.read())
                found.setdefault(name, held)
    except HTTPException as error:
        raise Refused(400, f"the form cannot be read: {error.detail}") from None
    return found
