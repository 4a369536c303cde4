"""Write the data of the word alignment benchmark, both sides in the spelling of the gold alignments.

    python benchmarks/word_alignment.py ../shared/data runs/alignment

The gold alignments of the Hansards (Och and Ney, 2003; NAACL 2003 shared task)
are of text in lower case whose punctuation stands alone and whose French
contractions are undone (l'eau is "le eau", aux is "à les"). Tatoeba's pairs are
rewritten in that way, so that a model of them meets the same words.
Then train a model in each direction and align:

    regard train recipes/alignment-en-fr.toml --out runs/alignment/en-fr
    regard train recipes/alignment-fr-en.toml --out runs/alignment/fr-en
    regard align runs/alignment/hansards.en runs/alignment/hansards.fr --model runs/alignment/en-fr \\
        --reverse runs/alignment/fr-en --gold ../shared/data/hansards_gold/gold.talp
"""

import gzip
import re
import sys
from pathlib import Path

ENGLISH = [("won't", "will not"), ("can't", "cannot"), ("n't", " not"), ("'re", " are"), ("'m", " am")]
ENGLISH += [("'ll", " will"), ("'ve", " have"), ("let's", "let us")]
FRENCH = {"au": "à le", "aux": "à les", "du": "de le", "des": "de les"}
ELISION = re.compile(r"\b(qu|jusqu|lorsqu|puisqu|quoiqu|[ldjnsctm])'", re.IGNORECASE)
TOKEN = re.compile(r"\b(?:mr|mrs|hon|dr|m)\.(?= )|\d+(?:[.,]\d+)*|'s\b|\w+|[^\w\s]")


def english(text: str) -> str:
    """Lower case, contractions undone, punctuation alone."""
    text = text.lower().replace("\u2019", "'")
    for short, long in ENGLISH:
        text = text.replace(short, long)
    return " ".join(TOKEN.findall(text))


def french(text: str) -> str:
    """Lower case, elisions and contracted articles undone, punctuation alone."""
    text = ELISION.sub(r"\1e ", text.lower().replace("\u2019", "'"))
    return " ".join(FRENCH.get(word, word) for word in TOKEN.findall(text))


def main(data: Path, out: Path) -> None:
    """Write train, valid and hansards, each as .en and .fr."""
    out.mkdir(parents=True, exist_ok=True)
    for name, opened in (("train.tsv.gz", gzip.open), ("valid.tsv", open)):
        with opened(data / "tatoeba" / name, "rt", encoding="utf-8") as file:
            pairs = [line.rstrip("\n").split("\t") for line in file]
        for side, rewrite, number in (("en", english, 0), ("fr", french, 1)):
            lines = (f"{rewrite(pair[number])}\n" for pair in pairs)
            (out / f"{name.partition('.')[0]}.{side}").write_text("".join(lines), encoding="utf-8")
    gold = (data / "hansards_gold" / "pairs.en-fr").read_text(encoding="utf-8").splitlines()
    for side, number in (("en", 0), ("fr", 1)):
        lines = (line.split("|||")[number].strip().lower() + "\n" for line in gold)
        (out / f"hansards.{side}").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
