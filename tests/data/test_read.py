"""Reading data: every line is kept in order, or skipped by a stated rule and counted."""

import csv
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.data import links
from regard.data.findings import FIRST, LONGEST, Findings, Rule, Tally
from regard.data.read import Corpus, clean, open_corpus, read_lines
from regard.errors import DataError, UsageError

GOOD = b"a b\tx y\n"


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.lower().endswith(".gz") else content)
    return path


def rows(corpus: Corpus) -> list[tuple[str, str, int]]:
    return [(example.source, example.target, example.line) for example in corpus]


def read(folder: Path, name: str, content: bytes) -> tuple[list[tuple[str, str, int]], Findings]:
    corpus = open_corpus(write(folder, name, content))
    return rows(corpus), corpus.findings


def json_line(source: object, target: object) -> bytes:
    return json.dumps({"source": source, "target": target, "extra": 1}).encode() + b"\n"


# --- formats


@pytest.mark.parametrize("name", ["a.tsv", "a.tsv.gz", "A.TSV", "a.TSV.GZ"])
def test_tsv_takes_the_first_two_columns_and_ignores_more(tmp_path: Path, name: str) -> None:
    found, findings = read(tmp_path, name, b'Run!\tCours !\tCC-BY\n"No\tNon\n')
    assert found == [("Run!", "Cours !", 1), ('"No', "Non", 2)]
    assert findings.summary() == ["2 pairs kept"]


def test_header_picks_the_columns_by_name(tmp_path: Path) -> None:
    found, _ = read(tmp_path, "a.tsv", b"id\ttarget\tsource\n1\tx\ta\n")
    assert found == [("a", "x", 2)]


def test_chosen_names_pick_the_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b"id,fr,en\n1,x,a\n")
    assert rows(open_corpus(path, source="en", target="fr")) == [("a", "x", 2)]


