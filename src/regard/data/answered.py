r"""Files of passages, questions and answers to examples: a row is kept, or skipped by a stated rule and counted.

Formats: `.jsonl`, `.ndjson`, `.csv` and `.tsv` (each also with `.gz`), whose fields or columns are named; and
`.json` as SQuAD has it. Each text is cleaned by `clean`. A row may have several answers, which are as many
references, and the numbers of the sentences that they follow from. Where no question is asked, a passage is a
document, and the answers are its summaries. What else is met:

    empty line, broken UTF-8, broken JSON or CSV          row skipped
    missing column or field                               row skipped
    a passage or question that is not text                row skipped
    an empty passage, an empty question                   row skipped
    no answer (SQuAD 2 has such), or none that is usable  row skipped
    a passage or question of more than 100,000 characters row skipped
    an answer that is empty, too long or not text,
    beside others                                         answer dropped, row kept
    an answer that is there twice                         once
    supports that are not numbers of its sentences        supports dropped, row kept
    control characters                                    replaced by a space, row kept
    no, empty, damaged or unusable file, no such field
    or column                                             DataError before the first example

What is skipped or changed is counted in `Findings`.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from regard.data.asking import joined
from regard.data.findings import LONGEST, Fault, Findings, Rule, place
from regard.data.lines import existing
from regard.data.passages import ANSWERS, Names, Row, asks, first_names, json_rows, squad_rows, table_rows
from regard.errors import DataError, UsageError, unknown
from regard.sentences.periods import sentences
from regard.text import clean, has_controls
from regard.types import Example

READERS: dict[str, Callable[[Path, Names], Iterator[Row | Fault]]] = {
    ".jsonl": json_rows,
    ".ndjson": json_rows,
    ".csv": table_rows,
    ".tsv": table_rows,
    ".json": squad_rows,
}


class Answered:
    """Passages and what is to be said of them, read anew from the disk each time it is iterated.

    An example's source is `QUESTION ||| PASSAGE`, or the document alone; its target is the first answer.
    findings: what the latest pass met; complete once that pass is at its end. aligned: whether its first row says
    what its answer follows from; if not, no row is asked for it.
    """

    def __init__(self, path: Path, names: Names, aligned: bool = False) -> None:
        self.aligned = aligned  # as a corpus of pairs says
        self.findings = _findings()
        self.paths = (path,)
        self._names = names
        self._fingerprint = ""

    def __iter__(self) -> Iterator[Example]:
        self.findings = findings = _findings()
        digest = sha256()
        for row in READERS[_suffix(self.paths[0])](self.paths[0], self._names):
            example = row if isinstance(row, Fault) else self._judged(row, findings)
            if isinstance(example, Fault):
                findings.skipped.add(example.rule, example.place)
                continue
            findings.kept += 1
            digest.update(("\t".join((example.source, *example.references)) + "\n").encode())
            yield example
        self._fingerprint = digest.hexdigest()

    @property
    def fingerprint(self) -> str:
        r"""SHA-256 of the kept rows in order, each as `source \t answer \t answer ... \n`; known after a full pass."""
        if not self._fingerprint:
            raise UsageError(f"{self}: the fingerprint is known once all examples were read.")
        return self._fingerprint

    def place(self, line: int) -> str:
        """Where an example stands, as `train.jsonl:17`; of a SQuAD file, the number of the question in it."""
        return place(self.paths[0], line)

    def __str__(self) -> str:
        return str(self.paths[0])

    def _judged(self, row: Row, findings: Findings) -> Example | Fault:
        path, line = self.paths[0], row.line
        passage, question = row.passage, row.question if self._names.question else ""
        if not isinstance(passage, str) or not isinstance(question, str):
            return Fault(Rule.NOT_TEXT, path, line)
        given = [answer for answer in row.answers if isinstance(answer, str) and len(answer) <= LONGEST]
        usable = [answer for answer in map(clean, given) if answer]
        source = joined(question, passage) if self._names.question else clean(passage)
        for rule, wrong in (
            (Rule.EMPTY_SOURCE, not clean(passage)),
            (Rule.EMPTY_QUESTION, self._names.question and not clean(question)),
            (Rule.TOO_LONG, max(len(passage), len(question)) > LONGEST),
            (Rule.NO_ANSWER, not usable),
        ):
            if wrong:
                return Fault(rule, path, line)
        supports = _supports(row.supports, clean(passage))
        for rule, changed in (
            (Rule.DROPPED, len(usable) < len(row.answers)),
            (Rule.CONTROLS, any(map(has_controls, (passage, question, *given)))),
            (Rule.SUPPORTS, supports is None),
        ):
            if changed:
                findings.mended.add(rule, self.place(line))
        first, *others = dict.fromkeys(usable)
        return Example(source, first, line, others=tuple(others), supports=supports or ())


def open_answered(
    data: str | Path, *, passage: str = "context", question: str = "question", answers: str = ""
) -> Answered:
    """Open a file of passages, questions and answers; without a name for the question, of documents and summaries.

    passage, question, answers: the names of the fields or columns; left empty, `answers` is answers or answer.
    Anything that makes the whole data unusable is a DataError here, before any work is done.
    """
    path = existing(data)
    suffix = _suffix(path)
    if suffix not in READERS:
        raise DataError(f"{path}: {unknown('unknown suffix', suffix, READERS)}")
    names = Names(passage, question, (answers,) if answers else ANSWERS)
    trial = Answered(path, names)
    first = next(iter(trial), None)
    if first is None:
        raise DataError(_useless(trial, names))
    return Answered(path, names, bool(first.supports))


def holds_questions(data: str | Path) -> bool:
    """Whether a file seems to hold passages and questions."""
    path = Path(data)
    return path.is_file() and _suffix(path) in READERS and asks(path, _suffix(path))


def _supports(given: object, passage: str) -> tuple[int, ...] | None:
    """The numbers of supporting sentences, if they are such."""
    if given is None or given == "":
        return ()
    if not isinstance(given, list) or not all(type(number) is int for number in given):
        return None
    count = len(sentences(passage.split()))
    return tuple(sorted(set(given))) if all(0 <= number < count for number in given) else None


def _suffix(path: Path) -> str:
    return Path(path.name.lower().removesuffix(".gz")).suffix


def _findings() -> Findings:
    return Findings(nouns=("example", "row"))


def _useless(corpus: Answered, names: Names) -> str:
    skipped = corpus.findings.skipped
    if not skipped.counts:
        return f"{corpus}: holds no example."
    suffix = _suffix(corpus.paths[0])
    missing = skipped.counts[Rule.MISSING_FIELD] and suffix != ".json"
    hint = " " + names.missing(first_names(corpus.paths[0]), "No field") if missing else ""
    return f"{corpus}: no usable row. {'; '.join(skipped.lines('row', ' skipped'))}.{hint}"
