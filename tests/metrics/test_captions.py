"""Caption metrics: by hand, and as the scorers that papers use give them."""

import math
from collections.abc import Sequence

import pytest

from regard.build import build
from regard.errors import ConfigError
from regard.metrics import Metric

OUTPUTS = [
    "A red kite is flying over the sea.",
    "two kites",
    "the old man repairs the old boat, and a girl watches",
    "A lamp.",
    "",
]
REFERENCES = [
    ["A red kite flies above the sea .", "Somebody's kite is flying over the sea", "A kite, red as a brick!"],
    ["Two children fly their kites on the beach.", "Two kites"],
    ["An old man is repairing a boat while a girl watches him.", "The girl watches the old man repair the boat"],
    ["A lamp hangs over a table."],
    ["Nothing to be seen here.", "An empty room"],
]


def value(name: str, outputs: Sequence[str], references: Sequence[Sequence[str]], **options: int) -> float:
    metric: Metric = build("metrics", {"name": name, **options})
    return metric(outputs, references).value


def test_bleu_cider_and_rouge_are_those_of_coco_caption() -> None:
    # pycocoevalcap 1.2, on the words of its PTBTokenizer (stanford-corenlp-3.4.1.jar); aac-metrics 0.5.5 gives the same
    expected = {4: 35.53122643380892, 3: 46.07237641072096, 2: 54.47371637000005, 1: 61.41058144664311}
    for order, bleu in expected.items():
        assert value("caption_bleu", OUTPUTS, REFERENCES, order=order) == pytest.approx(bleu, abs=1e-8)
    assert value("cider", OUTPUTS, REFERENCES) == pytest.approx(221.11976729383298, abs=1e-8)
    assert value("rouge_l", OUTPUTS, REFERENCES) == pytest.approx(55.20035022778399, abs=1e-8)


def test_exact_and_stem_stages_are_those_of_meteor() -> None:
    # meteor-1.5.jar of pycocoevalcap 1.2, -m "exact stem" -p "0.85 0.2 0.6 0.5" -w "1.0 0.6", on the same words
    assert value("meteor_exact_stem", OUTPUTS, REFERENCES) == pytest.approx(32.56161482885635, abs=1e-8)
    lines = [0.43552779655278934, 1.0, 0.4142199815807232, 0.17691468963789833, 0.0]
    for output, references, expected in zip(OUTPUTS, REFERENCES, lines, strict=True):
        assert value("meteor_exact_stem", [output], [references]) == pytest.approx(100 * expected, abs=1e-8)


def test_bleu_by_hand() -> None:
    # of 4 words 3 are right (the second "a" is not), of 3 pairs 1; 5 and 7 words are 1 and 3 away: 5 counts
    found = value("caption_bleu", ["a b a c"], [["a b d c e", "c x y z v w u"]], order=2)
    assert found == pytest.approx(100 * math.sqrt(3 / 4 * 1 / 3) * math.exp(1 - 5 / 4))
    # 3 and 5 words are as near to 4: the shorter counts, so that nothing is taken off
    assert value("caption_bleu", ["a b c d"], [["a b c", "a b c d e"]], order=4) == pytest.approx(100)


def test_bleu_is_of_the_whole_corpus_not_a_mean_of_lines() -> None:
    found = value("caption_bleu", ["a", "b c d"], [["a"], ["b x y"]], order=1)
    assert found == pytest.approx(100 * 2 / 4)


def test_bleu_wants_an_order_that_exists() -> None:
    with pytest.raises(ConfigError, match="order is 0; it wants a whole number from 1 to 9"):
        build("metrics", {"name": "caption_bleu", "order": 0})
    assert build("metrics", {"name": "caption_bleu", "order": 1}).label == "BLEU-1"


def test_rouge_by_hand() -> None:
    # "a c d" is common to the first, "c" to the second: P = 3/4 of the first, R = 1 of the second
    found = value("rouge_l", ["a b c d"], [["x a c y d z", "c"]])
    assert found == pytest.approx(100 * (1 + 1.44) * 0.75 * 1 / (1 + 1.44 * 0.75))


def test_cider_by_hand() -> None:
    # Three lines. Of the first, "a" is in one other line too, "b" and "a b" are in no other.
    references = [["a b"], ["a x"], ["y z"]]
    once, twice = math.log(3), math.log(3 / 2)
    # Of "b c", "c" is in no reference: it weighs what "b" does.
    unigrams = once * once / (math.hypot(once, once) * math.hypot(once, twice))
    found = value("cider", ["b c", "", ""], references)
    assert found == pytest.approx(1000 / 4 * unigrams / 3)
    # Lengths differ by three pairs of words.
    longer = value("cider", ["b c c c c", "", ""], references)
    unigrams = once * once / (math.hypot(once, 4 * once) * math.hypot(once, twice))
    assert longer == pytest.approx(1000 / 4 * unigrams / 3 * math.exp(-9 / 72))


def test_cider_of_one_picture_is_nothing_because_no_word_is_rarer_than_another() -> None:
    assert value("cider", ["a dog runs fast"], [["a dog runs fast", "a cat"]]) == 0
    assert value("cider", ["a dog runs fast", "x"], [["a dog runs fast"], ["y"]]) == pytest.approx(500)


def test_cider_is_a_mean_over_references_and_the_others_take_the_best() -> None:
    one, other = "a dog runs over grass", "some quite different words here"
    both, apart = [[one, other], ["x"]], [[one], ["x"]]
    assert value("cider", [one, ""], both) == pytest.approx(value("cider", [one, ""], apart) / 2)
    for name in ("rouge_l", "meteor_exact_stem"):
        assert value(name, [one], [[one, other]]) == pytest.approx(100)


def test_meteor_by_hand() -> None:
    # dogs ~ dog (a stem), in a: words; "in a dogs" are three chunks of three matches
    found = value("meteor_exact_stem", ["dogs run in a field"], [["in a big dog"]])
    weight, matches, chunks = 2 + 0.6, 3, 2
    precision, recall = weight / 5, weight / 4
    mean = precision * recall / (0.85 * precision + 0.15 * recall)
    assert found == pytest.approx(100 * mean * (1 - 0.6 * (chunks / matches) ** 0.2))


@pytest.mark.parametrize("name", ["caption_bleu", "cider", "rouge_l", "meteor_exact_stem"])
def test_case_punctuation_and_the_shape_of_quotes_do_not_count_but_accents_do(name: str) -> None:
    plain = ["a man's café sells fresh bread", "犬 と 猫 と 鳥"]
    dressed = ["A man\u2019s CAFÉ sells \u201cfresh\u201d bread.", "犬、 と 猫 と 鳥"]
    references = [[text] for text in plain]
    assert value(name, [dressed[0], plain[1]], references) == pytest.approx(value(name, plain, references))
    assert value(name, ["a man's cafe sells fresh bread", plain[1]], references) < value(name, plain, references)
