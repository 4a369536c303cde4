"""Pictures and what is said of them: every row is kept in order, or skipped by a stated rule and counted."""

import gzip
import json
import random
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from drawn import plain, save
from regard import pictures
from regard.data import captioned
from regard.data.captioned import Captioned, holds, open_captioned
from regard.data.findings import LONGEST, Rule
from regard.errors import DataError, NoSuchFile, UsageError
from regard.types import Example

DATA = Path(__file__).parents[2] / "../shared/data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which `images/0.png` to `images/9.png` are pictures."""
    for number in range(10):
        plain(tmp_path / "images" / f"{number}.png", number)
    return tmp_path


def jsonl(folder: Path, *records: object, name: str = "a.jsonl") -> Path:
    path = folder / name
    lines = (record if isinstance(record, bytes) else json.dumps(record).encode() for record in records)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def text(path: Path, content: str) -> Path:
    data = content.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def row(number: int, *texts: Any) -> dict[str, Any]:
    return {"image": f"images/{number}.png", "captions": list(texts)}


def kept(corpus: Captioned, folder: Path) -> list[tuple[str, tuple[str, ...], int]]:
    """Each example's picture within the folder, its texts and its line."""
    return [
        (Path(example.source).relative_to(folder).as_posix(), example.references, example.line) for example in corpus
    ]


# --- formats


def test_json_lines_give_a_picture_and_its_texts(folder: Path) -> None:
    path = jsonl(folder, row(3, " a  dog\n", "two dogs"), {"captions": "one", "image": str(folder / "images/1.png")})
    corpus = open_captioned(path)
    assert list(corpus) == [
        Example(str(folder / "images" / "3.png"), "a dog", 1, others=("two dogs",)),
        Example(str(folder / "images" / "1.png"), "one", 2),
    ]
    assert corpus.findings.summary() == ["2 pictures kept"]
    assert (str(corpus), corpus.place(2)) == (str(path), "a.jsonl:2")


def test_names_of_fields_can_be_chosen(folder: Path) -> None:
    path = jsonl(folder, {"file": "images/2.png", "said": ["x", "y"], "captions": ["no"]})
    assert kept(open_captioned(path, image="file", texts="said"), folder) == [("images/2.png", ("x", "y"), 1)]


def test_labels_become_one_text_in_their_order_and_once(folder: Path) -> None:
    path = jsonl(folder, {"image": "images/2.png", "labels": ["sea", " big  dog", "sea", "", "air"]})
    corpus = open_captioned(path, labels=True)
    assert kept(corpus, folder) == [("images/2.png", ("sea, big dog, air",), 1)]
    table = text(folder / "a.csv", "image,label\nimages/1.png,sea\nimages/1.png,dog\n")
    assert kept(open_captioned(table, labels=True), folder) == [("images/1.png", ("sea, dog",), 2)]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.tsv", "A.TSV"])
def test_rows_of_one_picture_are_gathered_where_it_first_stands(folder: Path, name: str) -> None:
    content = "id,image,caption\n1,images/4.png,x\n2,images/2.png,y\n\n3,images/4.png,z\n4,images/2.png\n"
    path = text(folder / name, content if "csv" in name else content.replace(",", "\t"))
    corpus = open_captioned(path)
    assert kept(corpus, folder) == [("images/4.png", ("x", "z"), 2), ("images/2.png", ("y",), 3)]
    assert corpus.findings.skipped.places == {Rule.EMPTY_LINE: [f"{name}:4"], Rule.MISSING_COLUMN: [f"{name}:6"]}


def test_quoted_and_unquoted_commas_belong_to_the_caption(folder: Path) -> None:
    path = text(folder / "a.csv", 'image,caption\nimages/1.png,"a, b"\nimages/1.png,c, d ,e\n')
    assert kept(open_captioned(path), folder) == [("images/1.png", ("a, b", "c, d ,e"), 2)]
    path = text(folder / "b.csv", '"caption";"image"\n"a; b";images/1.png\n')
    assert kept(open_captioned(path), folder) == [("images/1.png", ("a; b",), 2)]


