"""What the parts of a model say of themselves: whose idea each is, and its formula, from its own documentation."""

import inspect
import sys
from typing import Any

from regard.build import find
from regard.config import PARTS, Config

SHOWN = ("encoder", "attention", "normaliser", "decoder", "output")


def parts(config: Config) -> dict[str, dict[str, str]]:
    """Name, title and formula of each part that is drawn."""
    return {section: _told(PARTS[section], str(getattr(config, section)["name"])) for section in SHOWN}


def _told(kind: str, name: str) -> dict[str, str]:
    part: type[Any] = find(kind, name)
    title = (inspect.getdoc(sys.modules[part.__module__]) or "").partition("\n")[0].rstrip(".")
    formula = (inspect.getdoc(part) or "").partition("\n")[0].rstrip(".")
    return {"name": name, "title": title, "formula": formula}
