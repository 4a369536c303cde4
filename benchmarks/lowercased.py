"""BLEU as papers on Multi30k report it: of lower-cased text, punctuation normalised, tokenised by Moses' rules.

    pip install sacremoses
    python benchmarks/lowercased.py OUTPUT REFERENCE LANGUAGE

OUTPUT and REFERENCE are plain text, as `regard run MODEL < test2016.en` writes
it. The tokens are sacremoses', a port of Moses' scripts; the score is
sacreBLEU's without a tokeniser of its own, which is that of multi-bleu.perl.
"""

import sys
from pathlib import Path

import sacrebleu
from sacremoses import MosesPunctNormalizer, MosesTokenizer


def main(output: Path, reference: Path, language: str) -> None:
    """Score one file against another."""
    normaliser, tokenizer = MosesPunctNormalizer(lang=language), MosesTokenizer(lang=language)
    sides = []
    for path in (output, reference):
        lines = path.read_text(encoding="utf-8").splitlines()
        sides.append(
            [tokenizer.tokenize(normaliser.normalize(x.lower()), escape=False, return_str=True) for x in lines]
        )
    outputs, references = sides
    if len(outputs) != len(references):
        sys.exit(
            f"{output} has {len(outputs)} lines, {reference} has {len(references)}: they belong together line by line."
        )
    print(f"{sacrebleu.corpus_bleu(outputs, [references], tokenize='none', force=True).score:.2f}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