@pytest.mark.parametrize("where", ["Images", "images", "", "Flicker8k_Dataset"])
def test_a_folder_of_flickr8k_is_read_as_it_comes(tmp_path: Path, where: str) -> None:
    for number in (1, 2):
        plain(tmp_path / where / f"{number}.png", number)
    text(tmp_path / "captions.txt", "image,caption\n1.png,A dog , running .\n1.png,Dogs\n2.png,Sea\n")
    expected = [(f"{where}/1.png".strip("/"), ("A dog , running .", "Dogs"), 2),
                (f"{where}/2.png".strip("/"), ("Sea",), 4)]  # fmt: skip
    for data in (tmp_path, tmp_path / "captions.txt"):
        assert kept(open_captioned(data), tmp_path) == expected
    assert str(open_captioned(tmp_path)) == str(tmp_path)


def test_the_older_list_of_flickr8k_is_read(folder: Path) -> None:
    text(folder / "Flickr8k.token.txt", "1.png#0\tA dog .\n1.png#1\tDogs\n\nnothing\n2.png#0\tSea # air\n")
    corpus = open_captioned(folder)
    assert kept(corpus, folder) == [("images/1.png", ("A dog .", "Dogs"), 1), ("images/2.png", ("Sea # air",), 5)]
    assert corpus.findings.skipped.places == {
        Rule.EMPTY_LINE: ["Flickr8k.token.txt:3"],
        Rule.MISSING_COLUMN: ["Flickr8k.token.txt:4"],
    }


KARPATHY = {
    "dataset": "drawn",
    "images": [
        {"filename": "1.png", "split": "train", "sentences": [{"raw": "A dog.", "tokens": ["a", "dog"]}]},
        {"filename": "2.png", "split": "val", "sentences": [{"tokens": ["the", "sea"]}, {"raw": "Sea"}]},
        {"filename": "3.png", "filepath": "more", "split": "restval", "sentences": [{"raw": "x"}]},
        {"filename": 4, "split": "train", "sentences": [{"raw": "x"}]},
        {"filename": "5.png", "split": "train", "sentences": [{"raw": 5}, 5]},
    ],
}


def test_a_split_of_a_karpathy_file_is_chosen(folder: Path) -> None:
    plain(folder / "more" / "3.png", 3)
    path = text(folder / "dataset.json", json.dumps(KARPATHY))
    train = [("images/1.png", ("A dog.",), 1), ("more/3.png", ("x",), 3)]
    valid = [("images/2.png", ("the sea", "Sea"), 2)]
    assert kept(open_captioned(f"{path}#train"), folder) == train
    assert kept(open_captioned(f"{path}#val"), folder) == valid
    assert kept(open_captioned(f"{path}#restval"), folder) == train[1:]
    everything = open_captioned(path)
    assert kept(everything, folder) == [train[0], valid[0], train[1]]
    assert everything.findings.skipped.places == {
        Rule.UNNAMED: ["dataset.json:4"],
        Rule.NO_TEXT: ["dataset.json:5"],
    }
    assert str(open_captioned(f"{path}#val")) == f"{path}#val"


# --- bad rows

BAD: list[tuple[object, Rule]] = [
    (b"\xff", Rule.BROKEN_TEXT),
    (b'{"image": "images/1.png"', Rule.BROKEN_JSON),
    (b"[]", Rule.BROKEN_JSON),
    (b"  ", Rule.EMPTY_LINE),
    (b'{"image": "images/1.png", "captions": ["\\ud83d"]}', Rule.BROKEN_TEXT),
    (b'{"image": "\\ud83d", "captions": ["x"]}', Rule.BROKEN_TEXT),
    ({"image": "images/1.png"}, Rule.MISSING_FIELD),
    ({"captions": ["x"]}, Rule.MISSING_FIELD),
    ({"image": 7, "captions": ["x"]}, Rule.UNNAMED),
    ({"image": " ", "captions": ["x"]}, Rule.UNNAMED),
    (row(1), Rule.NO_TEXT),
    (row(1, "", " \n", 7, None, "x" * (LONGEST + 1)), Rule.NO_TEXT),
    ({"image": "images/1.png", "captions": {"a": "b"}}, Rule.NO_TEXT),
    ({"image": "images/none.png", "captions": "x"}, Rule.NO_PICTURE),
    ({"image": "a\0b", "captions": "x"}, Rule.NO_PICTURE),
    ({"image": "x" * 5000, "captions": "x"}, Rule.NO_PICTURE),
    ({"image": "images", "captions": "x"}, Rule.BROKEN_PICTURE),
    ({"image": "a.jsonl", "captions": "x"}, Rule.BROKEN_PICTURE),
    ({"image": "cut.jpg", "captions": "x"}, Rule.BROKEN_PICTURE),
    ({"image": "large.jpg", "captions": "x"}, Rule.LARGE_PICTURE),
]


