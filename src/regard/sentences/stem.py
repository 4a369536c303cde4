"""English words to their stems: Porter's second algorithm (https://snowballstem.org/algorithms/english/stemmer.html).

Written down here rather than asked of a library, because a score must not
change with a library's version, as the stems of Snowball's have. These are the
stems of Snowball 2.2 and before it, and so of METEOR 1.5.
"""

import re
from functools import lru_cache

SPECIAL = {
    **{"skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl", "gently": "gentl"},
    **{"ugly": "ugli", "early": "earli", "only": "onli", "singly": "singl"},
    **{word: word for word in ("sky", "news", "howe", "atlas", "cosmos", "bias", "andes")},
}
ENDED = {"inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"}
R1 = re.compile("^(?:gener|commun|arsen|.*?[aeiouy][^aeiouy])")  # what lies behind it is the region R1
R2 = re.compile(".*?[aeiouy][^aeiouy]")
SHORT = re.compile("(?:[^aeiouy][aeiouy][^aeiouywxY]|^[aeiouy][^aeiouy])$")
VOWEL = re.compile("[aeiouy]")

# Suffix: what takes its place; the longest that fits is taken.
DERIVED = {
    **{"tional": "tion", "enci": "ence", "anci": "ance", "abli": "able", "entli": "ent", "izer": "ize"},
    **{"ization": "ize", "ational": "ate", "ation": "ate", "ator": "ate", "alism": "al", "aliti": "al", "alli": "al"},
    **{"fulness": "ful", "ousli": "ous", "ousness": "ous", "iveness": "ive", "iviti": "ive", "biliti": "ble"},
    **{"bli": "ble", "ogi": "og", "fulli": "ful", "lessli": "less", "li": ""},
}
SHORTENED = {
    **{"tional": "tion", "ational": "ate", "alize": "al", "icate": "ic", "iciti": "ic", "ical": "ic"},
    **{"ful": "", "ness": "", "ative": ""},
}
DROPPED = {
    **{"al": "", "ance": "", "ence": "", "er": "", "ic": "", "able": "", "ible": "", "ant": "", "ement": ""},
    **{"ment": "", "ent": "", "ism": "", "ate": "", "iti": "", "ous": "", "ive": "", "ize": "", "ion": ""},
}
BEFORE = {"li": "cdeghkmnrt", "ogi": "l", "ion": "st"}  # a suffix that only goes behind one of these letters


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The stem of a lower-cased word; one of up to two letters is its own."""
    if len(word) <= 2 or word in SPECIAL:
        return SPECIAL.get(word, word)
    word = re.sub("(?:'s'|'s|')$", "", word.removeprefix("'"))
    word = re.sub("(^|[aeiouy])y", r"\1Y", word)  # a consonant
    one = _end(R1, word, 0)
    two = _end(R2, word, one)
    word = _plural(word)
    if word in ENDED:
        return word
    word = _participle(word, one)
    word = re.sub("(?<=..)(?<![aeiouy])[yY]$", "i", word)
    word = _replaced(word, DERIVED, one, two)
    word = _replaced(word, SHORTENED, one, two)
    word = _replaced(word, DROPPED, two, two)
    return _last(word, one, two).lower()


def _end(pattern: re.Pattern[str], word: str, start: int) -> int:
    found = pattern.match(word, start)
    return found.end() if found else len(word)


def _plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith(("ied", "ies")):
        return word[:-2] if len(word) > 4 else word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")) and VOWEL.search(word[:-2]):
        return word[:-1]
    return word


def _participle(word: str, one: int) -> str:
    found = re.search("(eed|eedly)$", word)
    if found:
        return word[: found.start()] + "ee" if found.start() >= one else word
    found = re.search("(edly|ed|ingly|ing)$", word)
    if not found or not VOWEL.search(word[: found.start()]):
        return word
    word = word[: found.start()]
    if word.endswith(("at", "bl", "iz")) or (len(word) <= one and SHORT.search(word)):
        return word + "e"
    return word[:-1] if re.search("(bb|dd|ff|gg|mm|nn|pp|rr|tt)$", word) else word


def _replaced(word: str, suffixes: dict[str, str], region: int, two: int) -> str:
    """The word with its longest suffix replaced, if that lies in the region; "ative" must lie in the second."""
    for length in range(min(7, len(word)), 1, -1):
        suffix = word[-length:]
        if suffix in suffixes:
            start = len(word) - length
            fits = start >= (two if suffix == "ative" else region) and (
                suffix not in BEFORE or word[start - 1 : start] in tuple(BEFORE[suffix])
            )
            return word[:start] + suffixes[suffix] if fits else word
    return word


def _last(word: str, one: int, two: int) -> str:
    place = len(word) - 1
    if word.endswith("e") and (place >= two or (place >= one and not SHORT.search(word[:-1]))):
        return word[:-1]
    return word[:-1] if word.endswith("ll") and place >= two else word