def test_chosen_name_that_is_not_in_the_header_shows_the_nearest(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", b"english\tfrench\na\tx\n")
    with pytest.raises(DataError, match=r"a\.tsv:1: no column 'frensh'\. Did you mean 'french'\?"):
        open_corpus(path, source="english", target="frensh")


def test_header_with_only_one_of_the_names_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", b"id\tsource\ttarge\n1\ta\tx\n")
    with pytest.raises(DataError, match=r"no column 'target'\. Did you mean 'targe'\?"):
        open_corpus(path)


def test_csv_keeps_quotes_commas_and_newlines_inside_a_field(tmp_path: Path) -> None:
    found, _ = read(tmp_path, "a.csv", b'source,target\r\n"a, ""b""\r\n\r\nc",x\r\nd,y\r\n')
    assert found == [('a, "b" c', "x", 2), ("d", "y", 5)]


def test_csv_with_semicolons_is_known_by_its_header(tmp_path: Path) -> None:
    found, _ = read(tmp_path, "a.csv", b'"source";"target"\n"a, b";x\n')
    assert found == [("a, b", "x", 2)]


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz"])
def test_json_lines_give_the_named_fields(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, name, json_line("a\nb", "é"))[0] == [("a b", "é", 1)]


def test_two_plain_files_are_aligned_line_by_line(tmp_path: Path) -> None:
    source = write(tmp_path, "train.en", b"a\n\nc")
    target = write(tmp_path, "train.fr.gz", b"x\ny\nz\n")
    corpus = open_corpus([source, target])
    assert rows(corpus) == [("a", "x", 1), ("c", "z", 3)]
    assert corpus.findings.skipped.places == {Rule.EMPTY_SOURCE: ["train.en:2"]}


def test_the_same_plain_file_may_be_both_sides(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", b"a\nb\n")
    assert rows(open_corpus([path, str(path)])) == [("a", "a", 1), ("b", "b", 2)]


def test_byte_order_mark_and_windows_line_ends_leave_no_trace(tmp_path: Path) -> None:
    found, findings = read(tmp_path, "a.tsv", b"\xef\xbb\xbfsource\ttarget\r\na\tx\r\n")
    assert (found, findings.summary()) == ([("a", "x", 2)], ["1 pair kept"])


def test_separators_inside_a_line_do_not_shift_aligned_files(tmp_path: Path) -> None:
    source = write(tmp_path, "a", "a\u2028b\x0bc\x0cd\x85e\rf\ng\n".encode())
    target = write(tmp_path, "b", b"x\ny\n")
    corpus = open_corpus([source, target])
    assert rows(corpus) == [("a b c d e f", "x", 1), ("g", "y", 2)]
    assert corpus.findings.mended.places == {Rule.CONTROLS: ["a:1"]}


def test_packed_file_is_known_without_its_suffix(tmp_path: Path) -> None:
    assert read(tmp_path, "a.tsv", gzip.compress(GOOD))[0] == [("a b", "x y", 1)]


# --- rules for lines


@pytest.mark.parametrize(
    ("name", "bad", "rule"),
    [
        ("a.tsv", b"\xff\xfeq\tx\n", Rule.BROKEN_TEXT),
        ("a.tsv", b"only one\n", Rule.MISSING_COLUMN),
        ("a.tsv", b"\n", Rule.EMPTY_LINE),
        ("a.tsv", b" \t\xc2\xa0\n", Rule.EMPTY_LINE),
        ("a.tsv", b"\tx\n", Rule.EMPTY_SOURCE),
        ("a.tsv", b"a\t\xe2\x80\xa8\n", Rule.EMPTY_TARGET),
        ("a.tsv", b"a\t" + b"x" * (LONGEST + 1) + b"\n", Rule.TOO_LONG),
        ("a.csv", b'a,"x"y\n', Rule.BROKEN_CSV),
        ("a.csv", b'a,"never closed\n', Rule.BROKEN_CSV),
        ("a.csv", b"\n", Rule.EMPTY_LINE),
        ("a.csv", b"a\n", Rule.MISSING_COLUMN),
        ("a.csv", b"\xff,x\n", Rule.BROKEN_TEXT),
        ("a.csv", b"a," + b"x" * 200_000 + b"\n", Rule.TOO_LONG),
        ("a.jsonl", b"{'source': 1}\n", Rule.BROKEN_JSON),
        ("a.jsonl", b'["a", "x"]\n', Rule.BROKEN_JSON),
        ("a.jsonl", b"[" * 100_000 + b"\n", Rule.BROKEN_JSON),
        ("a.jsonl", b'{"source": "a"}\n', Rule.MISSING_FIELD),
        ("a.jsonl", json_line(1, None), Rule.NOT_TEXT),
        ("a.jsonl", json_line("a\ud800", "x"), Rule.BROKEN_TEXT),
        ("a.jsonl", b"  \n", Rule.EMPTY_LINE),
    ],
)
def test_bad_line_is_skipped_and_counted_with_its_place(tmp_path: Path, name: str, bad: bytes, rule: Rule) -> None:
    good = {"a.tsv": GOOD, "a.csv": b"a b,x y\n", "a.jsonl": json_line("a b", "x y")}[name]
    found, findings = read(tmp_path, name, good + bad + good)
    assert found == [("a b", "x y", 1), ("a b", "x y", 3)]
    assert findings.skipped.places == {rule: [f"{name}:2"]}
    assert findings.summary() == ["2 pairs kept", f"1 line skipped: {rule} ({name}:2)"]


def test_unclosed_quote_costs_one_line_not_the_rest_of_the_file(tmp_path: Path) -> None:
    later = b"".join(b"a%d,x\n" % number for number in range(2000))
    found, findings = read(tmp_path, "a.csv", b'a,"x\n' + later + b'\xff,x\n"b\nc",y\n')
    assert [line for _, _, line in found] == [*range(2, 2002), 2003]
    assert findings.skipped.places == {Rule.BROKEN_CSV: ["a.csv:1"], Rule.BROKEN_TEXT: ["a.csv:2002"]}


def test_line_of_many_megabytes_is_passed_over(tmp_path: Path) -> None:
    huge = b"\xef\xbb\xbf" + b"x" * (2**25 + 5) + b"\tx\n"
    found, findings = read(tmp_path, "a.tsv.gz", huge + GOOD)
    assert found == [("a b", "x y", 2)]
    assert findings.skipped.places == {Rule.TOO_LONG: ["a.tsv.gz:1"]}


def test_bad_target_is_placed_in_the_target_file(tmp_path: Path) -> None:
    source = write(tmp_path, "s", b"a\nb\nc\n")
    target = write(tmp_path, "t", b"x\n\xff\n\n")
    corpus = open_corpus([source, target])
    assert rows(corpus) == [("a", "x", 1)]
    assert corpus.findings.skipped.places == {Rule.BROKEN_TEXT: ["t:2"], Rule.EMPTY_TARGET: ["t:3"]}


def test_control_characters_become_spaces_and_are_counted(tmp_path: Path) -> None:
    found, findings = read(tmp_path, "a.tsv", b"a\x00b\x07\tx\x1by\n")
    assert found == [("a b", "x y", 1)]
    assert findings.summary()[1] == f"1 line mended: {Rule.CONTROLS} (a.tsv:1)"


def test_findings_show_the_first_places_and_dots(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "a.tsv", GOOD + b"a\t\n" * 1200)
    places = ", ".join(f"a.tsv:{line}" for line in range(2, 2 + FIRST))
    assert findings.summary()[1] == f"1,200 lines skipped: empty target ({places}, ...)"


def test_merged_findings_add_counts_and_keep_the_earlier_places() -> None:
    first, second = Findings(kept=1), Findings(kept=2)
    for number in range(4):
        first.skipped.add("empty", f"a:{number}")
        second.skipped.add("empty", f"b:{number}")
    second.mended.add("control", "b:9")
    first.merge(second)
    assert first.kept == 3
    assert first.to_json()["skipped"] == {"empty": {"count": 8, "first": ["a:0", "a:1", "a:2", "a:3", "b:0"]}}
    assert first.mended == Tally(second.mended.counts, {"control": ["b:9"]})


# --- word alignments


def linked(corpus: Corpus) -> list[str]:
    return [links.write(example.alignment) for example in corpus]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", b"a b\tx y\t0-1 1-0\nc\tz\t\n"),
        ("a.tsv", b"align\tsource\ttarget\n1-0 0-1\ta b\tx y\n\tc\tz\n"),
        ("a.csv", b"source,target,align\na b,x y,0-1 1-0\nc,z,\n"),
        (
            "a.jsonl",
            b'{"align": "0-1 1-0", "source": "a b", "target": "x y"}\n{"source":"c","target":"z","align":""}\n',
        ),
    ],
)
def test_a_column_or_a_field_may_hold_word_alignments(tmp_path: Path, name: str, content: bytes) -> None:
    path = write(tmp_path, name, content)
    corpus = open_corpus(path, align="align")
    assert corpus.aligned
    assert linked(corpus) == ["0-1 1-0", ""]
    assert corpus.findings.summary() == ["2 pairs kept"]
    assert linked(open_corpus(path)) == ["", ""]  # what is not asked for is not read


