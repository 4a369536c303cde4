r"""Files of pictures and what is said of them, to examples: a row is kept, or skipped by a stated rule and counted.

Formats: `.jsonl`, `.ndjson`, `.csv` and `.tsv` (each also with `.gz`), whose fields
or columns are named; `.json` as Karpathy splits Flickr8k, Flickr30k and COCO,
of which `FILE#val` takes one split (`train` takes `restval` too); and a folder
as Flickr8k comes, with `captions.txt` or `Flickr8k.token.txt`; and arrays as MNIST's,
`NAME-images-idx3-ubyte` with their labels beside them, of which `FILE#0-5000` takes the first 5,000.
A picture's path is absolute, or relative to the folder of the data file. Those of Karpathy and of Flickr8k are also
looked for in `images/`, `Images/` and `Flicker8k_Dataset/` beside it. Each text is cleaned by `clean`. What else is
met:

    a picture that is not there                           row skipped
    cut off, broken, no picture; of absurd size           row skipped
    a picture whose name is empty or not text             row skipped
    empty line, broken UTF-8, broken JSON or CSV          row skipped
    missing column or field                               row skipped
    no text, or none that is text and not empty           row skipped
    an empty text, or one of more than 100,000 characters
    or one that is not text, beside others                text dropped, row kept
    control characters in a text                          replaced by a space, row kept
    several labels                                        one text, joined by ", ", without repeats
    no, empty, damaged or unusable file, no such field,
    column or split, no picture that can be read          DataError before the first example

Every picture is decoded once, in the first pass. What is skipped or changed is counted in `Findings`.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from regard import pictures
from regard.data.arrays import array_rows, span
from regard.data.findings import LONGEST, Fault, Findings, Rule, place
from regard.data.lines import existing
from regard.data.pictured import (
    CAPTIONS,
    LABELS,
    Names,
    Row,
    first_names,
    json_rows,
    karpathy_rows,
    table_rows,
    token_rows,
)
from regard.errors import DataError, NoSuchFile, TooLarge, UsageError, unknown
from regard.idx import is_idx
from regard.text import clean, has_controls
from regard.types import Example

TABLES = {".jsonl": json_rows, ".ndjson": json_rows, ".csv": table_rows, ".tsv": table_rows}
KARPATHY = ".json"
FLICKR = ("captions.txt", "Flickr8k.token.txt")
BESIDE = ("images", "Images", "Flicker8k_Dataset")


@dataclass(frozen=True, slots=True)
class Source:
    """A data file, how its rows are read, where its pictures may be, and what it is called."""

    path: Path
    rows: Callable[[], Iterator[Row | Fault]]
    folders: tuple[Path, ...]
    name: str


class Captioned:
    """Pictures and their texts, read anew from the disk each time they are iterated.

    An example's source is the picture's absolute path, its target the first text, and `others` the further ones.
    findings: what the latest pass met; complete once that pass is at its end.
    """

    def __init__(self, source: Source, *, labels: bool = False, repeats: bool = False) -> None:
        self.labels, self.repeats = labels, repeats
        self.aligned = False  # as a corpus of pairs says; a picture has no words to be linked
        self.findings = _findings()
        self.paths = (source.path,)
        self._source = source
        self._fingerprint = ""
        self._known = 0  # rows, from the first on, whose pictures were decoded
        self._faulty: dict[int, Rule] = {}  # of those

    def __iter__(self) -> Iterator[Example]:
        self.findings = findings = _findings()
        digest = sha256()
        for index, row in enumerate(self._source.rows()):
            example = row if isinstance(row, Fault) else self._judged(index, row, findings)
            if isinstance(example, Fault):
                findings.skipped.add(example.rule, example.place)
                continue
            findings.kept += 1
            named = "" if isinstance(row, Fault) else str(row.image)
            digest.update(("\t".join((named, *example.references)) + "\n").encode("utf-8", "surrogatepass"))
            yield example
        self._fingerprint = digest.hexdigest()

    @property
    def fingerprint(self) -> str:
        r"""SHA-256 of the kept rows in order, each as `picture \t text \t text ... \n`; known after a full pass.

        The picture is its path as the file has it, so that a folder may move; what is in it does not count.
        """
        if not self._fingerprint:
            raise UsageError(f"{self}: the fingerprint is known once all examples were read.")
        return self._fingerprint

    def place(self, line: int) -> str:
        """Where an example stands, as `train.jsonl:17`; of a Karpathy file, the number of the picture in it."""
        return place(self._source.path, line)

    def __str__(self) -> str:
        return self._source.name

    def _judged(self, index: int, row: Row, findings: Findings) -> Example | Fault:
        path = self._source.path
        if not isinstance(row.image, str) or not row.image.strip():
            return Fault(Rule.UNNAMED, path, row.line)
        given = [text for text in row.texts if isinstance(text, str) and len(text) <= LONGEST]
        usable = [text for text in map(clean, given) if text]
        if not usable:
            return Fault(Rule.NO_TEXT, path, row.line)
        picture = self._found(row.image)
        if rule := self._checked(index, picture):
            return Fault(rule, path, row.line)
        if len(usable) < len(row.texts):
            findings.mended.add(Rule.DROPPED, self.place(row.line))
        if any(map(has_controls, given)):
            findings.mended.add(Rule.CONTROLS, self.place(row.line))
        told = usable if self.repeats else dict.fromkeys(usable)
        first, *others = [", ".join(told)] if self.labels else usable
        return Example(picture, first, row.line, others=tuple(others))

    def _found(self, image: str) -> str:
        """The path of a picture: the first at which there is something, else the first of all."""
        paths = [os.path.abspath(folder / image) for folder in self._source.folders]  # noqa: PTH100  links stay
        there = (path for path in paths if len(paths) > 1 and os.path.exists(path))  # noqa: PTH110  any name is one
        return next(there, paths[0])

    def _checked(self, index: int, picture: str) -> Rule | None:
        """What is wrong with a picture; it is decoded when the first pass comes there."""
        if index >= self._known:
            self._known = index + 1
            if rule := _rule(picture):
                self._faulty[index] = rule
        return self._faulty.get(index)


def open_captioned(
    data: str | Path, *, image: str = "image", texts: str = "", labels: bool = False, repeats: bool = False
) -> Captioned:
    """Open a file or folder of pictures and texts; `FILE#val` takes one split of a Karpathy file.

    image, texts: the names of the fields or columns; left empty, `texts` is captions or caption, and with
    `labels` labels or label. labels: the texts of a picture are one, joined by commas, each once, or, with
    `repeats`, as they are. Anything that makes the whole data unusable is a DataError here, before any work is done.
    """
    names = Names(image, (texts,) if texts else LABELS if labels else CAPTIONS)
    source = _source(str(data), names)
    trial = Captioned(source, labels=labels, repeats=repeats)
    if next(iter(trial), None) is None:
        raise DataError(_useless(trial, source, names))
    return Captioned(source, labels=labels, repeats=repeats)


def holds(data: str | Path) -> str:
    """What a file or folder seems to hold beside pictures, "captions" or "labels"; "" if it seems to name none."""
    path = Path(_split(str(data))[0])
    if is_idx(path):
        return "labels"
    if path.is_dir():
        return "captions" if any((path / name).is_file() for name in FLICKR) else ""
    suffix = _suffix(path)
    if suffix == KARPATHY or path.name.endswith(FLICKR):
        return "captions"
    known = first_names(path) if suffix in TABLES and path.is_file() else []
    if "image" not in known:
        return ""
    return "labels" if not set(CAPTIONS) & set(known) and set(LABELS) & set(known) else "captions"


def _source(data: str, names: Names) -> Source:
    file, split = _split(data)
    path = Path(file)
    if path.is_dir():
        found = [path / name for name in FLICKR if (path / name).is_file()]
        if not found:
            raise DataError(
                f"{path}: is a folder without {' or '.join(FLICKR)}, expected a file of pictures and texts."
            )
        path = found[0]
    if is_idx(path):
        return Source(path, partial(array_rows, path, *span(path, split)), (path.parent,), data)
    path, suffix = existing(path), _suffix(path)
    flickr = path.name.endswith(FLICKR)
    if split and suffix != KARPATHY:
        raise DataError(f"{data}: only {KARPATHY} files have splits, expected {file} alone.")
    if not flickr and suffix not in (*TABLES, KARPATHY):
        raise DataError(f"{path}: {unknown('unknown suffix', suffix, (*TABLES, KARPATHY))}")
    if suffix == KARPATHY:
        rows: Callable[[], Iterator[Row | Fault]] = partial(karpathy_rows, path, split)
    elif path.name.endswith(FLICKR[1]):
        rows = partial(token_rows, path)
    else:
        rows = partial(table_rows if flickr else TABLES[suffix], path, names)
    beside = BESIDE if flickr or suffix == KARPATHY else ()
    return Source(path, rows, (path.parent, *(path.parent / name for name in beside)), data)


def _split(data: str) -> tuple[str, str]:
    """The file and the split of it, if one is named."""
    file, _, split = data.rpartition("#")
    return (file, split) if file and not Path(data).exists() else (data, "")


def _suffix(path: Path) -> str:
    return Path(path.name.lower().removesuffix(".gz")).suffix


def _findings() -> Findings:
    return Findings(nouns=("picture", "row"))


def _rule(picture: str) -> Rule | None:
    try:
        pictures.check(picture)
    except NoSuchFile:
        return Rule.NO_PICTURE
    except TooLarge:
        return Rule.LARGE_PICTURE
    except DataError:
        return Rule.BROKEN_PICTURE
    return None


def _useless(corpus: Captioned, source: Source, names: Names) -> str:
    skipped = corpus.findings.skipped
    if not skipped.counts:
        return f"{corpus}: names no picture."
    hint = ""
    if skipped.counts[Rule.MISSING_FIELD]:
        hint = " " + names.missing(first_names(source.path), "No field")
    if skipped.counts[Rule.NO_PICTURE]:
        hint += f" Pictures are looked for in {', '.join(map(str, source.folders))}."
    return f"{corpus}: no usable row. {'; '.join(skipped.lines('row', ' skipped'))}.{hint}"
