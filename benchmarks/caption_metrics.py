"""Caption metrics beside the scorers that papers use: the values, and how far they are apart.

    pip install pycocoevalcap
    python benchmarks/caption_metrics.py CAPTIONS

CAPTIONS is a file of JSON lines with the captions of a picture, {"captions": [...]}.
Scored are, for each picture, its first caption against the others; the same, damaged,
against all; and its second caption against one, two or three others. pycocoevalcap's
scorers get our words. Where Java runs, its PTBTokenizer cuts all captions for a
comparison of words, and its METEOR 1.5 runs with the exact stage alone, and with
exact and stem stages, with our parameters; how many lines differ is printed too.
"""

import io
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path
from unittest import mock

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer import ptbtokenizer

from regard.build import build
from regard.metrics import Counted
from regard.sentences import matching
from regard.sentences.ptb import tokens

HOME = Path(ptbtokenizer.__file__).parents[1]
PARTS = {
    "CIDEr-D": {"name": "cider"},
    **{f"BLEU-{order}": {"name": "caption_bleu", "order": order} for order in (4, 3, 2, 1)},
    "ROUGE-L": {"name": "rouge_l"},
}
STAGES = {"exact": "1.0", "exact stem": "1.0 0.6"}
Lines = Sequence[str]


def main(path: Path) -> None:
    """Print every comparison that can be made here."""
    with path.open(encoding="utf-8") as file:
        captions = [json.loads(line)["captions"] for line in file]
    print(f"pycocoevalcap {version('pycocoevalcap')}; {len(captions):,} pictures of {path}")
    java = shutil.which("java")
    if java:
        words(java, [text for texts in captions for text in texts])
    else:
        print("no Java: neither PTBTokenizer nor METEOR 1.5 are compared")
    for name, outputs, references in sets(captions):
        print(f"\n{name}\n{'':24}{'ours':>12}{'theirs':>12}{'apart':>10}{'seconds':>9}")
        theirs = coco(outputs, references)
        for label, section in PARTS.items():
            tokens.cache_clear()
            started = time.perf_counter()
            ours = build("metrics", section)(outputs, references).value
            row(label, ours, theirs[label], f"{time.perf_counter() - started:9.2f}")
        if java:
            for stages in STAGES:
                meteor(java, stages, outputs, references)


def row(label: str, ours: float, theirs: float, rest: str) -> None:
    """A line of the table."""
    print(f"{label:24}{ours:12.6f}{theirs:12.6f}{abs(ours - theirs):10.1e}{rest}")


def sets(captions: Sequence[Lines]) -> Iterator[tuple[str, list[str], list[Lines]]]:
    """Outputs and references, in three ways."""
    draw = random.Random(1)
    yield "first caption against the others", [texts[0] for texts in captions], [texts[1:] for texts in captions]
    damaged = []
    for texts in captions:
        found = texts[0].split()
        found.append(found.pop(draw.randrange(len(found))))
        del found[draw.randrange(len(found))]
        found.insert(draw.randint(0, len(found)), draw.choice(draw.choice(captions)[0].split()))
        damaged.append(" ".join(found))
    yield "damaged first caption against all", damaged, list(captions)
    unequal = [texts[2 : 3 + place % 3] for place, texts in enumerate(captions)]
    yield "second caption against one to three", [texts[1] for texts in captions], unequal


def coco(outputs: Lines, references: Sequence[Lines]) -> dict[str, float]:
    """What pycocoevalcap's scorers say of our words."""
    given = {place: [" ".join(tokens(text)) for text in texts] for place, texts in enumerate(references)}
    found = {place: [" ".join(tokens(text))] for place, text in enumerate(outputs)}
    with redirect_stdout(io.StringIO()):
        bleu = Bleu(4).compute_score(given, found)[0]
    scores = {f"BLEU-{order}": score for order, score in enumerate(bleu, start=1)}
    scores |= {"CIDEr-D": Cider().compute_score(given, found)[0], "ROUGE-L": Rouge().compute_score(given, found)[0]}
    return {label: 100 * float(score) for label, score in scores.items()}


def words(java: str, captions: Lines) -> None:
    """How many captions PTBTokenizer cuts otherwise."""
    jar = HOME / "tokenizer" / "stanford-corenlp-3.4.1.jar"
    command = [java, "-cp", str(jar), "edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase"]
    text = "\n".join(" ".join(caption.split()) for caption in captions) + "\n"
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, encoding="utf-8")
    apart = 0
    for caption, line in zip(captions, done.stdout.split("\n")[:-1], strict=True):
        theirs = [word for word in line.split(" ") if word and word not in ptbtokenizer.PUNCTUATIONS]
        apart += theirs != list(tokens(caption))
    print(f"PTBTokenizer: {apart:,} of {len(captions):,} captions are cut otherwise")


def meteor(java: str, stages: str, outputs: Lines, references: Sequence[Lines]) -> None:
    """METEOR 1.5 with stages and parameters that are ours too."""
    jar = HOME / "meteor" / "meteor-1.5.jar"
    options = ["-m", stages, "-p", "0.85 0.2 0.6 0.5", "-w", STAGES[stages]]
    command = [java, "-Xmx2G", "-jar", str(jar), "-", "-", "-stdio", "-l", "en", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as run:
        assert run.stdin and run.stdout
        counts = []
        for text, given in zip(outputs, references, strict=True):
            sides = [" ".join(tokens(side)) for side in (*given, text)]
            print("SCORE", *sides, sep=" ||| ", file=run.stdin, flush=True)
            counts.append(run.stdout.readline().strip())
        print("EVAL", *counts, sep=" ||| ", file=run.stdin, flush=True)
        *lines, total = [float(run.stdout.readline()) for _ in range(len(outputs) + 1)]
        run.stdin.close()
    metric: Counted = build("metrics", {"name": "meteor_exact_stem"})
    tokens.cache_clear()
    started = time.perf_counter()
    with mock.patch.object(matching, "stem", matching.stem if "stem" in stages else str):
        table = metric.counts(outputs, references)
    seconds = time.perf_counter() - started
    apart = sum(abs(metric.value(counts) - 100 * line) > 1e-6 for counts, line in zip(table, lines, strict=True))
    row(f"METEOR {stages}", metric.value(table.sum(0)), 100 * total, f"{seconds:9.2f}  {apart} lines differ")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
