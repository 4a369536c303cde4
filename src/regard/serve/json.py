"""Answers as JSON that every client can read: what UTF-8 cannot hold is escaped, what is no number is null."""

import json
import math
from typing import Any

from starlette.responses import JSONResponse


class Json(JSONResponse):
    """An answer as JSON."""

    def render(self, content: Any) -> bytes:
        """Its bytes."""
        return encoded(content)


def encoded(content: Any) -> bytes:
    """Plain data as JSON, in UTF-8."""
    try:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError:
        text = json.dumps(_finite(content), ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a character, which a client may send and gets back
        return json.dumps(json.loads(text), separators=(",", ":")).encode()


def shown(value: Any) -> str:
    """A value as a message names it, not at any length."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _finite(content: Any) -> Any:
    if isinstance(content, float):
        return content if math.isfinite(content) else None
    if isinstance(content, dict):
        return {name: _finite(value) for name, value in content.items()}
    return [_finite(value) for value in content] if isinstance(content, list) else content
