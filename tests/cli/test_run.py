"""`regard run`: one output line for each input line, in order, whatever is in them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import letters
import regard

Command = Callable[..., Any]
SOURCES = letters.lines(40, 6, seed=7)

ODD = [  # (input line, the text that it must be run as)
    (b"a b c", "a b c"),
    (b"", ""),
    (b"   \t ", ""),
    (b"c b a\r", "c b a"),
    (b"  a   b ", "a b"),
    (b"\xff\xfe a", "\ufffd\ufffd a"),
    (b"a\xe2\x80\xa8b", "a b"),  # U+2028, at which some tools break lines
    (b"a\xc2\x85b\x0cc\x0bd", "a b c d"),
    (b"\x00", ""),
    ("zzz \u4eca\u65e5 \U0001f600".encode(), "zzz \u4eca\u65e5 \U0001f600"),
    (b"\xe2\x96\x81", "\u2581"),  # the sign that begins a word
    (b"<s> </s> <pad> <unk>", "<s> </s> <pad> <unk>"),
    (b"h g", "h g"),
]


@pytest.fixture(scope="module")
def model() -> Path:
    return letters.learnt("half")


@pytest.mark.parametrize(("task", "change"), [("copy", letters.copied), ("reverse", letters.reversed_)])
def test_the_task_is_learnt(call: Command, task: str, change: Callable[[str], str]) -> None:
    model = letters.learnt(task)
    sources = letters.lines(letters.PAIRS + 200, 5)[letters.PAIRS :]  # no training pair
    done = call("run", model, stdin="".join(f"{line}\n" for line in sources).encode())
    assert (done.code, done.err) == (0, "")
    outputs = done.out.splitlines()
    right = sum(output == change(source) for source, output in zip(sources, outputs, strict=True))
    assert right >= 198


def test_every_input_line_gives_exactly_one_output_line_in_order(call: Command, model: Path) -> None:
    done = call("run", model, stdin=b"\n".join(raw for raw, _ in ODD))  # the last line has no end
    assert done.code == 0
    lines = done.out.split("\n")
    assert lines.pop() == ""
    predict = regard.load(model)
    assert lines == [predict(text).text if text else "" for _, text in ODD]
    assert done.err == "1 line held bytes that are not UTF-8, which became \ufffd (line 6).\n"


def test_only_the_first_broken_lines_are_named(call: Command, model: Path) -> None:
    done = call("run", model, "--beam", "1", stdin=b"\xff\n" * 7)
    assert done.out.count("\n") == 7
    assert done.err == "7 lines held bytes that are not UTF-8, which became \ufffd (line 1, 2, 3, 4, 5, ...).\n"


def test_no_input_gives_no_output(call: Command, model: Path) -> None:
    done = call("run", model, stdin=b"")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_a_byte_order_mark_is_no_part_of_the_first_line(call: Command, model: Path) -> None:
    assert call("run", model, stdin=b"\xef\xbb\xbfa b\n").out == call("run", model, "a b").out


def test_a_very_long_line_is_one_line_too(call: Command, model: Path, tmp_path: Path) -> None:
    folder = letters.fresh_copy("half", tmp_path)
    config = folder / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("ratio = 2.0", "ratio = 0.01"), encoding="utf-8")
    done = call("run", folder, "--beam", "1", stdin=b"a b\n" + b"a " * 3000 + b"\nc d\n")
    assert (done.code, done.out.count("\n")) == (0, 3)


def test_text_a_file_and_standard_input_give_the_same(call: Command, model: Path, tmp_path: Path) -> None:
    text = "".join(f"{line}\n" for line in SOURCES)
    (tmp_path / "in").write_text(text, encoding="utf-8", newline="\n")
    (tmp_path / "crlf").write_text(text, encoding="utf-8", newline="\r\n")
    outputs = [
        call("run", model, *SOURCES).out,
        call("run", model, "--input", tmp_path / "in").out,
        call("run", model, "--input", tmp_path / "crlf").out,
        call("run", model, "--input", "-", stdin=text.encode()).out,
        call("run", model, stdin=text.encode()).out,
    ]
    assert outputs[0].count("\n") == len(SOURCES)
    assert len(set(outputs)) == 1


def test_text_that_begins_with_a_dash_can_be_run(call: Command, model: Path) -> None:
    done = call("run", model, "--", "-a", "--json")
    assert (done.code, done.out.count("\n")) == (0, 2)


def test_text_with_line_ends_in_it_is_one_line(call: Command, model: Path) -> None:
    assert call("run", model, "a\nb", "c").out.count("\n") == 2


@pytest.mark.parametrize("rows", [1, 7])
def test_results_do_not_depend_on_the_batch(call: Command, model: Path, rows: int) -> None:
    text = "".join(f"{line}\n" for line in [*SOURCES, "", "a"]).encode()
    usual, other = (call("run", model, "--json", "--batch", n, stdin=text).out.splitlines() for n in (64, rows))
    assert len(usual) == len(other) == len(SOURCES) + 2
    for one, two in zip(map(json.loads, usual), map(json.loads, other), strict=True):
        assert one["text"] == two["text"]
        assert one["score"] == pytest.approx(two["score"], abs=1e-4)
        np.testing.assert_allclose(one["token_scores"], two["token_scores"], atol=1e-4)
        np.testing.assert_allclose(np.array(one["attention"]), np.array(two["attention"]), atol=1e-4)


def test_json_has_the_fields_and_shapes_that_are_promised(call: Command, model: Path) -> None:
    done = call("run", model, "--json", "a b c d", "zz a", "")
    records = [json.loads(line) for line in done.out.splitlines()]
    assert len(records) == 3
    for record in records:
        assert record.keys() == {
            "text",
            "source",
            "tokens",
            "source_tokens",
            "score",
            "token_scores",
            "attention",
            "words",
        }
    for record in records[:2]:
        attention = np.array(record["attention"])
        assert attention.shape == (len(record["tokens"]), len(record["source_tokens"]))
        np.testing.assert_allclose(attention.sum(1), 1, atol=1e-4)
        assert record["score"] == pytest.approx(sum(record["token_scores"]), abs=1e-4)
        assert len(record["token_scores"]) == len(record["tokens"])
        assert record["tokens"][-1] == record["source_tokens"][-1] == "</s>"
        assert all(score <= 0 for score in record["token_scores"])
    assert records[0]["source_tokens"] == ["▁a", "▁b", "▁c", "▁d", "</s>"]
    assert records[1]["source_tokens"] == ["▁zz", "▁a", "</s>"]  # unknown to the model, yet shown as it was written
    assert (records[2]["text"], records[2]["tokens"], records[2]["attention"]) == ("", [], [])


def test_the_reported_score_is_the_one_that_teacher_forcing_gives(call: Command, model: Path) -> None:
    record = json.loads(call("run", model, "--json", "a b c d").out)
    (scores,) = regard.load(model).score(["a b c d"], [record["text"]])
    np.testing.assert_allclose(record["token_scores"], scores, atol=1e-4)


def test_nbest_gives_the_best_first_and_no_output_twice(call: Command, model: Path) -> None:
    best = call("run", model, "--beam", "6", *SOURCES).out.splitlines()
    lists = [line.split("\t") for line in call("run", model, "--beam", "6", "--nbest", "4", *SOURCES).out.splitlines()]
    assert [outputs[0] for outputs in lists] == best
    assert all(len(outputs) == len(set(outputs)) == 4 for outputs in lists)


def test_nbest_in_json_is_a_list_with_the_best_first(call: Command, model: Path) -> None:
    record = json.loads(call("run", model, "--json", "--nbest", "3", "a b c").out)
    assert len(record["nbest"]) == 3
    assert {key: value for key, value in record.items() if key != "nbest"} == record["nbest"][0]
    ranks = [found["score"] / len(found["tokens"]) for found in record["nbest"]]
    assert ranks == sorted(ranks, reverse=True)


def test_nbest_of_an_empty_line_is_an_empty_line(call: Command, model: Path) -> None:
    assert call("run", model, "--nbest", "3", "").out == "\n"


def test_a_beam_of_one_is_greedy(call: Command, model: Path) -> None:
    outputs = call("run", model, "--beam", "1", *SOURCES).out.splitlines()
    assert outputs == [output.text for output in regard.load(model)(SOURCES, beam=1)]


MAGIC = {
    ".json": b"[\n{",
    ".npz": b"PK",
    ".svg": b"<svg",
    ".png": b"\x89PNG",
    ".html": b"<!doctype html>",
    ".pharaoh": b"0-3 1-2 2-1 3-0\n\n0-1 1-0\n",
}


@pytest.mark.parametrize(("suffix", "begins"), MAGIC.items(), ids=MAGIC)
def test_attention_is_written_by_suffix(call: Command, tmp_path: Path, suffix: str, begins: bytes) -> None:
    path = tmp_path / f"attention{suffix}"
    done = call("run", letters.learnt("reverse"), "--attention", path, stdin=b"a b c d\n\nb a\n")
    assert (done.code, done.out, done.err) == (0, "d c b a\n\na b\n", "")
    assert path.read_bytes()[: len(begins)].lower() == begins.lower()
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", MAGIC)
def test_attention_of_no_lines_and_of_empty_lines_is_a_file_too(call: Command, tmp_path: Path, suffix: str) -> None:
    for stdin in (b"", b"\n \n"):
        path = tmp_path / f"attention{suffix}"
        done = call("run", letters.learnt("reverse"), "--attention", path, stdin=stdin)
        assert (done.code, done.err) == (0, "")
        assert path.exists()
    assert suffix != ".pharaoh" or path.read_bytes() == b"\n\n"


def test_show_draws_a_map_below_each_output(call: Command) -> None:
    done = call("run", letters.learnt("reverse"), "--show", "a b", "")
    first, *rest = done.out.splitlines()
    assert first == "b a"
    assert any(re.search(r"^ *b .*\d+%", line) for line in rest)
    assert done.out.count("looked at") == 1


def test_the_output_file_takes_the_place_of_the_old_one(call: Command, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old", encoding="utf-8")
    done = call("run", model, "a b", "", "c", "--output", path)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert path.read_bytes() == call("run", model, "a b", "", "c").out.encode()


def test_a_run_that_fails_leaves_the_old_output(call: Command, model: Path, tmp_path: Path) -> None:
    import gzip

    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"".join(f"{line}\n".encode() for line in SOURCES))[:-20])
    path = tmp_path / "out"
    path.write_text("old", encoding="utf-8")
    done = call("run", model, "--input", tmp_path / "cut.gz", "--output", path)
    assert done.code == 1
    assert re.search(r"cut\.gz: damaged or incomplete after \d+ readable lines", done.err)
    assert path.read_text(encoding="utf-8") == "old"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["cut.gz", "out"]


def test_a_file_may_be_run_in_place(call: Command, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_text("a b\nc\n", encoding="utf-8")
    call("run", model, "--input", path, "--output", path)
    assert path.read_text(encoding="utf-8") == call("run", model, "a b", "c").out


def test_the_real_command_writes_plain_newlines_and_reads_bytes(model: Path) -> None:
    done = letters.regard("run", model, stdin=b"\n".join(raw for raw, _ in ODD))
    assert done.returncode == 0
    assert done.stdout.count(b"\n") == len(ODD)
    assert b"\r" not in done.stdout
    assert done.stderr.decode("utf-8") == "1 line held bytes that are not UTF-8, which became \ufffd (line 6).\n"
