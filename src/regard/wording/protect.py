r"""What must come through untouched: placeholders, tags, addresses.

The model reads a digit for each: hardly any vocabulary lacks it, and most
models carry it over. `restore` puts the strings back into what it makes of that.
"""

import re
from dataclasses import dataclass

from regard.errors import UsageError
from regard.text import clean

USUAL = (
    r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]}'\u2019]"  # a web address, without the punctuation behind it
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # an e-mail address
    r"|\$?\{\{?[^{}\s][^{}]*\}\}?"  # {name}, {{name}}, ${name}
    r"|</?[A-Za-z][^<>]*>"  # <b>, </b>, <a href="...">
    r"|&(?:[A-Za-z]+|#\d+);"  # &nbsp;
    r"|%(?:\(\w+\)|\d+\$)?[-+#0]*\d*(?:\.\d+)?[sdifgxuc](?!\w)"  # %s, %(name)d, %1$s, %.2f
)
DIGITS = "78964532"


@dataclass(frozen=True, slots=True)
class Kept:
    """A protected string, what stands in for it, as which word of the masked source, and the characters it touches."""

    string: str
    stand_in: str
    word: int
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Masked:
    """A source as the model is to read it, and what is kept back."""

    source: str
    text: str
    kept: tuple[Kept, ...] = ()


def pattern(regex: str = USUAL) -> re.Pattern[str]:
    """Compile what is to be protected. UsageError says what is wrong with it."""
    try:
        found = re.compile(regex)
    except re.error as error:
        raise UsageError(f"{regex!r} is no regular expression: {error}.") from None
    if found.match(""):
        raise UsageError(f"{regex!r} fits even where there is nothing, so it says nothing about what to protect.")
    return found


def mask(source: str, protected: re.Pattern[str] | None) -> Masked:
    """Put a stand-in for each protected string, a different one for each as long as there are digits left."""
    found = [match for match in protected.finditer(source) if match[0].strip()] if protected else []
    if not (found and protected):
        return Masked(source, source)
    outside = protected.sub("", source)
    digits = [digit for digit in DIGITS if digit not in outside] or list(DIGITS)
    text, kept, end = "", list[Kept](), 0
    for number, match in enumerate(found):
        text += source[end : match.start()]
        left, right = text[-1:].strip(), source[match.end() : match.end() + 1].strip()
        left = kept[-1].string[-1] if kept and match.start() == end else left
        text += " " if left else ""
        digit = digits[number % len(digits)]
        kept.append(Kept(match[0], digit, len(clean(text).split()), left, right))
        text += digit + (" " if right.isalnum() else "")
        end = match.end()
    return Masked(source, text + source[end:], tuple(kept))
