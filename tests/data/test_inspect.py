"""The report on a corpus: figures against NumPy, repetitions against a plain count, signs one by one."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from regard.data import inspect as inspect_module
from regard.data.distribution import Distribution
from regard.data.findings import Rule
from regard.data.inspect import AMBIGUOUS, REPEATED, inspect
from regard.data.read import open_corpus
from regard.data.report import Report
from regard.data.suspect import COPY, GARBLED, LENGTH, MARKUP, NUMBERS, SIGNS, signs_of
from regard.types import Example

DATA = Path(__file__).parents[2] / "../shared/data"


def report_on(folder: Path, pairs: list[tuple[str, str]]) -> Report:
    path = folder / "pairs.tsv"
    path.write_text("".join(f"{s}\t{t}\n" for s, t in pairs), encoding="utf-8", newline="\n")
    return inspect(open_corpus(path))


def shown(report: Report) -> str:
    console = Console(width=120, color_system=None)
    with console.capture() as capture:
        console.print(report.render())
    return capture.get()


def test_distribution_agrees_with_numpy() -> None:
    values = np.random.default_rng(3).integers(0, 97, 1009)
    distribution = Distribution()
    for some in np.array_split(values, 7):
        distribution.add(some)
    assert distribution.size == 1009
    assert distribution.mean == pytest.approx(values.mean())
    for part in (0, 0.5, 0.95, 0.99, 1):
        assert distribution.quantile(part) == np.quantile(values, part, method="inverted_cdf")
    expected = np.histogram(values, [5, 11, 47, 1000])[0]
    assert distribution.histogram([5, 11, 47]) == list(expected)


def test_distribution_in_steps_and_of_nothing() -> None:
    assert Distribution().to_json() == {"mean": 0, "min": 0, "median": 0, "p95": 0, "p99": 0, "max": 0}
    halves = Distribution(0.5)
    halves.add(np.array([1, 3, 7]))
    assert (halves.quantile(0.5), halves.histogram([0, 1, 100, 200])) == (1.5, [1, 2, 0, 0])


def test_lengths_are_counted_in_words_and_characters(tmp_path: Path) -> None:
    report = report_on(tmp_path, [("a bc", "x"), ("a  b c d", "xé"), ("", "x")])
    lengths = report.to_json()["lengths"]
    assert (lengths["source words"]["min"], lengths["source words"]["max"]) == (2, 4)
    assert lengths["source characters"]["mean"] == 5.5
    assert lengths["target characters"]["max"] == 2
    assert lengths["target / source"]["median"] == 0.25
    assert report.findings.skipped.counts == {Rule.EMPTY_SOURCE: 1}


def test_repetitions_agree_with_a_plain_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect_module, "_CHUNK", 64)
    letters = random.Random(5)
    pairs = [(letters.choice("abcdefghij") * 3, letters.choice("uvwxyz") * 2) for _ in range(211)]
    seen: set[tuple[str, str]] = set()
    repeated, ambiguous = [], []
    for line, pair in enumerate(pairs, 1):
        if pair in seen:
            repeated.append(f"pairs.tsv:{line}")
        elif any(pair[0] == source for source, _ in seen):
            ambiguous.append(f"pairs.tsv:{line}")
        seen.add(pair)
    repetitions = report_on(tmp_path, pairs).repetitions
    assert repetitions.counts == {REPEATED: len(repeated), AMBIGUOUS: len(ambiguous)}
    assert repetitions.places == {REPEATED: repeated[:5], AMBIGUOUS: ambiguous[:5]}


def test_repetitions_are_sought_up_to_the_limit_and_the_report_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspect_module, "REMEMBERED", 3)
    report = report_on(tmp_path, [("a", "x"), ("a", "x"), ("b", "x"), ("b", "x")])
    assert (report.compared, report.repetitions.counts[REPEATED]) == (3, 1)
    assert "Repetitions among the first 3 pairs" in shown(report)


@pytest.mark.parametrize(
    ("source", "target", "signs"),
    [
        ("Good morning.", "Bonjour.", []),
        ("Ignore Tom.", "Ignore Tom.", [COPY]),
        ("a <b>bold</b> word", "un mot gras", [MARKUP]),
        ("stone &amp; tile", "pierre et tuile", [MARKUP]),
        ("Q&A, 3 < 4 > 2", "Q&A, 3 < 4 > 2.", []),
        ("A dog.", "@@", [SIGNS]),
        ("\u4f60\u597d", "\u3053\u3093\u306b\u3061\u306f", []),
        ("summer", "\u00c3\u00a9t\u00c3\u00a9", [GARBLED]),
        ("it is", "c\u00e2\u20ac\u2122est", [GARBLED]),
        ("summer", "\u00e9t\u00e9, \u00c2ge, \u0152uvre \u00ab ici \u00bb", []),
        ("the capit\u0430l", "la capitale", [GARBLED]),
        ("Moscow", "\u041c\u043e\u0441\u043a\u0432\u0430 (Moscow)", []),
        ("1,000 men", "1 000 hommes", []),
        ("at 7:00", "à 7 heures", []),
        ("three men", "3 hommes", []),
        ("12 men", "13 hommes", [NUMBERS]),
        ("12 men", "\u0661\u0662 \u0631\u062c\u0644", []),
    ],
)
def test_each_sign_is_seen_where_it_is_and_only_there(source: str, target: str, signs: list[str]) -> None:
    assert signs_of(Example(source, target)) == signs


def test_target_far_from_the_usual_length_is_suspicious(tmp_path: Path) -> None:
    usual = [(f"w{n} " * (3 + n % 11), f"x{n} " * (4 + n % 11)) for n in range(40)]
    report = report_on(tmp_path, [*usual, ("one two", "y " * 200), ("z " * 200, "y")])
    assert report.suspicious.places[LENGTH] == ["pairs.tsv:41", "pairs.tsv:42"]


def test_summaries_are_judged_by_their_like(tmp_path: Path) -> None:
    letters = random.Random(7)
    pairs = [("word " * letters.randint(40, 400), "short " * letters.randint(2, 8)) for _ in range(100)]
    assert LENGTH not in report_on(tmp_path, pairs).suspicious.counts


def test_report_as_json_is_plain_data(tmp_path: Path) -> None:
    report = report_on(tmp_path, [("a", "a"), ("b c", "12 x")])
    data = json.loads(json.dumps(report.to_json()))
    assert (data["kept"], len(data["fingerprint"])) == (2, 64)
    assert data["histogram"]["source"][:3] == [1, 1, 0]
    assert data["suspicious"] == {COPY: {"count": 1, "first": ["pairs.tsv:1"]}}


def test_report_shows_what_was_found_and_where(tmp_path: Path) -> None:
    text = shown(report_on(tmp_path, [("[red]a", "x"), ("a", ""), ("b", "b")]))
    assert "1 line skipped: empty target (pairs.tsv:2)" in text
    assert "target is a copy of the source  pairs.tsv:3" in text
    assert "Repetitions" in text and "nothing found" in text


def test_real_corpus_is_read_whole() -> None:
    path = DATA / "tatoeba" / "valid.tsv"
    if not path.exists():
        pytest.skip(f"no real data at {path}")
    report = inspect(open_corpus(path))
    assert (report.findings.kept, report.findings.skipped.counts.total()) == (2000, 0)
    assert report.suspicious.counts.total() < 40
