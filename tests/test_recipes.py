"""Every recipe is run, shortened: on a few made-up pairs always, on its own data where that is there."""

import json
import tomllib
from pathlib import Path

import pytest

import drawings
import letters
import shapes
from regard import config as configs
from regard.build import find
from regard.cli import main
from regard.comparison.measure import Run
from regard.comparison.runner import check_fit
from regard.comparison.variants import variants
from regard.sections import Compare

ROOT = Path(__file__).parents[1]
RECIPES = sorted((ROOT / "recipes").glob("*.toml"))
SHORT = [
    "train.steps=2",
    "train.threads=1",
    "embedding.size=8",
    "encoder.size=8",
    "decoder.size=16",
    "decode.beam=2",
    "decode.ratio=0.1",
    "decode.extra=1",
]


ROW = {
    "source": "a long text .",
    "target": "a text",
    "title": "long text",
    "context": "Ann is here .",
    "answers": ["here"],
    "supports": [0],
}
ASKED = {"answer": "where is Ann ? ||| Ann is here ."}


def run(recipe: Path, out: Path, *changes: str, source: str = "a line of text") -> None:
    arguments = [argument for change in [*SHORT, *changes] for argument in ("--set", change)]
    assert main(["train", str(recipe), "--out", str(out), *arguments]) == 0
    assert letters.progress(out)["step"] == 2
    assert main(["run", str(out), source]) == 0


def task(recipe: Path) -> str:
    return str(tomllib.loads(recipe.read_text(encoding="utf-8")).get("task", "translate"))


def sees(recipe: Path) -> bool:
    """Whether it learns from pictures."""
    return bool(
        find("tasks", tomllib.loads(recipe.read_text(encoding="utf-8")).get("task", "translate")).reads != "text"
    )


def draws(recipe: Path) -> bool:
    """Whether it draws pictures."""
    return task(recipe) == "draw"


TEXTS = [recipe for recipe in RECIPES if not sees(recipe) and not draws(recipe)]
DRAWINGS = [recipe for recipe in RECIPES if draws(recipe)]
PICTURES = [recipe for recipe in RECIPES if sees(recipe)]


def test_there_are_recipes() -> None:
    assert RECIPES


@pytest.mark.parametrize("recipe", PICTURES, ids=lambda path: path.stem)
def test_a_recipe_runs_on_drawn_pictures(recipe: Path, tmp_path: Path) -> None:
    shape = {"embedding_size": 8, "hidden_sizes": [8, 12], "depths": [1, 1], "layer_type": "basic"}
    backbones = pytest.importorskip("transformers")
    backbones.ResNetModel(backbones.ResNetConfig(**shape)).save_pretrained(tmp_path / "backbone")
    file = shapes.write(tmp_path, shapes.scenes(20, 1))
    changes = [f"data.{name}={file}" for name in ("train", "valid")]
    changes += ["picture.side=32", f"picture.cache={tmp_path / 'cache'}"]
    if tomllib.loads(recipe.read_text(encoding="utf-8"))["encoder"]["name"] == "backbone":
        changes.append(f"encoder.model={tmp_path / 'backbone'}")
    run(recipe, tmp_path / "out", *changes, source=str(tmp_path / "pictures" / "0000.png"))


@pytest.mark.parametrize("recipe", DRAWINGS, ids=lambda path: path.stem)
def test_a_recipe_draws_made_up_scenes(recipe: Path, tmp_path: Path) -> None:
    file = drawings.scenes(tmp_path, 30)
    changes = [f"data.{name}={file}" for name in ("train", "valid")]
    changes += ["picture.side=24", "picture.colours=true", f"picture.cache={tmp_path / 'cache'}"]
    arguments = [argument for change in [*SHORT, *changes] for argument in ("--set", change)]
    assert main(["train", str(recipe), "--out", str(tmp_path / "out"), *arguments]) == 0
    assert letters.progress(tmp_path / "out")["step"] == 2
    words = "a red ring at the left" if configs.read(recipe).data.source else ""
    assert main(["run", str(tmp_path / "out"), words, "--output", str(tmp_path / "drawn.png")]) == 0
    assert (tmp_path / "drawn.png").exists()


