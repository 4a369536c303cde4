"""Words as summaries are compared: runs of letters and digits, in lower case."""

import re

ASCII = re.compile(r"[a-z0-9]+")
ANY = re.compile(r"[^\W_]+")


def cut(text: str, *, ascii: bool = False) -> list[str]:
    """The words; with `ascii` only letters from a to z are such, as the rouge-score package has it."""
    return (ASCII if ascii else ANY).findall(text.lower())
