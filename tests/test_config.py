"""Config files: read, overridden, checked, completed, and written back."""

import re
import tomllib
from dataclasses import FrozenInstanceError, asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard import config
from regard.build import find, names, options
from regard.config import FILE, PARTS, SCHEMAS, check, override, read
from regard.errors import ConfigError, UsageError
from regard.patches import Patches
from regard.sections import Compare, Picture

SMALL = '[data]\ntrain = "pairs.tsv"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_little_is_completed_to_everything(tmp_path: Path) -> None:
    found = read(written(tmp_path, SMALL))
    tables = asdict(found)
    assert tables["task"] == "translate"
    assert tables["attention"]["name"] == "additive"
    for section, schema in SCHEMAS.items():
        assert set(tables[section]) == set(options(schema))
    for section, kind in PARTS.items():
        assert list(tables[section]) == ["name", *options(find(kind, tables[section]["name"]))]
    assert found.train.rate == 2e-3


def test_what_is_saved_is_complete_and_reads_back_the_same(tmp_path: Path) -> None:
    found = read(written(tmp_path, SMALL), ["train.rate=1", "seed=7", "attention.name=general"])
    found.save(tmp_path)
    assert read(tmp_path / FILE) == found
    saved = tomllib.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    # Which say nothing of a run on text.
    silent = {"compare": asdict(Compare()), "picture": asdict(Picture()), "patches": asdict(Patches())}
    assert saved | silent == asdict(found)


def test_what_a_run_is_compared_with_is_not_saved_with_it(tmp_path: Path) -> None:
    found = read(written(tmp_path, SMALL), ["compare.seeds=3", "compare.test=test.tsv"])
    assert found.compare.seeds == 3
    assert found.compare.test == str(Path.cwd() / "test.tsv")
    found.save(tmp_path)
    assert "compare" not in tomllib.loads((tmp_path / FILE).read_text(encoding="utf-8"))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.one_of(texts, st.lists(texts, max_size=3), st.integers(), st.booleans(), st.floats(allow_nan=False))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(train=st.one_of(texts, st.lists(texts, max_size=3)), value=values, source=texts)
def test_any_value_survives_the_way_to_toml_and_back(train: str | list[str], value: Any, source: str) -> None:
    found = check({"data": {"train": train, "source": source}})
    assert check(tomllib.loads(found.to_toml())) == found
    odd = config.Config(**{**vars(found), "codec": {"name": "x", "value": value}})
    assert tomllib.loads(odd.to_toml())["codec"]["value"] == value


@pytest.mark.parametrize(
    "text", ['a "b" c', "C:\\data\\new", "été\u2028\u00a0", "'''", "\x7f\x00\x1f\t\n\r", "\U0001f600", "# = [x]"]
)
def test_awkward_text_survives(tmp_path: Path, text: str) -> None:
    found = check({"data": {"train": "x.tsv", "target": text}})
    found.save(tmp_path)
    assert read(tmp_path / FILE).data.target == text


def test_paths_in_a_file_are_relative_to_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "recipes"
    folder.mkdir()
    path = written(folder, '[data]\ntrain = ["../a.en", "b.fr"]\nvalid = "/v.tsv"\n')
    data = read(path).data
    assert data.train == [str(tmp_path.resolve() / "a.en"), str(folder.resolve() / "b.fr")]
    assert data.valid == str(Path("/v.tsv").resolve())
    assert read(written(folder, SMALL)).data.valid == ""


def test_paths_that_were_typed_are_relative_to_where_they_were_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    data = read(written(tmp_path, SMALL), ["data.valid=v.tsv"]).data
    assert data.train == str(tmp_path.resolve() / "pairs.tsv")
    assert data.valid == str(here.resolve() / "v.tsv")
    assert read(Path("../run.toml")).data.train == str(tmp_path.resolve() / "pairs.tsv")


@pytest.mark.parametrize(
    ("text", "section", "option", "value"),
    [
        ("train.rate=0.01", "train", "rate", 0.01),
        ("train.steps = 20", "train", "steps", 20),
        ("embedding.tied=false", "embedding", "tied", False),
        ("data.train=x=y.tsv", "data", "train", "x=y.tsv"),
        ('data.train=["a", "b"]', "data", "train", ["a", "b"]),
        ('data.source="12"', "data", "source", "12"),
        ("data.source=no", "data", "source", "no"),
        ("data.source=", "data", "source", ""),
    ],
)
def test_an_override_is_toml_or_else_plain_text(text: str, section: str, option: str, value: Any) -> None:
    assert override({}, [text])[section][option] == value