def test_a_third_text_file_may_hold_word_alignments(tmp_path: Path) -> None:
    paths = [
        write(tmp_path, *file) for file in (("s", b"a b\n\nc\n"), ("t", b"x y\nz\nz\n"), ("l", b"0-1\n0-0\n0-0\n"))
    ]
    corpus = open_corpus(paths)
    assert linked(corpus) == ["0-1", "0-0"]
    assert corpus.findings.skipped.places == {Rule.EMPTY_SOURCE: ["s:2"]}
    assert [(e.source, e.target) for e in open_corpus(paths[:2])] == [(e.source, e.target) for e in corpus]


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("a.tsv", b"a b\tx y\t0-1 1\n"),
        ("a.tsv", b"a b\tx y\t2-0\n"),
        ("a.tsv", b"a b\tx y\t0-2\n"),
        ("a.tsv", b"a b\tx y\n"),
        ("a.jsonl", b'{"source": "a b", "target": "x y"}\n'),
        ("a.jsonl", b'{"source": "a b", "target": "x y", "align": [[0, 0]]}\n'),
        ("l", b"zero\n"),
        ("l", b"\xff\n"),
    ],
)
def test_a_bad_alignment_is_dropped_and_its_pair_kept(tmp_path: Path, name: str, bad: bytes) -> None:
    good = {
        "a.tsv": b"a b\tx y\t1-1\n",
        "a.jsonl": b'{"source": "a b", "target": "x y", "align": "1-1"}\n',
        "l": b"1-1\n",
    }
    path = write(tmp_path, name, good[name] + bad + good[name])
    texts = [write(tmp_path, "s", b"a b\n" * 3), write(tmp_path, "t", b"x y\n" * 3)]
    corpus = open_corpus([*texts, path]) if name == "l" else open_corpus(path, align="align")
    assert linked(corpus) == ["1-1", "", "1-1"]
    assert corpus.findings.kept == 3
    assert corpus.findings.mended.places == {Rule.ALIGNMENT: [f"{name}:2"]}


