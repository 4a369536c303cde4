"""What OpenAPI is told of each address: the shapes of requests and answers."""

from typing import Any

from regard.build import describe, options
from regard.sections import Decode
from regard.serve.asked import SEARCH, SWITCHES, TERMS, TEXTS

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
KEY: Schema = {"type": "string", "description": "an API key, where the server wants one"}


def listed(items: Schema) -> Schema:
    """A list of something."""
    return {"type": "array", "items": items}


def shaped(wanted: tuple[str, ...] = (), /, closed: bool = True, **parts: Schema) -> Schema:
    """An object with these fields, some of them wanted."""
    found: Schema = {"type": "object", "properties": parts, "additionalProperties": not closed}
    return found | ({"required": list(wanted)} if wanted else {})


ERROR = shaped(("error",), error=TEXT)


def answers(schema: Schema, *statuses: int, kind: str = "application/json") -> dict[int | str, Any]:
    """The answer, and the errors that may come in its place."""
    why = {
        400: "Something is wrong with the request.",
        403: "An API key is needed, or this is none.",
        404: "There is no such model.",
        413: "The request is too large.",
        429: "This client asks too often.",
        500: "Something went wrong here.",
        503: "The queue is full, or it took too long: come again after Retry-After seconds.",
    }
    errors = {status: {"description": why[status], "content": {"application/json": {"schema": ERROR}}} for status in
              (400, 403, 413, 429, 500, 503, *statuses)}  # fmt: skip
    return {200: {"description": "The answer.", "content": {kind: {"schema": schema}}}, **errors}


def body(required: bool = True, **kinds: Schema) -> Schema:
    """A request's body: its schema as JSON, as a form, or as a form with files."""
    names = {"json": "application/json", "form": "application/x-www-form-urlencoded", "files": "multipart/form-data"}
    content = {names[kind]: {"schema": schema} for kind, schema in kinds.items()}
    return {"requestBody": {"required": required, "content": content}}


def _option(name: str) -> Schema:
    wants = options(Decode)[name]
    kinds = {int: "integer", float: "number", bool: "boolean"}
    base = getattr(wants.type, "__origin__", wants.type)
    found: Schema = {"description": f"{wants.help} ({describe(wants.type)})"}
    return found | (
        {"type": kinds[base]} if base in kinds else {"type": "string", "enum": list(base_values(wants.type))}
    )


def base_values(kind: Any) -> tuple[str, ...]:
    """The values of an option that is one of several words."""
    return tuple(getattr(kind, "__args__", ()))


OPTIONS = shaped(
    nbest={"type": "integer", "minimum": 1, "description": "give the N best"},
    prefix={**TEXT, "description": "outputs begin so"},
    **{name: {**listed(TEXT), "maxItems": TERMS} for name in TEXTS},
    **{name: FLAG for name in SWITCHES},
    **{name: _option(name) for name in SEARCH},
)
SOURCE: Schema = {"anyOf": [TEXT, {**listed(TEXT), "minItems": 1}], "description": "a text, or a list of texts"}
WEIGHTS = listed(listed(NUMBER))
RECORD = shaped(
    ("text", "source", "tokens", "source_tokens", "score", "token_scores", "words"),
    closed=False,
    text=TEXT,
    source=TEXT,
    tokens=listed(TEXT),
    source_tokens=listed(TEXT),
    score=NUMBER,
    token_scores=listed(NUMBER),
    attention={**WEIGHTS, "description": "a row for each token, a column for each source token"},
    words={"type": "object"},
    nbest=listed({"type": "object"}),
)
_RUN = shaped(
    source=SOURCE,
    question={**TEXT, "description": "with a passage, of a model that answers"},
    passage=TEXT,
    options=OPTIONS,
    attention={**FLAG, "description": "tell where each word looked"},
    api_key=KEY,
)
_UPLOAD = shaped(
    ("picture",),
    picture={"type": "string", "format": "binary", "description": "a JPEG, PNG, WebP, GIF, BMP, TIFF or PPM file"},
    options={**TEXT, "description": "as JSON"},
    attention={"type": "string", "enum": ["true", "false"]},
    api_key=KEY,
)
MODEL = shaped(("name", "task", "reads"), closed=False, name=TEXT, task=TEXT, reads=TEXT)

MODELS: dict[str, Any] = {"responses": answers(listed(MODEL))}
RUN: dict[str, Any] = {
    "responses": answers(shaped(("model", "outputs"), model=TEXT, outputs=listed(RECORD)), 404),
    "openapi_extra": body(json=_RUN, files=_UPLOAD),
}
STREAM: dict[str, Any] = {
    "responses": answers(TEXT, 404, kind="text/event-stream"),
    "openapi_extra": body(json=_RUN, files=_UPLOAD),
}
