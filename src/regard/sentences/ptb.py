"""Words as the Penn Treebank cuts them, lower-cased and without punctuation: what captions are compared by.

The tokens that coco-caption takes from Stanford's PTBTokenizer, for ordinary
captions; docs/metrics.md says how far. Brackets stay, as "-lrb-", because
coco-caption looks for them in capitals, behind having lower-cased all.
"""

import re
from functools import lru_cache

ABBREVIATIONS = "mr|mrs|ms|dr|st|jr|sr|vs|etc|ft|ave|blvd|rd|mt|co|inc|ltd|corp|prof|sgt|lt|gen|rev"
TOKEN = re.compile(
    rf"""
    (?i:n't|'(?:s|m|d|re|ve|ll))(?!\w)                   # what clings to the word before it
    | '\d\ds?(?!\w) | (?i:'n')                           # '90s, rock 'n' roll
    | (?:https?://|www\.)\S*\w | [\w.]+@\w[\w.]*\w       # addresses
    | \d+(?:[.,:]\d+)+                                   # 1,000  2.5  10:30
    | (?:[^\W\d_]\.)+(?:[^\W\d_](?!\w))? (?!\w)          # u.s.  p.m  and initials
    | (?i:{ABBREVIATIONS})\.(?!\w)
    | \w+?(?=(?i:n't)(?!\w))                             # do|n't
    | [A-Z]+&[A-Z]+ | [odlODL]'(?!(?:[smd]|re|ve|ll)\b)\w+  # AT&T, o'clock
    | \w+(?:[-/.][^\W\d_]\w*|[-/]\w+)*                   # t-shirt  black/white  name.com
    | [^\s\w]
    """,
    re.VERBOSE,
)
SAME = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
PUNCTUATION = set("'`\".?!,:;-\u2013\u2014\u2026")
WRITTEN = {
    **{"(": ["-lrb-"], ")": ["-rrb-"], "[": ["-lsb-"], "]": ["-rsb-"], "{": ["-lcb-"], "}": ["-rcb-"]},
    **{"cannot": ["can", "not"], "gonna": ["gon", "na"], "gotta": ["got", "ta"], "wanna": ["wan", "na"]},
    **{"lemme": ["lem", "me"], "gimme": ["gim", "me"]},
}


@lru_cache(maxsize=1 << 15)  # several metrics ask for the words of the same captions
def tokens(text: str) -> tuple[str, ...]:
    """The words of a sentence."""
    found: list[str] = []
    for token in map(str.lower, TOKEN.findall(text.translate(SAME))):
        if token not in PUNCTUATION:
            found += WRITTEN.get(token, [token])
    return tuple(found)
