"""Tables to TOML text: the half that the standard library leaves out, as far as a config needs it."""

import json
from collections.abc import Mapping
from typing import Any


def dumps(tables: Mapping[str, Any]) -> str:
    """Values first, then one `[section]` for each mapping; text, numbers, truth values and lists of them."""
    values = {name: value for name, value in tables.items() if not isinstance(value, Mapping)}
    sections = {name: value for name, value in tables.items() if isinstance(value, Mapping)}
    lines = [f"{name} = {_value(value)}" for name, value in values.items()]
    for name, table in sections.items():
        lines += ["", f"[{name}]", *(f"{key} = {_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value).lower() if isinstance(value, bool) else repr(value)
