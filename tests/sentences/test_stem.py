"""Stems: a word for each rule of the algorithm; the stems are those of snowballstemmer 2.2.0."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.sentences.stem import stem

STEMS = """
a a  is is  skis ski  dying die  early earli  news news  caresses caress  ponies poni  ties tie  cries cri  dies die
gas gas  this this  kiwis kiwi  gaps gap  bus bus  grass grass  dogs dog  man's man  men's men
agreed agre  feed feed  plastered plaster  motoring motor  sing sing  hopping hop  hoping hope  sized size
luxuriated luxuri  falling fall  herring herring  proceeding proceed  cry cri  by by  say say  dyed dy
boy boy  youth youth  yellow yellow
playing play  playground playground  happily happili  national nation  rational ration  conditional condit
hopefulness hope  kindness kind  quickly quick  generously generous  communities communiti  arsenal arsenal
sensibility sensibl  geology geolog  logistics logist  electrical electr  formative format  adoption adopt
adjustment adjust  replacement replac  controlling control  rate rate  roll roll  cease ceas
bikes bike  bicycles bicycl
"""


@pytest.mark.parametrize("pair", [pair for line in STEMS.strip().split("\n") for pair in line.split("  ")])
def test_stems(pair: str) -> None:
    word, expected = pair.split()
    assert stem(word) == expected


@given(st.text("abeilnsdgty'y", max_size=12))
def test_any_word_has_a_stem_no_longer_than_one_letter_more(word: str) -> None:
    assert len(stem(word)) <= len(word) + 1
    assert bool(stem(word)) or not word.strip("'s")


def test_words_of_other_scripts_are_left_alone() -> None:
    assert stem("日本語") == "日本語"
    assert stem("-lrb-") == "-lrb-"