def test_alignments_that_were_read_are_in_the_fingerprint(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", b"a b\tx y\t0-0\n")
    plain, aligned = open_corpus(path), open_corpus(path, align="align")
    assert [len(linked(corpus)) for corpus in (plain, aligned)] == [1, 1]
    assert plain.fingerprint == hashlib.sha256(b"a b\tx y\n").hexdigest()
    assert aligned.fingerprint == hashlib.sha256(b"a b\tx y\t0-0\n").hexdigest()


def test_what_cannot_hold_alignments_is_told(tmp_path: Path) -> None:
    text = write(tmp_path, "s", b"a\nb\n")
    with pytest.raises(UsageError, match=r"two text files have no column 'align': give .* as a third file"):
        open_corpus([text, text], align="align")
    with pytest.raises(DataError, match=r"s has 2 lines, but .*l has 1: s:2 and what follows"):
        open_corpus([text, text, write(tmp_path, "l", b"0-0\n")])
    with pytest.raises(DataError, match=r"no column 'align'\. Did you mean 'aligned'\?"):
        open_corpus(write(tmp_path, "a.tsv", b"source\ttarget\taligned\na\tb\t0-0\n"), align="align")


# --- faults of whole files


def test_missing_file_shows_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, "pairs.tsv", GOOD)
    with pytest.raises(DataError, match=r"pair\.tsv: no such file\. Did you mean 'pairs\.tsv'\?"):
        open_corpus(tmp_path / "pair.tsv")
    with pytest.raises(DataError, match=r"There is no folder .*nowhere either"):
        open_corpus(tmp_path / "nowhere" / "a.tsv")


def test_folder_shows_what_it_holds(tmp_path: Path) -> None:
    write(tmp_path, "pairs.tsv", GOOD)
    with pytest.raises(DataError, match=r"is a folder, expected a file\. It holds: pairs\.tsv\."):
        open_corpus(tmp_path)


@pytest.mark.parametrize("name", ["a.tsv", "a.csv", "a.jsonl", "a.tsv.gz"])
def test_empty_file_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="the file is empty"):
        open_corpus(write(tmp_path, name, b""))


def test_two_empty_files_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the file is empty"):
        open_corpus([write(tmp_path, "a", b""), write(tmp_path, "b", b"")])