def test_overrides_apply_in_order_and_leave_the_original_alone() -> None:
    raw = {"train": {"rate": 1.0}, "seed": 3}
    assert override(raw, ["train.rate=2", "train.rate=3", "seed=4"]) == {"train": {"rate": 3}, "seed": 4}
    assert raw == {"train": {"rate": 1.0}, "seed": 3}


def test_another_part_forgets_the_options_of_the_one_before() -> None:
    raw = {"attention": {"name": "additive", "size": 5}}
    assert override(raw, ["attention.name=general"]) == {"attention": {"name": "general"}}
    assert override(raw, ["attention.name=additive", "attention.size=6"])["attention"]["size"] == 6


@pytest.mark.parametrize("text", ["train.rate", "", "=3", ".rate=3"])
def test_an_override_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"--set {text!r} is not of the form section.option=value")):
        override({}, [text])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "run.toml [data] needs train (text or a list of text)."),
        (SMALL + "[trian]\n", "run.toml has no section or option 'trian'. Did you mean 'train'? There are: attention,"),
        (SMALL + "[train]\nrte = 1\n", "run.toml [train] has no option 'rte'. Did you mean 'rate'?"),
        (SMALL + '[train]\nrate = "fast"\n', "run.toml [train]: rate is 'fast'; it wants a number >= 0."),
        (SMALL + '[train]\nschedule = "cosin"\n', "it wants cosine | linear | constant."),
        (SMALL + "[train]\nrate = inf\n", "rate is inf; it wants a number >= 0."),
        (
            SMALL + "[embedding]\ndropout = 1.5\n",
            "run.toml [embedding]: dropout is 1.5; it wants a number from 0 to 1.",
        ),
        (SMALL + "[embedding]\nsize = 0\n", "size is 0; it wants a whole number >= 1."),
        (SMALL + '[attention]\nname = "aditive"\n', "There is no attention called 'aditive'. Did you mean 'additive'?"),
        (SMALL + "[attention]\nname = 3\n", "There is no attention called '3'."),
        (SMALL + "[attention]\nsiz = 3\n", "[attention] additive has no option 'siz'. Did you mean 'size'?"),
        ('seed = "x"\n' + SMALL, "run.toml: seed is 'x'; it wants a whole number >= 0."),
        ("train = 3\n" + SMALL, "run.toml: train is 3; it is a section, [train] with options."),
        ('data = "x.tsv"\n', "data is 'x.tsv'; it is a section, [data] with options."),
        ('encoder = "recurrent"\n' + SMALL, "encoder is 'recurrent'; it is a section"),
        ('task = "translat"\n' + SMALL, "There is no task called 'translat'. Did you mean 'translate'?"),
        ("task = 3\n" + SMALL, "There is no task called '3'."),
        ("[data\n", "run.toml is not valid TOML: "),
        ("a = 1\na = 2\n", "run.toml is not valid TOML: "),
    ],
)
def test_a_faulty_file_is_refused_with_what_is_right(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        read(written(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("train.rte=1", "has no option 'rte'. Did you mean 'rate'?"),
        ("trian.rate=1", "has no section or option 'trian'. Did you mean 'train'?"),
        ("train.rate=", "rate is ''; it wants a number >= 0."),
        ("train=1", "train is 1; it is a section"),
        ("task.name=x", "--set task.name: task is not a section; it is 'translate'."),
    ],
)
def test_a_faulty_override_is_refused_with_what_is_right(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        read(written(tmp_path, 'task = "translate"\n' + SMALL), [text])


def test_a_file_that_cannot_be_read_is_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no config file .*none\.toml\."):
        read(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path)
    path = tmp_path / "latin.toml"
    path.write_bytes('[data]\ntrain = "é"\n'.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin\.toml is not valid TOML: 'utf-8' codec"):
        read(path)


def test_a_byte_order_mark_and_windows_newlines_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert read(path).data.train == str(tmp_path.resolve() / "pairs.tsv")


def test_a_config_cannot_be_changed() -> None:
    found = check({"data": {"train": "x.tsv"}})
    with pytest.raises(FrozenInstanceError):
        found.seed = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        found.train.rate = 2  # type: ignore[misc]


@pytest.mark.parametrize(("section", "name"), [(s, n) for s, kind in PARTS.items() for n in names(kind)])
def test_every_part_can_be_named_and_its_defaults_pass_their_own_check(section: str, name: str) -> None:
    task = "caption" if section == "encoder" and find("encoders", name).reads == "pictures" else "translate"
    if section in ("decoder", "output", "objective") and find(PARTS[section], name).writes == "pictures":
        task = "draw"
    if name == "backbone":
        pytest.skip("a backbone has no default; tests/contracts/test_seeing.py names some")
    found = check({"task": task, "data": {"train": "x.tsv"}, section: {"name": name}})
    assert check(asdict(found)) == found
