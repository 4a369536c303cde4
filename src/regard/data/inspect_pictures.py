"""What pictures and their texts are like, before anyone trains on them: sizes, lengths, repetitions."""

from array import array
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from regard import pictures
from regard.data.captioned import Captioned
from regard.data.digests import Digests
from regard.data.distribution import Distribution
from regard.data.findings import Findings, Tally
from regard.data.report import figures_table, tally_table
from regard.types import Example

if TYPE_CHECKING:
    from rich.console import Group

AGAIN = "same content as an earlier picture"
TWICE = "a text that stands twice at one picture"

_LENGTHS = ("texts per picture", "words per text", "characters per text", "width", "height")


@dataclass(slots=True)
class PictureReport:
    """What `inspect_pictures` saw: sizes in pixels, and what comes twice.

    contents: the digest of each picture, one after the other; lines: where each stands.
    """

    name: str
    findings: Findings = field(default_factory=Findings)
    fingerprint: str = ""
    texts: int = 0
    lengths: dict[str, Distribution] = field(default_factory=lambda: {name: Distribution() for name in _LENGTHS})
    repetitions: Tally = field(default_factory=Tally)
    contents: bytearray = field(default_factory=bytearray)
    lines: "array[int]" = field(default_factory=lambda: array("q"))

    def to_json(self) -> dict[str, Any]:
        """As plain data, ready for `json.dumps`."""
        return {
            "data": self.name,
            "fingerprint": self.fingerprint,
            **self.findings.to_json(),
            "texts": self.texts,
            "lengths": {name: values.to_json() for name, values in self.lengths.items()},
            "repetitions": self.repetitions.to_json(),
        }

    def render(self) -> "Group":
        """As tables for a rich console."""
        from rich.console import Group
        from rich.text import Text

        kept, *faults = self.findings.summary()
        return Group(
            Text(self.name, style="bold"),
            Text(f"{kept}, with {self.texts:,} text{'' if self.texts == 1 else 's'}"),
            *map(Text, faults),
            Text(f"fingerprint {self.fingerprint[:16]}", style="dim"),
            Text(),
            figures_table(self.lengths),
            Text(),
            tally_table("Repetitions", self.repetitions, "pictures"),
        )


def inspect_pictures(corpus: Captioned) -> PictureReport:
    """Read pictures and texts once, to their end, and describe them."""
    report = PictureReport(str(corpus))
    seen = Digests()
    for example in corpus:
        content = pictures.digest(example.source)
        if seen.find(content) >= 0:
            report.repetitions.add(AGAIN, corpus.place(example.line))
        else:
            seen.add([content])
        if len(set(example.references)) < len(example.references):
            report.repetitions.add(TWICE, corpus.place(example.line))
        report.contents += content
        report.lines.append(example.line)
        report.texts += len(example.references)
        _measure(report.lengths, example, labels=corpus.labels)
    report.findings, report.fingerprint = corpus.findings, corpus.fingerprint
    return report


def in_both(corpora: list[Captioned], reports: list[PictureReport]) -> Tally:
    """The pictures, by their content, that stand in two of several data files, which should have none in common."""
    found = Tally()
    for (corpus, report), (other, later) in combinations(zip(corpora, reports, strict=True), 2):
        known = Digests(bytes(report.contents))
        for i, line in enumerate(later.lines):
            number = known.find(bytes(later.contents[i * pictures.DIGEST : (i + 1) * pictures.DIGEST]))
            if number >= 0:
                place = f"{other.place(line)} = {corpus.place(report.lines[number])}"
                found.add(f"in {report.name} and in {later.name}", place)
    return found


def _measure(lengths: dict[str, Distribution], example: Example, *, labels: bool) -> None:
    texts = example.target.split(", ") if labels else example.references
    # Cleaned text holds single spaces only, so that counting them counts the words.
    words, characters = [text.count(" ") + 1 for text in texts], [len(text) for text in texts]
    width, height = pictures.size(example.source)
    for name, values in zip(_LENGTHS, ([len(texts)], words, characters, [width], [height]), strict=True):
        lengths[name].add(np.array(values))
