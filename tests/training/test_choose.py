"""What a user may name to be trained."""

from pathlib import Path

import pytest

import letters
from regard import config as configs
from regard.errors import ConfigError, ModelError, UsageError
from regard.training.choose import choose


def test_a_config_file_trains_into_a_folder_of_its_name(tmp_path: Path) -> None:
    path = letters.write_config(tmp_path / "small.toml", tmp_path / "pairs.tsv")
    config, out = choose(path, None, ["train.rate=0.5"], False)
    assert (config.train.rate, out) == (0.5, Path("runs/small"))


@pytest.mark.parametrize("name", ["pairs.tsv", "pairs.csv", "pairs.jsonl", "pairs.tsv.gz", "pairs.TSV"])
def test_a_file_of_pairs_is_trained_with_good_defaults(name: str) -> None:
    config, out = choose(Path(name), None, ["embedding.size=16"], False)
    assert out == Path("runs/pairs")
    assert config.data.train == str(Path(name).absolute())
    assert (config.embedding.size, config.codec["name"], config.data.holdout) == (16, "pieces", 0.02)


def test_the_folder_may_be_named() -> None:
    assert choose(Path("pairs.tsv"), Path("here"), [], False)[1] == Path("here")


def test_a_run_is_resumed_by_its_folder(tmp_path: Path) -> None:
    saved = letters.tiny(tmp_path / "pairs.tsv")
    saved.save(tmp_path)
    assert choose(tmp_path, None, [], True) == (saved, tmp_path)
    assert choose(tmp_path, tmp_path, ["train.steps=5"], True)[0].train.steps == 5


@pytest.mark.parametrize("name", ["pairs", "pairs.txt", "model.bin"])
def test_another_name_is_refused_with_the_names_that_are_known(name: str) -> None:
    with pytest.raises(UsageError, match=r"neither a config nor a file of pairs: .* \.toml, \.tsv, \.csv"):
        choose(Path(name), None, [], False)


def test_a_missing_config_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no config file .*nothing\.toml"):
        choose(tmp_path / "nothing.toml", None, [], False)


def test_a_folder_wants_resume(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder: --resume goes on with the run in it"):
        choose(tmp_path, None, [], False)


def test_a_folder_without_a_run_cannot_be_resumed(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"holds no run to resume: there is no {configs.FILE}"):
        choose(tmp_path, None, [], True)


def test_a_run_cannot_be_resumed_in_another_folder(tmp_path: Path) -> None:
    letters.tiny(tmp_path / "pairs.tsv").save(tmp_path)
    with pytest.raises(UsageError, match="is resumed where it is: leave out --out other"):
        choose(tmp_path, Path("other"), [], True)


def test_a_wrong_override_is_told() -> None:
    with pytest.raises(ConfigError, match=r"no option 'rat'.*Did you mean 'rate'"):
        choose(Path("pairs.tsv"), None, ["train.rat=1"], False)


def test_two_aligned_files_are_source_and_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config, out = choose(Path("train.en"), None, [], False, Path("train.fr"))
    assert config.data.train == [str(tmp_path / "train.en"), str(tmp_path / "train.fr")]
    assert out == Path("runs/train")


def test_one_plain_text_file_is_told_to_bring_its_partner() -> None:
    with pytest.raises(UsageError, match="Two aligned text files are given as SOURCE TARGET"):
        choose(Path("train.en"), None, [], False)


def test_a_config_takes_no_second_file() -> None:
    with pytest.raises(UsageError, match="names its data itself"):
        choose(Path("run.toml"), None, [], False, Path("train.fr"))