ROWS = [recipe for recipe in TEXTS if task(recipe) in ("summarise", "answer")]


@pytest.mark.parametrize("recipe", ROWS, ids=lambda path: path.stem)
def test_a_recipe_runs_on_made_up_rows(recipe: Path, tmp_path: Path) -> None:
    rows = [{**ROW, "question": f"where is Ann {i} ?", "source": f"{ROW['source']} {i}"} for i in range(60)]
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    given = tomllib.loads(recipe.read_text(encoding="utf-8"))["data"]
    changes = [f"data.{name}={file}" for name in ("train", "valid") if name in given]
    run(recipe, tmp_path / "out", *changes, "codec.minimum=1", source=ASKED.get(task(recipe), "a line of text"))


@pytest.mark.parametrize("recipe", [r for r in TEXTS if r not in ROWS], ids=lambda path: path.stem)
def test_a_recipe_runs_on_made_up_pairs(recipe: Path, tmp_path: Path) -> None:
    for name, seed in (("train", 1), ("valid", 2)):
        letters.write_pairs(tmp_path / f"{name}.tsv", letters.lines(60, 5, seed))
    changes = [f"data.{name}={tmp_path / name}.tsv" for name in ("train", "valid")]
    run(recipe, tmp_path / "out", *changes)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_the_header_of_a_recipe_holds_its_command(recipe: Path) -> None:
    header = recipe.read_text(encoding="utf-8").partition("\n\n[")[0]
    assert f"regard train recipes/{recipe.name}" in header


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_names_only_options_that_are_there(recipe: Path) -> None:
    given = tomllib.loads(recipe.read_text(encoding="utf-8"))
    if not Path(configs.anchor(given, recipe.parent)["encoder"].get("model", recipe.parent)).exists():
        pytest.skip("its backbone is not here")
    config = configs.read(recipe)
    assert config.seed == given.get("seed", 1)
    assert config.encoder["size"] == given["encoder"]["size"]


COMPARED = [recipe for recipe in TEXTS if configs.read(recipe).compare != Compare()]
every_comparison = pytest.mark.parametrize("recipe", COMPARED, ids=lambda path: path.stem)


@every_comparison
def test_every_variant_of_a_recipe_can_be_built(recipe: Path, tmp_path: Path) -> None:
    for variant in variants(configs.read(recipe).compare):
        check_fit(Run(variant.name, configs.read(recipe, variant.settings), tmp_path))


@every_comparison
def test_the_header_of_a_comparison_holds_its_command(recipe: Path) -> None:
    assert f"regard compare recipes/{recipe.name}" in recipe.read_text(encoding="utf-8").partition("\n\n[")[0]


@pytest.mark.slow
@every_comparison
def test_a_recipe_compares_made_up_pairs(recipe: Path, tmp_path: Path) -> None:
    pairs = letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(60, 5, 1))
    changes = [*SHORT, *(f"data.{name}={pairs}" for name in ("train", "valid")), "codec.name=words"]
    arguments = [argument for change in changes for argument in ("--set", change)]
    assert main(["compare", str(recipe), "--out", str(tmp_path / "out"), "--test", str(pairs), *arguments]) == 0
    names = {variant.folder for variant in variants(configs.read(recipe).compare)}
    assert {path.name for path in (tmp_path / "out").iterdir() if path.is_dir()} == names


@pytest.mark.slow
@pytest.mark.parametrize("recipe", TEXTS, ids=lambda path: path.stem)
def test_a_recipe_runs_on_its_own_data(recipe: Path, tmp_path: Path) -> None:
    data = configs.read(recipe).data
    named = [name for name in (data.train, data.valid) if name]
    files = [Path(name) for names in named for name in ([names] if isinstance(names, str) else names)]
    missing = [path.name for path in files if not path.exists()]
    if missing:
        pytest.skip(f"the data of {recipe.name} is not here: {', '.join(missing)}")
    run(recipe, tmp_path / "out", source=ASKED.get(task(recipe), "a line of text"))
