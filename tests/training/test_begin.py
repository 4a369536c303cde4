"""Whether a run may begin in a folder, or go on there."""

import re
from pathlib import Path

import pytest

import letters
from regard import config as configs
from regard.config import Config
from regard.errors import ConfigError, UsageError
from regard.training.begin import begin

WEIGHTS, STATE, STORE = "model.safetensors", "training/last.safetensors", "training/store.json"


def held(folder: Path, *names: str) -> Path:
    """A folder with these files and the configuration of a run."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}", encoding="utf-8")
    config().save(folder)
    return folder


def config(**changes: dict[str, object]) -> Config:
    return letters.tiny(Path("pairs.tsv").absolute(), **changes)


@pytest.mark.parametrize("resume", [False, True])
def test_a_new_folder_is_made_with_the_config_in_it(tmp_path: Path, resume: bool) -> None:
    out = tmp_path / "runs" / "new"
    assert begin(config(), out, resume=resume) == out / "training"
    assert configs.read(out / configs.FILE) == config()


@pytest.mark.parametrize("files", [(WEIGHTS,), (STATE,), (WEIGHTS, STATE, STORE)])
def test_what_was_trained_is_never_overwritten_by_a_new_run(tmp_path: Path, files: tuple[str, ...]) -> None:
    held(tmp_path, *files)
    with pytest.raises(UsageError, match=r"already holds a run: --resume goes on with it, --out names another"):
        begin(config(train={"steps": 99}), tmp_path, resume=False)
    assert configs.read(tmp_path / configs.FILE) == config()


def test_a_run_that_never_came_to_train_may_begin_anew_with_another_config(tmp_path: Path) -> None:
    held(tmp_path, STORE)
    changed = config(codec={"name": "characters"})
    begin(changed, tmp_path, resume=False)
    assert configs.read(tmp_path / configs.FILE) == changed
    assert not (tmp_path / STORE).exists()  # it was made with the other codec


def test_a_resumed_run_keeps_what_was_prepared(tmp_path: Path) -> None:
    begin(config(), held(tmp_path, STORE), resume=True)
    assert (tmp_path / STORE).exists()


def test_a_resumed_run_may_train_longer_and_decode_otherwise(tmp_path: Path) -> None:
    changed = config(train={"steps": 99, "rate": 0.5}, decode={"beam": 2})
    begin(changed, held(tmp_path, STORE), resume=True)
    assert configs.read(tmp_path / configs.FILE) == changed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"encoder": {"size": 9}}, "begun with encoder.size = 8, not 9: to resume, leave it as it was"),
        ({"attention": {"name": "additive"}}, "begun with attention.name = 'general', not 'additive'"),
        ({"data": {"longest": 9}}, "begun with data.longest = 150, not 9"),
    ],
)
def test_a_resumed_run_must_keep_what_made_its_weights(
    tmp_path: Path, change: dict[str, dict[str, object]], message: str
) -> None:
    held(tmp_path, STORE)
    with pytest.raises(ConfigError, match=re.escape(message)):
        begin(config(**change), tmp_path, resume=True)
    assert configs.read(tmp_path / configs.FILE) == config()


def test_a_seed_cannot_be_changed_either(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="begun with seed = 1, not 2"):
        begin(letters.tiny(Path("pairs.tsv").absolute(), seed=2), held(tmp_path), resume=True)


def test_a_finished_model_without_its_training_folder_cannot_be_resumed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be resumed: its folder training is gone"):
        begin(config(), held(tmp_path, WEIGHTS), resume=True)
