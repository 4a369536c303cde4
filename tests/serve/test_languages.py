"""Which languages a model has, and which one a text is in."""

import json
from pathlib import Path
from typing import Any

import pytest

from regard import config as configs
from regard.errors import UsageError
from regard.predictor import Predictor
from regard.serve import languages
from regard.serve.detect import learnt

ENGLISH = ["The man is riding a bicycle on the street.", "Two women walk with their dog.", "This is what they had."]
FRENCH = [
    "L'homme fait du v\u00e9lo dans la rue.",
    "Deux femmes se prom\u00e8nent avec leur chien.",
    "C'est ce qu'ils avaient.",
]


@pytest.mark.parametrize(
    ("data", "folder", "pair"),
    [
        ({"train": ["x/train.en", "x/train.fr"]}, "run", ("en", "fr")),
        ({"train": ["x/train.de.gz", "x/train.en.gz"]}, "fr-en", ("de", "en")),
        ({"train": "x.csv", "source": "nl", "target": "de"}, "fr-en", ("nl", "de")),
        ({"train": "x/pairs.en-cs.tsv"}, "run", ("en", "cs")),
        ({"train": "pairs.tsv"}, "multi30k-en-fr", ("en", "fr")),
        ({"train": "pairs.tsv"}, "en_fr_tiny", ("en", "fr")),
        ({"train": "pairs.tsv"}, "pairs", None),
        ({"train": "pairs.tsv"}, "en-fr-de", None),  # of which two?
    ],
)
def test_languages_are_found_in_names(data: dict[str, Any], folder: str, pair: languages.Pair | None) -> None:
    assert languages.found(configs.check({"data": data}), folder) == pair


def test_languages_are_as_they_are_said() -> None:
    assert languages.told(["en-fr"], ["a"]) == {"a": ("en", "fr")}
    assert languages.told(["b=en:pt-BR", "a=de-en"], ["a", "b"]) == {"a": ("de", "en"), "b": ("en", "pt-BR")}
    assert languages.name("pt-BR") == "Portuguese (BR)" and languages.name("xx") == "xx"


@pytest.mark.parametrize(
    ("given", "models", "says"),
    [
        ("english", ["a"], "--languages english is no pair of languages; it wants SOURCE-TARGET, such as en-fr."),
        ("en-fr", ["a", "b"], "--languages en-fr is of which model? Say it as in a=en-fr."),
        ("modle=en-fr", ["model"], "--languages modle=en-fr: there is no model 'modle'. Did you mean 'model'?"),
    ],
)
def test_what_is_said_wrong_is_told(given: str, models: list[str], says: str) -> None:
    with pytest.raises(UsageError) as error:
        languages.told([given], models)
    assert str(error.value).startswith(says)


def write(folder: Path, pairs: list[tuple[str, str]]) -> Path:
    (folder / "training").mkdir(parents=True)
    rows = [json.dumps({"source": source, "target": target, "line": 1}) for source, target in pairs]
    (folder / "training" / "valid.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def test_a_text_is_in_the_language_whose_letters_it_has(model: Predictor, tmp_path: Path) -> None:
    pairs = list(zip(ENGLISH, FRENCH, strict=True))
    there = write(tmp_path / "there", pairs)
    back = write(tmp_path / "back", [(french, english) for english, french in pairs])
    detect = learnt([(model, there, ("en", "fr")), (model, back, ("fr", "en"))])
    assert detect(["the woman is on a bicycle with their man"])[0][0] == "en"
    assert detect(["la femme est dans la rue avec leur v\u00e9lo"])[0][0] == "fr"
    assert [code for code, _ in detect(["the dog"], ["fr"])] == ["fr"]
    found = detect(["the man walks"])
    assert found == sorted(found, key=lambda one: -one[1]) and sum(share for _, share in found) <= 1.000001
    assert sum(share for _, share in detect(["\u4eca\u65e5\u306f\u826f\u3044\u5929\u6c17\u3067\u3059\u306d"])) < 0.01


def test_a_folder_without_sentences_is_known_by_its_vocabulary(model: Predictor, tmp_path: Path) -> None:
    detect = learnt([(model, tmp_path, ("en", "fr"))])
    ((code, sure),) = detect(["a b c d"])
    assert code == "en" and sure > 0.5
