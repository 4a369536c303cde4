"""Which languages a model translates: said on the command line, or found in what its data and its folder are called."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from regard.config import Config
from regard.errors import UsageError, unknown

NAMES = {
    **{"af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian"},
    **{"bg": "Bulgarian", "bn": "Bengali", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh"},
    **{"da": "Danish", "de": "German", "el": "Greek", "en": "English", "eo": "Esperanto", "es": "Spanish"},
    **{"et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French", "ga": "Irish"},
    **{"gd": "Scottish Gaelic", "gl": "Galician", "gu": "Gujarati", "ha": "Hausa", "he": "Hebrew", "hi": "Hindi"},
    **{"hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "ig": "Igbo", "is": "Icelandic"},
    **{"it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada"},
    **{"ko": "Korean", "ky": "Kyrgyz", "la": "Latin", "lb": "Luxembourgish", "lo": "Lao", "lt": "Lithuanian"},
    **{"lv": "Latvian", "mi": "Maori", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi"},
    **{"ms": "Malay", "mt": "Maltese", "my": "Burmese", "nb": "Norwegian", "ne": "Nepali", "nl": "Dutch"},
    **{"nn": "Norwegian Nynorsk", "no": "Norwegian", "pa": "Punjabi", "pl": "Polish", "ps": "Pashto"},
    **{"pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "rw": "Kinyarwanda", "si": "Sinhala", "sk": "Slovak"},
    **{"sl": "Slovenian", "so": "Somali", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili"},
    **{"ta": "Tamil", "te": "Telugu", "tg": "Tajik", "th": "Thai", "tl": "Tagalog", "tr": "Turkish"},
    **{"uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "xh": "Xhosa", "yo": "Yoruba"},
    **{"zh": "Chinese", "zt": "Chinese (traditional)", "zu": "Zulu"},
}
Pair = tuple[str, str]
_CODE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def name(code: str) -> str:
    """A language's name in English; of one that is not in the list, its code."""
    known = NAMES.get(code.partition("-")[0])
    return code if known is None else known + (f" ({code.partition('-')[2]})" if "-" in code else "")


def told(given: Sequence[str], models: Sequence[str]) -> dict[str, Pair]:
    """The languages of each model as the command line has them: en-fr, en:pt-BR, NAME=en-fr. UsageError if it errs."""
    found: dict[str, Pair] = {}
    for text in given:
        model, equals, codes = text.rpartition("=")
        if not equals and len(models) > 1:
            raise UsageError(f"--languages {text} is of which model? Say it as in {models[0]}={text}.")
        model = model if equals else models[0]
        if model not in models:
            raise UsageError(unknown(f"--languages {text}: there is no model", model, models))
        source, _, target = codes.partition(":") if ":" in codes else codes.partition("-")
        if not (_CODE.fullmatch(source) and _CODE.fullmatch(target)):
            raise UsageError(f"--languages {text} is no pair of languages; it wants SOURCE-TARGET, such as en-fr.")
        found[model] = source, target
    return found


def found(config: Config, folder: str) -> Pair | None:
    """The languages of a model by the columns of its data, its files (train.en, train.fr), their names or its folder's.

    None if it does not translate, or if none of them names two languages.
    """
    data = config.data
    if config.task != "translate":
        return None
    if data.source in NAMES and data.target in NAMES:
        return data.source, data.target
    files = [data.train] if isinstance(data.train, str) else data.train
    if len(files) >= 2:
        codes = [Path(file.removesuffix(".gz")).suffix[1:] for file in files[:2]]
        if all(code in NAMES for code in codes):
            return codes[0], codes[1]
    names = [folder, *(Path(file).name for file in files[:1])]
    return next((pair for text in names if (pair := _pair(text))), None)


def _pair(text: str) -> Pair | None:
    """The one pair of neighbouring words in a name that are both codes of languages."""
    words = re.split(r"[^A-Za-z0-9]+", text)
    pairs = [(a, b) for a, b in pairwise(words) if a in NAMES and b in NAMES and a != b]
    return pairs[0] if len(pairs) == 1 else None
