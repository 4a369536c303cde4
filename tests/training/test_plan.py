"""How the processor is shared: what helps, what was asked for, and what a run that has begun keeps."""

import pytest
import torch

from regard.processor import cores
from regard.sections import Train
from regard.training import plan as plans
from regard.training.plan import ENOUGH, Plan, plan
from regard.training.run import Progress


def planned(begun: Progress | None = None, device: str = "cpu", **options: int) -> tuple[int, int, int]:
    found = plan(Train(**options), begun or Progress(), device)
    return found.workers, found.threads, found.parts


def test_as_many_workers_of_one_thread_as_there_are_cores() -> None:
    assert planned(threads=4, batch=4 * ENOUGH) == (4, 1, 4)
    assert planned(threads=1, batch=9 * ENOUGH) == (1, 1, 1)


def test_none_gets_too_small_a_part_and_threads_that_are_left_are_shared_out() -> None:
    assert planned(threads=8, batch=3 * ENOUGH - 1) == (2, 4, 2)
    assert planned(threads=2, batch=ENOUGH) == (1, 2, 1)
    assert planned(threads=2, batch=1) == (1, 2, 1)


def test_parts_are_as_many_for_each_worker_and_not_fewer_than_asked_for() -> None:
    assert planned(threads=2, parts=3, batch=9 * ENOUGH) == (2, 1, 4)
    assert planned(threads=1, parts=3, batch=9 * ENOUGH) == (1, 1, 3)


def test_what_is_asked_for_is_done() -> None:
    assert planned(workers=3, threads=1, batch=1) == (3, 1, 3)
    assert planned(workers=2, threads=9) == (2, 4, 2)


def test_all_cores_are_taken_if_nobody_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cores() >= 1
    monkeypatch.setattr(plans, "cores", lambda: 3)
    assert planned(batch=9 * ENOUGH) == (3, 1, 3)


@pytest.mark.parametrize(("threads", "workers"), [(1, 1), (2, 2), (3, 3), (64, 4)])
def test_a_run_that_has_begun_keeps_what_decides_its_sums(threads: int, workers: int) -> None:
    assert planned(Progress(threads=1, parts=4), threads=threads) == (workers, 1, 4)
    assert planned(Progress(threads=2, parts=4), threads=2 * threads, parts=2) == (workers, 2, 4)


def test_a_run_that_has_begun_may_be_given_workers_and_more_parts() -> None:
    assert planned(Progress(threads=1, parts=2), threads=1, workers=2) == (2, 1, 2)
    assert planned(Progress(threads=1, parts=2), threads=1, workers=9) == (2, 1, 2)
    assert planned(Progress(threads=1, parts=2), threads=1, parts=8) == (1, 1, 8)


def test_on_an_accelerator_one_process_does_all() -> None:
    assert planned(device="cuda", threads=4, workers=3, parts=2, batch=9 * ENOUGH) == (1, 4, 2)
    assert planned(Progress(threads=1, parts=2), "cuda", threads=4) == (1, 1, 2)


def test_it_reads_as_a_person_says_it() -> None:
    assert str(Plan(2, 1, 2)) == "2 workers of 1 thread, on cpu in fp32"
    assert str(Plan(1, 4, 1, "cuda", "bf16")) == "1 worker of 4 threads, on cuda in bf16"
    assert str(Plan(1, 1, 2)) == "1 worker of 1 thread, 2 parts a step, on cpu in fp32"


@pytest.mark.parametrize(
    ("brain", "tiles", "chosen"), [(False, False, "fp32"), (True, False, "bf16"), (False, True, "bf16")]
)
def test_half_precision_is_taken_where_it_pays(
    monkeypatch: pytest.MonkeyPatch, brain: bool, tiles: bool, chosen: str
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: brain)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: tiles)
    assert plan(Train(), Progress(), "cpu").precision == chosen
    assert plan(Train(precision="fp32"), Progress(), "cpu").precision == "fp32"
    assert plan(Train(precision="bf16"), Progress(), "cpu").precision == "bf16"


def test_a_run_that_has_begun_keeps_its_precision_unless_another_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    begun = Progress(threads=1, parts=1, precision="bf16")
    assert plan(Train(), begun, "cpu").precision == "bf16"
    assert plan(Train(precision="fp32"), begun, "cpu").precision == "fp32"
