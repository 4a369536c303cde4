r"""Files of pairs to examples, streaming: a line is kept in order, or skipped by a stated rule and counted.

Formats, each also with `.gz`: `.tsv`, `.csv` (named columns if the first row
names them, else the first ones), `.jsonl` and `.ndjson` (named fields), and
two aligned plain-text files, with word alignments as a third. UTF-8, with or
without a byte order mark; lines end at `\n` or `\r\n` only. Each side is
cleaned by `clean`. What else is met:

    broken UTF-8, or half a character in JSON          line skipped
    missing column or field, a value that is not text  line skipped
    broken JSON; broken CSV row                        line skipped (of a CSV row only its first)
    empty line, empty source, empty target             line skipped
    a side of more than 100,000 characters             line skipped
    NUL and other control characters                   replaced by a space, line kept
    an alignment that is missing, is not "0-0 1-2 ..."
    or goes beyond the words of the cleaned texts      dropped, line kept
    unequal line counts of aligned files               DataError before the first example
    no, empty, damaged, UTF-16 or unusable file        DataError before the first example
    a `.gz` of pairs that is cut off further on        DataError when reading comes there

Every skipped or changed line is counted in `Findings`, with the first places.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from regard.data import links
from regard.data.findings import LONGEST, Fault, Findings, Rule, place
from regard.data.formats import NAMES, READERS, Names, Row, missing_fields, paired_rows
from regard.data.lines import count_lines, existing, read_lines
from regard.errors import DataError, UsageError
from regard.text import clean, has_controls
from regard.types import Example

__all__ = ["Corpus", "Findings", "check_aligned", "clean", "open_corpus", "read_lines"]


class Examples(Protocol):
    """Examples of files, read anew each time they are iterated.

    aligned: whether word alignments are read with them. findings, fingerprint:
    what the latest pass met, and what tells its examples from others; known once it is at its end.
    """

    @property
    def aligned(self) -> bool: ...
    @property
    def findings(self) -> Findings: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def paths(self) -> tuple[Path, ...]: ...

    def __iter__(self) -> Iterator[Example]: ...

    def place(self, line: int) -> str:
        """Where an example stands."""
        ...


class Corpus:
    """Pairs in one file or two, read anew from the disk each time it is iterated.

    aligned: whether word alignments are read with them, from a column or a third file.
    findings: what the latest pass met; complete once that pass is at its end.
    """

    def __init__(self, paths: tuple[Path, ...], names: Names = NAMES) -> None:
        self.paths = paths
        self.aligned = 3 in (len(paths), len(names))
        self.findings = Findings()
        self._names = names
        self._fingerprint = ""

    def __iter__(self) -> Iterator[Example]:
        self.findings = findings = Findings()
        digest = sha256()
        for row in self._rows():
            example = row if isinstance(row, Fault) else self._judged(row, findings)
            if isinstance(example, Fault):
                findings.skipped.add(example.rule, example.place)
                continue
            findings.kept += 1
            alignment = f"\t{links.write(example.alignment)}" if self.aligned else ""
            digest.update(f"{example.source}\t{example.target}{alignment}\n".encode())
            yield example
        self._fingerprint = digest.hexdigest()

    @property
    def fingerprint(self) -> str:
        r"""SHA-256 of the kept pairs in order, each as `source \t target \n`; known after a full pass.

        Alignments that were read follow the target behind a tab.
        """
        if not self._fingerprint:
            raise UsageError(f"{self}: the fingerprint is known once all examples were read.")
        return self._fingerprint

    def place(self, line: int) -> str:
        """Where an example stands, as `pairs.tsv:17`; of two files, in the source's."""
        return place(self.paths[0], line)

    def __str__(self) -> str:
        return " + ".join(str(path) for path in self.paths)

    def _rows(self) -> Iterator[Row | Fault]:
        if len(self.paths) > 1:
            return paired_rows(*self.paths)
        return READERS[_suffix(self.paths[0])](self.paths[0], self._names)

    def _judged(self, row: Row, findings: Findings) -> Example | Fault:
        line, (left, right, *alignment) = row
        source, target, target_path = clean(left), clean(right), self.paths[:2][-1]
        if not source and not target:
            return Fault(Rule.EMPTY_LINE, self.paths[0], line)
        if not source:
            return Fault(Rule.EMPTY_SOURCE, self.paths[0], line)
        if not target:
            return Fault(Rule.EMPTY_TARGET, target_path, line)
        if len(source) > LONGEST or len(target) > LONGEST:
            return Fault(Rule.TOO_LONG, self.paths[0] if len(source) > LONGEST else target_path, line)
        if has_controls(left) or has_controls(right):
            findings.mended.add(Rule.CONTROLS, self.place(line))
        if not self.aligned:
            return Example(source, target, line)
        found = links.read(alignment[0]) if alignment else None
        if found is None or not links.fit(found, source, target):
            findings.mended.add(Rule.ALIGNMENT, place(self.paths[-1], line))
            found = frozenset()
        return Example(source, target, line, found)


def open_corpus(
    data: str | Path | Sequence[str | Path], *, source: str = NAMES[0], target: str = NAMES[1], align: str = ""
) -> Corpus:
    """Open one file of pairs, or aligned files as `[source file, target file]`, or with a third of word alignments.

    source, target: the names of the columns or fields; align: that of the
    word alignments, if they are to be read. Anything that makes the whole
    data unusable is a DataError here, before any work is done.
    """
    given = [data] if isinstance(data, str | Path) else list(data)
    paths = tuple(existing(path) for path in given)
    if len(paths) == 1:
        _check_suffix(paths[0])
    elif len(paths) in (2, 3):
        check_aligned(*paths)
    else:
        raise UsageError(f"got {len(paths)} files, expected one file of pairs or two aligned text files.")
    if align and len(paths) == 2:
        raise UsageError(f"two text files have no column {align!r}: give the word alignments as a third file.")
    names = (source, target, align) if align and len(paths) == 1 else (source, target)
    trial = Corpus(paths, names)
    if next(iter(trial), None) is None:
        raise DataError(_useless(trial, names))
    return Corpus(paths, names)


def _suffix(path: Path) -> str:
    return Path(path.name.lower().removesuffix(".gz")).suffix


def _check_suffix(path: Path) -> None:
    if _suffix(path) not in READERS:
        raise DataError(
            f"{path}: unknown suffix {_suffix(path)!r}. One file of pairs ends in {', '.join(READERS)} "
            "(or these with .gz); plain text needs two files, SOURCE TARGET."
        )


def check_aligned(source: Path, *others: Path) -> None:
    """DataError unless these are plain text with as many lines in the first as in each other."""
    for path in (source, *others):
        if _suffix(path) in READERS:
            raise DataError(
                f"{path}: got several files, expected plain text, but {_suffix(path)} holds pairs; give one file."
            )
    lines = count_lines(source)
    for other in others:
        count = count_lines(other)
        if count != lines:
            longer = source if lines > count else other
            raise DataError(
                f"{source} has {lines:,} lines, but {other} has {count:,}: "
                f"{place(longer, min(lines, count) + 1)} and what follows has no partner. "
                "Line n of both must belong together; was a line dropped or broken in two?"
            )


def _useless(corpus: Corpus, names: Names) -> str:
    skipped = corpus.findings.skipped
    if not skipped.counts:
        return f"{corpus}: the file is empty, expected pairs."
    hint = f" {missing_fields(corpus.paths[0], names)}" if skipped.counts[Rule.MISSING_FIELD] else ""
    return f"{corpus}: no usable line. {'; '.join(skipped.lines('line', ' skipped'))}.{hint}"
