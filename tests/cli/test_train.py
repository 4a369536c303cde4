"""`regard train`: from a file to a model, or a plain sentence that says why not."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import letters
from regard import config as configs

Command = Callable[..., Any]
SMALL = [
    argument
    for option in (
        "codec.name=words",
        "embedding.size=8",
        "encoder.size=8",
        "decoder.size=16",
        "attention.name=general",
        "train.steps=2",
        "train.threads=1",
        "decode.ratio=1.0",
        "decode.extra=2",
    )
    for argument in ("--set", option)
]


@pytest.fixture
def pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    letters.write_pairs(tmp_path / "pairs.tsv", letters.lines(60, 4))
    return Path("pairs.tsv")


def test_a_file_of_pairs_becomes_a_model_that_runs(call: Command, pairs: Path) -> None:
    done = call("train", pairs, *SMALL)
    assert done.code == 0
    first, second = done.out.splitlines()
    assert re.fullmatch(
        r"runs/pairs: bleu [\d.]+  chrf [\d.]+  exact [\d.]+  perplexity [\d.]+ on \d+ validation pairs", first
    )
    assert second == 'Try it: regard run runs/pairs "a line of text" --show'
    assert done.err.startswith("1 worker of 1 thread, on cpu in ")
    assert "60 pairs kept" in done.err
    assert re.search(r"^step 1  loss \d+\.\d\d  bleu \d+\.\d\d  best so far$", done.err, re.MULTILINE)
    assert call("run", "runs/pairs", "a line of text").code == 0


def test_a_config_trains_from_any_working_folder(call: Command, pairs: Path, tmp_path: Path) -> None:
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "small.toml").write_text('[data]\ntrain = "../pairs.tsv"\n', encoding="utf-8")
    assert call("train", "recipes/small.toml", "--out", "model", *SMALL).code == 0
    config = configs.read(tmp_path / "model" / "config.toml")
    assert config.data.train == str(tmp_path / "pairs.tsv")
    assert (config.train.steps, config.decoder["size"]) == (2, 16)


def test_the_saved_config_makes_the_same_model_again(call: Command, pairs: Path, tmp_path: Path) -> None:
    call("train", pairs, "--out", "one", *SMALL)
    assert call("train", "one/config.toml", "--out", "two").code == 0
    assert all(letters.same_runs(tmp_path / "one", tmp_path / "two"))


def test_a_run_is_not_overwritten_but_resumed(call: Command, pairs: Path, tmp_path: Path) -> None:
    call("train", pairs, "--out", "model", *SMALL)
    before = (tmp_path / "model" / "model.safetensors").read_bytes()
    done = call("train", pairs, "--out", "model", *SMALL)
    assert (done.code, done.out) == (2, "")
    assert done.err == "regard: model already holds a run: --resume goes on with it, --out names another folder.\n"
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == before
    done = call("train", "model", "--resume", "--set", "train.steps=4")
    assert done.code == 0
    assert letters.progress(tmp_path / "model")["step"] == 4


def test_another_config_cannot_be_resumed(call: Command, pairs: Path, tmp_path: Path) -> None:
    call("train", pairs, "--out", "model", *SMALL)
    saved = (tmp_path / "model" / "config.toml").read_bytes()
    for given in ("model", str(pairs)):
        done = call("train", given, "--out", "model", "--resume", *SMALL, "--set", "encoder.size=12")
        assert (done.code, done.out) == (2, "")
        assert done.err == (
            "regard: model was begun with encoder.size = 8, not 12: to resume, leave it as it was; "
            "to change it, begin anew with another --out.\n"
        )
        assert (tmp_path / "model" / "config.toml").read_bytes() == saved


def test_after_a_wrong_data_file_nothing_stands_in_the_way(call: Command, pairs: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.tsv").write_text("no tabs here\n", encoding="utf-8")
    assert call("train", "wrong.tsv", "--out", "model", *SMALL).code == 1
    assert call("train", pairs, "--out", "model", *SMALL).code == 0


def test_a_damaged_state_is_told(call: Command, pairs: Path, tmp_path: Path) -> None:
    call("train", pairs, "--out", "model", *SMALL)
    (tmp_path / "model" / "training" / "last.safetensors").write_bytes(b"half")
    done = call("train", "model", "--resume")
    assert done.code == 1
    assert re.search(r"last\.safetensors cannot be resumed from: ", done.err.splitlines()[-1])


def test_a_run_whose_loss_is_never_finite_ends_with_advice(call: Command, pairs: Path) -> None:
    broken = ["--set", "train.steps=90", "--set", "train.rate=1e18", "--set", "train.clip=0.0", "--set", "train.skip=4"]
    done = call("train", pairs, *SMALL, *broken)
    assert (done.code, done.out) == (1, "")
    assert re.fullmatch(
        r"regard: 4 steps in a row, up to step \d+, had no finite .* lower train\.rate.*", done.err.splitlines()[-1]
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nothing.tsv",), 2, r"nothing\.tsv: no such file"),
        (("nothing.toml",), 2, r"There is no config file nothing\.toml"),
        (("nothing",), 2, r"nothing is neither a config nor a file of pairs"),
        ((".",), 2, r"\. is a folder: --resume goes on"),
        ((".", "--resume"), 1, r"\. holds no run to resume"),
        (("empty.tsv",), 1, r"empty\.tsv: the file is empty"),
        (("one.tsv",), 1, r"one\.tsv: one source alone cannot be both trained on and validated with"),
        (("column.tsv",), 1, r"no usable line\. 1 line skipped: missing column \(column\.tsv:1\)"),
        (("broken.toml",), 2, r"broken\.toml is not valid TOML"),
        (("bytes.toml",), 2, r"bytes\.toml is not valid TOML"),
        (("no-data.toml",), 2, r"no-data\.toml \[data\] needs train"),
        (("uneven.toml",), 1, r"a\.txt has 2 lines, but .*b\.txt has 1"),
        (("pairs.tsv", "--out", "one.tsv"), 2, r"one\.tsv is a file: --out names the folder of the run"),
        (("pairs.tsv", "--out", "one.tsv/x"), 1, r"one\.tsv.*: Not a directory"),
        (("pairs.tsv", "--set", "rate"), 2, r"--set 'rate' is not of the form section\.option=value"),
        (("pairs.tsv", "--set", "train.rat=1"), 2, r"no option 'rat'\. Did you mean 'rate'\?"),
        (("pairs.tsv", "--set", "trian.rate=1"), 2, r"no section or option 'trian'\. Did you mean 'train'\?"),
        (("pairs.tsv", "--set", "train=3"), 2, r"train is 3; it is a section"),
        (("pairs.tsv", "--set", "train.rate=fast"), 2, r"rate is 'fast'; it wants a number >= 0"),
        (("pairs.tsv", "--set", "train.rate=nan"), 2, r"rate is nan; it wants a number"),
        (("pairs.tsv", "--set", "train.steps=-1"), 2, r"steps is -1; it wants a whole number >= 0"),
        (("pairs.tsv", "--set", "train.steps=true"), 2, r"steps is True; it wants a whole number"),
        (("pairs.tsv", "--set", "attention.name=dott"), 2, r"'dott'\. Did you mean 'dot'\?"),
        (("pairs.tsv", "--set", "encoder.cell=rnn"), 2, r"cell is 'rnn'; it wants lstm \| gru"),
        (("pairs.tsv", "--set", "task=transalte"), 2, r"'transalte'\. Did you mean 'translate'\?"),
        (("pairs.tsv", "--set", "seed=x"), 2, r"seed is 'x'; it wants a whole number"),
        (("pairs.tsv", "--set", "attention.name=dot", "--set", "decoder.size=17"), 2, r"make them equal"),
        (("pairs.tsv", "--set", "codec.name=pieces", "--set", "codec.size=6"), 2, r"size = 6 is too small for pieces"),
        (("pairs.tsv", "--set", "data.longest=1"), 1, r"No pair is left to train on"),
        (("pairs.tsv", "--set", "data.valid=nothing.tsv"), 2, r"nothing\.tsv: no such file"),
    ],
)
def test_faults_are_told_in_a_line(
    call: Command, pairs: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    for name, text in {
        "empty.tsv": "",
        "one.tsv": "a\tb\n",
        "column.tsv": "a\n",
        "broken.toml": "[data\n",
        "no-data.toml": "seed = 1\n",
        "uneven.toml": '[data]\ntrain = ["a.txt", "b.txt"]\n',
        "a.txt": "a\nb\n",
        "b.txt": "a\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    given, *rest = arguments
    done = call("train", given, *SMALL[8:], *rest)
    assert (done.code, done.out) == (code, "")
    *said, fault = done.err.splitlines()
    assert re.search(message, fault)
    assert fault.startswith("regard: ")
    assert not any("Traceback" in line for line in said)


def test_the_real_command_leaves_standard_output_to_the_result() -> None:
    model, done = letters.training("half")
    assert done.stdout.decode().count("\n") == 2
    assert done.stdout.decode().startswith(f"{model}: bleu ")
    assert b"\x1b" not in done.stderr  # no colours and no bar where no person looks
    card = json.loads((model / "card.json").read_text(encoding="utf-8"))
    assert card["training"]["steps"] == letters.HALF
