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


def shaped(parts: dict[str, Schema], *wanted: str, closed: bool = True) -> Schema:
    """An object with these fields, some of them wanted."""
    found: Schema = {"type": "object", "properties": parts, "additionalProperties": not closed}
    return found | ({"required": list(wanted)} if wanted else {})


ERROR = shaped({"error": TEXT}, "error")


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
    found: dict[int | str, Any] = {200: {"description": "The answer.", "content": {kind: {"schema": schema}}}}
    for status in (400, 403, 413, 429, 500, 503, *statuses):
        found[status] = {"description": why[status], "content": {"application/json": {"schema": ERROR}}}
    return found


def body(json: Schema, form: Schema | None = None, files: Schema | None = None) -> Schema:
    """A request's body: its schema as JSON, as a form, or as a form with files."""
    kinds = {"application/json": json, "application/x-www-form-urlencoded": form, "multipart/form-data": files}
    content = {kind: {"schema": schema} for kind, schema in kinds.items() if schema}
    return {"requestBody": {"required": True, "content": content}}


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
    {
        "nbest": {"type": "integer", "minimum": 1, "description": "give the N best"},
        "prefix": {**TEXT, "description": "outputs begin so"},
        **{name: {**listed(TEXT), "maxItems": TERMS} for name in TEXTS},
        **dict.fromkeys(SWITCHES, FLAG),
        **{name: _option(name) for name in SEARCH},
    }
)
SOURCE: Schema = {"anyOf": [TEXT, {**listed(TEXT), "minItems": 1}], "description": "a text, or a list of texts"}
WEIGHTS = listed(listed(NUMBER))
RECORD = shaped(
    {
        **dict.fromkeys(("text", "source"), TEXT),
        **{name: listed(TEXT) for name in ("tokens", "source_tokens")},
        "score": {**NUMBER, "description": "the log probability of the whole, in nats"},
        "token_scores": listed(NUMBER),
        "attention": {**WEIGHTS, "description": "a row for each token, a column for each source token"},
        "words": {"type": "object"},
        "nbest": listed({"type": "object"}),
    },
    *("text", "source", "tokens", "source_tokens", "score", "token_scores", "words"),
    closed=False,
)
_RUN = shaped(
    {
        "source": SOURCE,
        "question": {**TEXT, "description": "with a passage, of a model that answers"},
        "passage": TEXT,
        "options": OPTIONS,
        "attention": {**FLAG, "description": "tell where each word looked"},
        "api_key": KEY,
    }
)
_UPLOAD = shaped(
    {
        "picture": {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP, GIF, BMP, TIFF or PPM"},
        "options": {**TEXT, "description": "as JSON"},
        "attention": {"type": "string", "enum": ["true", "false"]},
        "api_key": KEY,
    },
    "picture",
)
MODEL = shaped(dict.fromkeys(("name", "task", "reads"), TEXT), "name", "task", "reads", closed=False)

MODELS: dict[str, Any] = {"responses": answers(listed(MODEL))}
RUN: dict[str, Any] = {
    "responses": answers(shaped({"model": TEXT, "outputs": listed(RECORD)}, "model", "outputs"), 404),
    "openapi_extra": body(json=_RUN, files=_UPLOAD),
}
STREAM: dict[str, Any] = {
    "responses": answers(TEXT, 404, kind="text/event-stream"),
    "openapi_extra": body(json=_RUN, files=_UPLOAD),
}

Q: Schema = {"anyOf": [{**TEXT, "minLength": 1}, {**listed(TEXT), "minItems": 1}], "description": "a text, or a list"}
CODE: Schema = {**TEXT, "minLength": 1, "examples": ["en"]}
LANGUAGE = shaped({"code": TEXT, "name": TEXT, "targets": listed(TEXT)}, "code", "name", "targets")
DETECTED = shaped({"confidence": {**NUMBER, "minimum": 0, "maximum": 100}, "language": TEXT}, "confidence", "language")
_OURS = {
    "alignments": {**FLAG, "description": "tell which source word each word comes from, line by line"},
    "attention": {**FLAG, "description": "tell how much each word looked at each source word, line by line"},
}
_TRANSLATE = {
    "source": {**CODE, "description": "a language's code, or auto"},
    "target": CODE,
    "format": {"type": "string", "enum": ["text", "html"]},
    "alternatives": {"type": "integer", "minimum": 0, "description": "give so many others"},
    "api_key": KEY,
    **_OURS,
}
_FORM = {**_TRANSLATE, "q": {**TEXT, "minLength": 1}} | {
    name: {"type": "string", "enum": ["true", "false"]} for name in _OURS
}
ANY: Schema = {}
_TRANSLATED = {"translatedText": {"anyOf": [TEXT, listed(TEXT)]}, "detectedLanguage": ANY, "alternatives": ANY}
TRANSLATE: dict[str, Any] = {
    "responses": answers(
        shaped(_TRANSLATED | {"alignments": ANY, "attention": ANY}, "translatedText"),
    ),
    "openapi_extra": body(
        json=shaped({"q": Q, **_TRANSLATE}, "q", "source", "target", closed=False),
        form=shaped(_FORM, "q", "source", "target", closed=False),
    ),
}
LANGUAGES: dict[str, Any] = {"responses": answers(listed(LANGUAGE))}
DETECT: dict[str, Any] = {
    "responses": answers(listed(DETECTED)),
    "openapi_extra": body(
        json=shaped({"q": Q, "api_key": KEY}, "q", closed=False),
        form=shaped({"q": {**TEXT, "minLength": 1}, "api_key": KEY}, "q", closed=False),
    ),
}
SETTINGS: dict[str, Any] = {"responses": answers({"type": "object"})}