def test_file_without_a_usable_line_says_why(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no usable line\. 2 lines skipped: missing column \(a\.tsv:1, a\.tsv:2\)"):
        open_corpus(write(tmp_path, "a.tsv", b"a\nb\n"))


def test_json_without_the_fields_shows_the_nearest(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", b'\n{"sources": "a", "target": "x"}\n')
    with pytest.raises(DataError, match=r"No field 'source'\. Did you mean 'sources'\?"):
        open_corpus(path)


def test_unknown_suffix_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"unknown suffix '\.txt'.*\.tsv, \.csv, \.jsonl, \.ndjson.*SOURCE TARGET"):
        open_corpus(write(tmp_path, "a.txt.gz", GOOD))


def test_utf_16_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.tsv:1: is UTF-16, expected UTF-8"):
        open_corpus(write(tmp_path, "a.tsv", "a\tx\n".encode("utf-16")))


def test_unequal_line_counts_are_found_before_the_first_example(tmp_path: Path) -> None:
    source = write(tmp_path, "a.en", b"a\nb\n")
    target = write(tmp_path, "a.fr", b"x\ny\nz\nw")
    with pytest.raises(DataError, match=r"a\.en has 2 lines, but .*a\.fr has 4: a\.fr:3 and what follows"):
        open_corpus([source, target])


def test_files_that_change_between_passes_are_an_error(tmp_path: Path) -> None:
    corpus = open_corpus([write(tmp_path, "a", b"a\nb\n"), write(tmp_path, "b", b"x\ny\n")])
    write(tmp_path, "b", b"x\n")
    with pytest.raises(DataError, match="one of them changed"):
        list(corpus)


def test_two_files_of_pairs_are_not_taken_for_plain_text(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tsv", GOOD)
    with pytest.raises(DataError, match=r"expected plain text, but \.tsv holds pairs"):
        open_corpus([path, path])
    with pytest.raises(UsageError, match="got 4 files"):
        open_corpus([path, path, path, path])


def test_cut_gzip_gives_what_it_has_then_an_error(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(b"%d\t%d\n" % (n, n * n) for n in range(1, 60_000)))
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(packed[: len(packed) // 2])
    corpus, seen = open_corpus(path), []
    with pytest.raises(DataError, match=r"a\.tsv\.gz: damaged or incomplete after [0-9,]+ readable lines"):
        for example in corpus:
            seen.append((example.source, example.target))
    assert len(seen) > 10_000
    assert seen == [(str(n), str(n * n)) for n in range(1, len(seen) + 1)]
    with pytest.raises(UsageError, match="fingerprint is known once"):
        _ = corpus.fingerprint


def test_damaged_gzip_of_aligned_files_is_found_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(os.urandom(10_000))[:5000])
    with pytest.raises(DataError, match="damaged or incomplete"):
        open_corpus([path, path])


def test_file_that_only_claims_to_be_gzip_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(GOOD)
    with pytest.raises(DataError, match=r"damaged or incomplete after 0 readable lines \(Not a gzipped file"):
        open_corpus(path)


# --- a corpus


def test_corpus_can_be_iterated_again_and_counts_each_pass_anew(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path, "a.tsv", GOOD + b"\n"))
    assert corpus.findings == Findings()
    assert rows(corpus) == rows(corpus)
    assert (corpus.findings.kept, corpus.findings.skipped.counts[Rule.EMPTY_LINE]) == (1, 1)
    assert [len(both) for both in zip(corpus, corpus, strict=True)] == [2]


def test_fingerprint_depends_on_the_kept_pairs_only(tmp_path: Path) -> None:
    plain = open_corpus(write(tmp_path, "a.tsv", GOOD))
    other = open_corpus(write(tmp_path, "b.csv.gz", b'source,target\n\n"a\nb",x y\n'))
    with pytest.raises(UsageError, match=r"a\.tsv: the fingerprint is known once all examples were read"):
        _ = plain.fingerprint
    assert rows(plain)[0][:2] == rows(other)[0][:2]
    assert plain.fingerprint == other.fingerprint == hashlib.sha256(b"a b\tx y\n").hexdigest()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8)


def flat(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """For formats that cannot hold these signs inside a field."""
    spaces = str.maketrans("\t\n\r", "   ")
    return [(source.translate(spaces), target.translate(spaces)) for source, target in pairs]


def as_csv(pairs: list[tuple[str, str]]) -> tuple[str, list[int]]:
    file, starts = io.StringIO(newline=""), []
    for pair in pairs:
        starts.append(file.getvalue().count("\n") + 1)
        csv.writer(file, quoting=csv.QUOTE_ALL).writerow(pair)
    return file.getvalue(), starts


@settings(deadline=None, max_examples=60)
@given(PAIRS, st.sampled_from(["tsv", "csv", "jsonl", "two"]))
def test_any_pairs_come_back_cleaned_in_order_with_their_lines(pairs: list[tuple[str, str]], kind: str) -> None:
    pairs = [("first", "premier"), *pairs]
    starts = list(range(1, len(pairs) + 1))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if kind == "two":
            sides = zip(*flat(pairs), strict=True)
            data = [write(folder, str(i), "".join(f"{t}\n" for t in side).encode()) for i, side in enumerate(sides)]
        elif kind == "csv":
            text, starts = as_csv(pairs)
            data = [write(folder, "a.csv", text.encode())]
        elif kind == "jsonl":
            data = [write(folder, "a.jsonl", b"".join(json_line(*pair) for pair in pairs))]
        else:
            data = [write(folder, "a.tsv", "".join(f"{s}\t{t}\n" for s, t in flat(pairs)).encode())]
        corpus = open_corpus(data)
        found = rows(corpus)
    cleaned = [(clean(s), clean(t), line) for (s, t), line in zip(pairs, starts, strict=True)]
    assert found == [row for row in cleaned if row[0] and row[1]]
    assert corpus.findings.kept + corpus.findings.skipped.counts.total() == len(pairs)


# --- cleaning and plain lines


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  a \t b ", "a b"),
        ("Non\u00a0!\u202f\u3000x\u2028y", "Non ! x y"),
        ("e\u0301te\u0301", "été"),
        ("a\x00b\x85c", "a b c"),
        ("\ufeffa\ufeffb", "ab"),
        ("x\ud800", "x\ufffd"),
        ("क्\u200dष 👩\u200d🚀", "क्\u200dष 👩\u200d🚀"),
    ],
)
def test_clean_normalises_and_collapses(raw: str, expected: str) -> None:
    assert clean(raw) == expected


@given(st.text())
def test_clean_text_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert once == " ".join(once.split())
    once.encode("utf-8")


def test_lines_to_run_come_one_for_one(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfa\r\n\n\xffb\n" + "c\u2028d".encode()
    expected = [("a", False), ("", False), ("\ufffdb", True), ("c\u2028d", False)]
    assert list(read_lines(write(tmp_path, "a.txt", content))) == expected
    assert list(read_lines(str(write(tmp_path, "a.gz", content + b"\n")))) == expected
    assert list(read_lines(write(tmp_path, "empty", b""))) == []


def test_lines_to_run_come_from_the_standard_input_too() -> None:
    script = "import json; from regard.data.read import read_lines; print(json.dumps(list(read_lines('-'))))"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, input=b"a\n\n\xff", capture_output=True, check=True)
    assert json.loads(done.stdout) == [["a", False], ["", False], ["\ufffd", True]]


def test_lines_of_a_missing_file_fail_before_the_first(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_lines(tmp_path / "a.txt")


def test_reading_needs_no_heavy_package() -> None:
    script = (
        "import sys, regard.data.read, regard.data.inspect;"
        "print(sorted({'torch', 'pandas', 'matplotlib', 'babel', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
