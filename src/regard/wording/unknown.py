"""What the vocabulary lacks: an unknown word in the output becomes the source word that it was made of."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from regard.types import SPACE, Record
from regard.wording.glossary import NO_TERMS, Glossary
from regard.wording.units import SIGNS, Unit, is_unknown, looks, text, units

Join = Callable[[Iterable[str]], str]  # tokens to text, as the target's codec does it


def replace_unknown(record: Record, join: Join, glossary: Glossary = NO_TERMS, spared: Collection[str] = ()) -> Record:
    """Put in the place of each unknown word the source word that it looked at most (Luong et al., 2015).

    A term of the glossary is put as the glossary has it, any other as it was
    written: names and numbers are the same in many languages. `spared` source
    words are not taken. Without attention, and for a picture, an unknown word stays what it is.
    """
    rows = [unit for unit in units(record.tokens) if any(map(is_unknown, record.tokens[slice(*unit)]))]
    columns = [unit for unit in units(record.source_tokens) if _takes(record, unit, spared)]
    if record.grid or not (rows and columns):
        return record
    tokens = list(record.tokens)
    for (first, end), weights in zip(rows, looks(record.attention, rows, columns), strict=True):
        if weights.any():
            word = text(record.source_tokens[slice(*columns[int(weights.argmax())])])
            mark = SPACE if tokens[first].startswith(SPACE) else ""
            # A token stays a token: the first says it all, the others nothing.
            tokens[first:end] = [mark + (glossary.translation(word) or word), *[""] * (end - first - 1)]
    return replace(record, tokens=tuple(tokens), text=join(tokens))


def _takes(record: Record, unit: Unit, spared: Collection[str]) -> bool:
    word = text(record.source_tokens[slice(*unit)])
    return word not in SIGNS and word not in spared
