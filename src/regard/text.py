"""What a text is before a codec sees it: one cleaning, for training and for use alike."""

import unicodedata

from regard.types import SPACE

# Tab, line feed and carriage return are ordinary white space and not in this table.
_CONTROLS = [code for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"]
_MENDED: dict[int, str] = {
    **dict.fromkeys(_CONTROLS, " "),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),  # half a character: no file can hold it
    0xFEFF: "",  # a byte order mark, left inside where files were joined
}


def clean(text: str) -> str:
    r"""Normalise to NFC, replace control characters, collapse white space.

    NUL and other control characters become spaces, stray byte order marks
    vanish, lone surrogates become U+FFFD. Every run of Unicode white space
    (line and paragraph separators, the no-break spaces of French "!" and the
    wide space of Japanese too) becomes one U+0020; none is left at the ends.
    The sign that marks the beginning of a word in tokens becomes an underscore.
    Nothing else changes, so that `clean(clean(text)) == clean(text)`.
    """
    if SPACE in text:
        text = text.replace(SPACE, "_")
    if text.isprintable():  # then U+0020 is the only white space, and nothing is to be mended
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        if "  " not in text:
            return text.strip()
    else:
        text = unicodedata.normalize("NFC", text.translate(_MENDED))
    return " ".join(text.split())


def has_controls(text: str) -> bool:
    """Whether `clean` would replace or remove characters that are not white space."""
    return not text.isprintable() and text.translate(_MENDED) != text