@pytest.mark.parametrize(("record", "rule"), BAD, ids=range(len(BAD)))
def test_a_bad_row_is_skipped_and_told_of_in_every_pass(folder: Path, record: object, rule: Rule) -> None:
    whole = save(folder / "cut.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) * 3 // 4])
    with (folder / "large.jpg").open("wb") as file:
        file.truncate(pictures.BYTES + 1)
    corpus = open_captioned(jsonl(folder, row(3, "x"), record, row(4, "y")))
    for _ in range(2):
        assert kept(corpus, folder) == [("images/3.png", ("x",), 1), ("images/4.png", ("y",), 3)]
        assert corpus.findings.summary() == ["2 pictures kept", f"1 row skipped: {rule} (a.jsonl:2)"]


def test_texts_beside_good_ones_are_dropped_or_mended(folder: Path) -> None:
    corpus = open_captioned(jsonl(folder, row(3, "", "x"), row(4, "a\0b", "y", 7)))
    assert kept(corpus, folder) == [("images/3.png", ("x",), 1), ("images/4.png", ("a b", "y"), 2)]
    assert corpus.findings.mended.places == {Rule.DROPPED: ["a.jsonl:1", "a.jsonl:2"], Rule.CONTROLS: ["a.jsonl:2"]}


def test_each_picture_is_decoded_once_however_often_it_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = open_captioned(jsonl(folder, *(row(n, "x") for n in range(9)), row(77, "x")))
    decoded: list[str] = []
    check = pictures.check
    monkeypatch.setattr(captioned.pictures, "check", lambda path: (decoded.append(path), check(path))[1])
    next(iter(corpus))
    for _ in range(3):
        assert len(list(corpus)) == 9
        assert corpus.findings.skipped.counts == {Rule.NO_PICTURE: 1}
    assert len(decoded) == len(set(decoded)) == 10


def test_the_fingerprint_is_of_names_and_texts(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    records = [row(1, "x", "y"), row(99, "z"), row(2, "é")]
    corpus = open_captioned(jsonl(folder, *records))
    with pytest.raises(UsageError, match="known once all examples were read"):
        _ = corpus.fingerprint
    list(corpus)
    assert corpus.fingerprint == sha256("images/1.png\tx\ty\nimages/2.png\té\n".encode()).hexdigest()
    moved = folder.rename(tmp_path_factory.mktemp("moved") / "here")
    again = open_captioned(jsonl(moved, *records))
    list(again)
    assert again.fingerprint == corpus.fingerprint


# --- unusable data


def refused(data: str | Path, message: str, **options: Any) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        open_captioned(data, **options)


def test_what_cannot_be_used_is_refused_before_any_work(folder: Path) -> None:
    good = jsonl(folder, row(1, "x"))
    with pytest.raises(NoSuchFile, match=r"Did you mean 'a\.jsonl'\?"):
        open_captioned(folder / "b.jsonl")
    refused(jsonl(folder, row(1, "x"), name="a.jsnl"), "unknown suffix '.jsnl'. Did you mean '.jsonl'?")
    refused(good, "No field 'caption'. Did you mean 'captions'? There are: captions, image.", texts="caption")
    refused(good, "No field 'labels'", labels=True)
    refused(good, "No field 'img'. Did you mean 'image'?", image="img")
    refused(jsonl(folder, name="empty.jsonl"), "empty.jsonl: names no picture.")
    refused(
        jsonl(folder, row(44, "x"), name="b.jsonl"),
        f"no such picture (b.jsonl:1). Pictures are looked for in {folder}.",
    )
    refused(folder, "is a folder without captions.txt or Flickr8k.token.txt")
    refused(f"{good}#val", "only .json files have splits")
    refused(
        text(folder / "a.csv", "image,captoin\nimages/1.png,x\n"),
        "a.csv:1: no column 'captions'. Did you mean 'captoin'?",
    )
    refused(text(folder / "a.tsv", "images/1.png\tx\n"), "The first row must name the columns")
    refused(text(folder / "c.csv", ""), "c.csv:1: no column 'image'")
    refused(text(folder / "a.json", '{"images": 7}'), 'a.json: has no list of "images"')
    refused(text(folder / "b.json", "{}\n{}\n"), "b.json: is not one JSON document (Extra data")
    refused(
        text(folder / "d.json", json.dumps(KARPATHY)).with_name("d.json#vall"),
        "d.json: no split 'vall'. Did you mean 'val'?",
    )
    refused(text(folder / "e.json", '{"images": []}'), "e.json: names no picture")


WHOLE = {
    "a.jsonl": b'{"image": "images/1.png", "captions": ["x", "y"]}\n' * 4,
    "a.csv": b'image,caption\nimages/1.png,"a, b"\nimages/1.png,x\n' * 2,
    "a.tsv": b"\xef\xbb\xbfimage\tcaption\nimages/1.png\tx\n" * 2,
    "captions.txt": b"image,caption\n1.png,x\n" * 2,
    "Flickr8k.token.txt": b"1.png#0\tx\n" * 3,
    "a.json": json.dumps(KARPATHY).encode(),
}
SPLINTERS = (b'"', b",", b"\n", b"\t", b"\0", b"\xff", b"{", b"}", b"[", b"]", b"null", b"\\ud83d", b"#", b"NaN")


@pytest.mark.parametrize("name", WHOLE)
def test_whatever_is_broken_every_pass_finds_the_same_or_says_why_not(folder: Path, name: str) -> None:
    dice = random.Random(name)
    for _ in range(80):
        content = bytearray(WHOLE[name])
        for _ in range(dice.randint(0, 6)):
            at = dice.randrange(len(content))
            content[at : at + dice.choice((0, 0, 1, 9))] = dice.choice((b"", *SPLINTERS))
        (folder / name).write_bytes(content)
        try:
            holds(folder / name)
            corpus = open_captioned(folder / name)
            assert list(corpus) == list(corpus) != []
        except DataError as error:
            assert name in str(error)


def test_what_a_file_seems_to_hold_is_told_without_reading_it(folder: Path) -> None:
    assert holds(jsonl(folder, row(1, "x"))) == "captions"
    assert holds(jsonl(folder, {"image": "x", "labels": []}, name="b.jsonl")) == "labels"
    assert holds(jsonl(folder, {"source": "x", "target": "y"}, name="c.jsonl")) == ""
    assert holds(text(folder / "a.csv", "id,image,caption\n")) == "captions"
    assert holds(text(folder / "a.tsv", "image\tlabel\n")) == "labels"
    assert holds(text(folder / "b.tsv", "an image\ta caption\n")) == ""
    assert holds(text(folder / "a.txt", "an image\ta caption\n")) == ""
    assert holds(f"{text(folder / 'd.json', '{}')}#val") == "captions"
    assert holds(folder) == holds(folder / "none.jsonl") == ""
    text(folder / "captions.txt", "image,caption\n")
    assert holds(folder) == holds(folder / "captions.txt") == "captions"


def test_real_captions_are_read_whole() -> None:
    path = DATA / "flickr8k" / "valid.jsonl"
    if not path.exists():
        pytest.skip(f"no real data at {path}")
    corpus = open_captioned(path)
    examples = list(corpus)
    assert (len(examples), corpus.findings.skipped.counts.total()) == (1000, 0)
    assert {len(example.references) for example in examples} == {5}
