"""Terms: found as whole words, the longest first, and those in the same case before others."""

from pathlib import Path

import pytest

from regard.errors import DataError, NoSuchFile
from regard.wording.glossary import Glossary, contains

TERMS = Glossary(
    [
        ("bike", ("vélo",)),
        ("mountain bike", ("VTT",)),
        ("US", ("États-Unis",)),
        ("us", ("nous",)),
        ("take off", ("décoller", "piste")),
        ("C++", ("C++",)),
    ]
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("A bike.", ("vélo",)),
        ("A mountain bike and a bike", ("VTT", "vélo")),
        ("mountain, bike", ("vélo",)),
        ("bikes", ()),
        ("a motorbike", ()),
        ("The US and us", ("États-Unis", "nous")),
        ("Us", ("États-Unis",)),
        ("MOUNTAIN   Bike", ("VTT",)),
        ("They take off", ("décoller", "piste")),
        ("bike bike", ("vélo",)),
        ("(bike)", ("vélo",)),
        ("I write C++.", ("C++",)),
        ("", ()),
    ],
)
def test_terms_are_found(text: str, terms: tuple[str, ...]) -> None:
    assert TERMS(text) == terms


def test_a_term_alone_has_a_translation() -> None:
    assert [TERMS.translation(word) for word in ("bike", "Bike", "take off", "bikes", "", "a bike")] == [
        *("vélo", "vélo", "décoller piste", None, None, None)
    ]


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_bytes("\ufeffbike\tvélo\r\n\n  red   car \tvoiture rouge\n".encode())
    terms = Glossary.read(tmp_path / "t.tsv")
    assert terms("a Red car, a bike") == ("voiture rouge", "vélo")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"bike\tv\xc3\xa9lo\nbike\n", r"t\.tsv:2: got 'bike', expected a source term, a tab, and a target term"),
        (b"bike\t\n", r"t\.tsv:1: got 'bike\\t', expected"),
        (b"\tx\n", r"t\.tsv:1: got"),
        (b"a\tx\nb\ty\na\tz\n", r"t\.tsv:3: the term 'a' is there twice, first in line 1"),
        (b"a\t\xff\n", r"t\.tsv:1: holds bytes that are not UTF-8"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "t.tsv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        Glossary.read(tmp_path / "t.tsv")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"terms\.tsv: no such file"):
        Glossary.read(tmp_path / "terms.tsv")


def test_an_output_contains_whole_words_only() -> None:
    assert contains("l'homme court", "homme")
    assert not contains("les hommes", "homme")
    assert not contains("Homme", "homme")
    assert contains("en C++.", "C++")
