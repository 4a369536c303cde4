"""Tags in a translation stand where the words went that they held; none is lost, and nothing else is markup."""

import re
from html import unescape

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.serve import markup, plain
from regard.serve.markup import TAG
from regard.types import Record

Links = list[tuple[int, int]]


def record(source: str, target: str, links: Links) -> Record:
    """A translation whose target words look at the source words that they are linked with, as (source, target)."""
    sides = source.split(), target.split()
    weights = np.zeros((len(sides[1]) + 1, len(sides[0]) + 1), np.float32)
    weights[-1, -1] = 1
    for i, j in links:
        weights[j, i] = 1
    tokens = [(*(f"\u2581{word}" for word in side), "</s>") for side in sides]
    return Record(source, target, tokens[0], tokens[1], np.zeros(len(tokens[1]), np.float32), weights)


def straight(source: str) -> Record:
    words = source.split()
    return record(source, source.upper(), [(i, i) for i in range(len(words))])


@pytest.mark.parametrize(
    ("html", "target", "links", "wanted"),
    [
        ("the <b>black</b> dog", "le chien noir", [(0, 0), (2, 1), (1, 2)], "le chien <b>noir</b>"),
        ("The <b>black</b> dog.", "Le chien noir.", [(0, 0), (2, 1), (1, 2)], "Le chien <b>noir</b>."),
        ("the <b>dog.</b>", "le chien.", [(0, 0), (1, 1)], "le <b>chien.</b>"),
        (
            'the <a href="x?a=1&amp;b=2">dog</a>.',
            "le chien.",
            [(0, 0), (1, 1)],
            'le <a href="x?a=1&amp;b=2">chien</a>.',
        ),
        (
            "a <a href=x>big <i>red</i> house</a> here",
            "une grande maison rouge ici",
            [(0, 0), (1, 1), (3, 2), (2, 3), (4, 4)],
            "une <a href=x>grande maison <i>rouge</i></a> ici",
        ),
        ("<i>not</i> now", "ne pas maintenant pas", [(0, 0), (0, 1), (1, 2), (0, 3)], "<i>ne pas maintenant pas</i>"),
        (
            "<i>a</i> b c d e",
            "A b c d e a",
            [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (0, 5)],
            "<i>A</i> b c d e <i>a</i>",
        ),
        ("see <img src=y> the cat", "voir le chat", [(0, 0), (1, 1), (2, 2)], "voir <img src=y> le chat"),
        ("see<sup>1</sup> it", "le voir1", [(1, 0), (0, 1)], "le <sup>voir1</sup>"),
        ("<b>so</b> gone", "parti", [(1, 0)], "<b>parti</b>"),  # a word that nothing came of leaves its tags
        ("<b>a<i>b</b>c</i>", "abc", [(0, 0)], "<b><i>abc</i></b>"),  # tags that cross are put in order
        ("a</b> b", "a b", [(0, 0), (1, 1)], "a</b> b"),
        ("<b>a b", "a b", [(0, 0), (1, 1)], "<b>a b"),
        ("1 &lt; 2 &amp; 3", "1 < 2 & 3", [(n, n) for n in range(5)], "1 &lt; 2 &amp; 3"),
        ("a < b", "a < b", [(0, 0), (1, 1), (2, 2)], "a &lt; b"),
        ("  <b>hi</b>\n", "salut", [(0, 0)], "  <b>salut</b>\n"),
        ("a <b>b</b>", "", [], "<b></b>"),
    ],
)
def test_tags_follow_their_words(html: str, target: str, links: Links, wanted: str) -> None:
    found = markup.read(html)
    (source,) = found.sources
    assert found.render([record(source, target, links)]) == wanted


@pytest.mark.parametrize(
    ("html", "sources"),
    [
        ("<p>One.</p><p>Two <em>three</em>.</p>", ["One.", "Two three."]),
        ("one<br>two", ["one", "two"]),
        ("<li>a<li>b", ["a", "b"]),
        ("<!-- no --><p>yes</p>", ["yes"]),
        ("<style>p > a {}</style>x", ["x"]),
        ("<pre>a  b</pre> c", [" c"]),
        ("use <code>ls -l</code> here", ["use  here"]),
        ("<p translate=no>a <b>b</b></p>c", ["c"]),
        ('<span class="notranslate x">Regard <span>x</span></span> runs', [" runs"]),
        ('<p title="a > b">x</p>', ["x"]),
        ("<textarea>a</textarea>", []),
        ("<script>never ends", []),
        (" \n ", []),
        ("", []),
    ],
)
def test_sentences_are_what_people_read(html: str, sources: list[str]) -> None:
    found = markup.read(html)
    assert found.sources == sources
    assert re.sub(r"\s", "", markup.read(html).render([record(s, s, []) for s in sources])) == re.sub(r"\s", "", html)


def test_a_model_without_attention_keeps_tags_in_proportion() -> None:
    found = markup.read("a b <b>c d</b>")
    nothing = record("a b c d", "A B C D", [])
    nothing.attention[:] = 0
    assert found.render([nothing]) == "A B <b>C D</b>"


PIECES = [
    "a",
    "b c",
    " ",
    ".",
    "<b>",
    "</b>",
    "<i class='x'>",
    "</i>",
    "<img>",
    "<p>",
    "</p>",
    "<br>",
    "&lt;",
    "&",
    "<",
    '"',
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14), st.randoms(use_true_random=False))
def test_every_tag_is_there_afterwards_and_every_word_is_text(pieces: list[str], luck: object) -> None:
    html = "".join(pieces)
    found = markup.read(html)
    records = []
    for source in found.sources:
        words = source.split()
        places = list(range(len(words)))
        luck.shuffle(places)  # type: ignore[attr-defined]
        records.append(record(source, " ".join(words), list(zip(places, range(len(words)), strict=True))))
    said = found.render(records)
    kept, tags = TAG.findall(html), TAG.findall(said)
    assert all(tags.count(tag) >= kept.count(tag) for tag in set(kept))
    assert set(tags) == set(kept)
    assert unescape(TAG.sub("", said)).split() == unescape(TAG.sub("\x01", html)).replace("\x01", "").split() or kept


@given(st.text(max_size=60))
def test_whatever_comes_in_something_goes_out(text: str) -> None:
    for read in (markup.read, plain.read):
        found = read(text)
        assert isinstance(found.render([straight(source) for source in found.sources]), str)


@given(st.text(alphabet="ab \n\r\u2028\t", max_size=30))
def test_plain_text_is_its_lines_and_what_is_between(text: str) -> None:
    found = plain.read(text)
    assert all(source.strip() for source in found.sources)
    assert "".join(found.parts) == text
    assert found.sources == [line for line in text.splitlines() if line.strip()]
