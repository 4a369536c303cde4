"""What OpenAPI is told of lessons and films."""

from typing import Any

from regard.serve.described import KEY, NUMBER, OPTIONS, TEXT, answers, body, listed, shaped

WHAT_IF = shaped(
    {
        "keep": {**listed(TEXT), "description": "tokens that the output begins with, spelled as in a record"},
        "say": {**TEXT, "description": "a text that follows them"},
        "temperature": {**NUMBER, "description": "every attention score is divided by it", "minimum": 0},
        "off": {**listed({"type": "integer", "minimum": 0}), "description": "source places without attention"},
        "attention": {"type": "object", "description": "weights of the source places, by the number of the step"},
        "places": {
            "type": "object",
            "description": "x and y of looks, as shares of the picture, by the numbers of step and look",
        },
    }
)
_LESSON = shaped(
    {"source": TEXT, "question": TEXT, "passage": TEXT, "options": OPTIONS, "what_if": WHAT_IF, "api_key": KEY}
)
_PICTURED = shaped(
    {
        "picture": {"type": "string", "format": "binary"},
        "options": {**TEXT, "description": "as JSON"},
        "what_if": {**TEXT, "description": "as JSON"},
        "api_key": KEY,
    },
    "picture",
)
_FRAMES = listed({"type": "object"})
_TAUGHT = shaped(
    {"drawings": _FRAMES, **{name: {"type": "object"} for name in ("record", "item", "lesson", "parts")}},
    "record",
    closed=False,
)
LESSON: dict[str, Any] = {
    "responses": answers(_TAUGHT, 404),
    "openapi_extra": body(json=_LESSON, files=_PICTURED),
}
FILM: dict[str, Any] = {
    "responses": answers(shaped({"examples": _FRAMES, "frames": _FRAMES}, "examples", "frames", closed=False), 404)
}
