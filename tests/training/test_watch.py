"""What is seen of a run: log, TensorBoard, terminal."""

import io
import json
import math
from pathlib import Path

from rich.console import Console

from regard.training.watch import EVERY, LOG, Watch, read_log

FACTS = {"loss": 2.0, "norm": 1.0, "tokens": 10.0, "seconds": 0.5}


def watched(folder: Path, steps: range, **changes: float) -> str:
    text = io.StringIO()
    console = Console(file=text, width=100)
    with Watch(folder, steps.start - 1, 100, console) as watch:
        for step in steps:
            watch.step(step, FACTS | changes)
        watch.validation(steps.stop - 1, {"loss": 1.5, "bleu": 12.345}, "best so far")
    return text.getvalue()


def test_the_log_has_a_line_for_some_steps_and_for_each_validation(tmp_path: Path) -> None:
    watched(tmp_path, range(1, 26))
    found = [(facts["kind"], facts["step"]) for facts in read_log(tmp_path)]
    assert found == [("train", EVERY), ("train", 2 * EVERY), ("valid", 25)]
    assert read_log(tmp_path)[0] == {"kind": "train", "step": EVERY, **FACTS}


def test_a_validation_is_told_in_one_line(tmp_path: Path) -> None:
    assert watched(tmp_path, range(1, 4)) == "step 3  loss 1.50  bleu 12.35  best so far\n"


def test_what_was_logged_after_the_step_of_the_resume_is_dropped(tmp_path: Path) -> None:
    watched(tmp_path, range(1, 31))
    watched(tmp_path, range(16, 22))
    assert [facts["step"] for facts in read_log(tmp_path)] == [10, 20, 21]


def test_a_line_that_a_kill_cut_off_is_dropped(tmp_path: Path) -> None:
    watched(tmp_path, range(1, 12))
    with (tmp_path / LOG).open("a", encoding="utf-8") as file:
        file.write('{"kind": "train", "step": 1')
    assert [facts["step"] for facts in read_log(tmp_path)] == [10, 11]
    watched(tmp_path, range(12, 14))
    assert [facts["step"] for facts in read_log(tmp_path)] == [10, 11, 13]


def test_a_loss_that_is_no_number_is_null_in_the_log(tmp_path: Path) -> None:
    watched(tmp_path, range(1, 11), loss=math.nan, norm=math.inf)

    def refuse(name: str) -> float:
        raise AssertionError(f"{name} is no JSON")

    first, *_ = (tmp_path / LOG).read_text(encoding="utf-8").splitlines()
    assert json.loads(first, parse_constant=refuse) == {
        "kind": "train",
        "step": 10,
        **FACTS,
        "loss": None,
        "norm": None,
    }


def test_tensorboard_has_its_file(tmp_path: Path) -> None:
    watched(tmp_path, range(1, 11))
    assert [path for path in (tmp_path / "tensorboard").iterdir() if path.stat().st_size > 0]


def test_no_log_is_an_empty_log(tmp_path: Path) -> None:
    assert read_log(tmp_path) == []


def test_in_a_terminal_a_bar_shows_loss_and_speed(tmp_path: Path) -> None:
    text = io.StringIO()
    with Watch(tmp_path, 0, 100, Console(file=text, width=100, force_terminal=True)) as watch:
        watch.step(1, FACTS)
        watch.step(2, FACTS | {"loss": math.nan})
        watch._bar.refresh()
    assert "loss 2.000  20 tokens/s" in text.getvalue()
