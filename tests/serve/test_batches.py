"""The queue: who is decoded with whom, who waits, who is refused, and who is forgotten."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

import letters
from awaited import awaited
from regard.predictor import Predictor
from regard.serve.asked import Asked
from regard.serve.batches import Batches
from regard.serve.limits import Limits, Refused
from regard.types import Source

SOURCES = letters.lines(100, 8, seed=11)


class Watched:
    """A back end that counts its steps, remembers how many sources came at once, and may be held up."""

    workers = 1

    def __init__(self, backend: Any) -> None:
        self.backend, self.sizes, self.steps = backend, list[int](), 0
        self.open = threading.Event()
        self.open.set()
        self.fails: Callable[[Sequence[Source]], bool] = lambda _: False

    def start(self, sources: Sequence[Source], among: Any = None) -> Any:
        self.sizes.append(len(sources))
        if self.fails(sources):
            raise ArithmeticError("of ours")
        return self.backend.start(sources, among)

    def step(self, *given: Any) -> Any:
        self.open.wait(10)
        self.steps += 1
        return self.backend.step(*given)


@contextmanager
def queue(model: Predictor, threads: int = 1, **limits: Any) -> Iterator[tuple[Batches, Watched]]:
    watched = Watched(model.backend)
    slow = Predictor(model.config, model.task, watched, model.shortlist)  # type: ignore[arg-type]
    batches = Batches(slow, Limits(**limits), threads)
    try:
        yield batches, watched
    finally:
        watched.open.set()
        batches.close()


def usual(model: Predictor, beam: int | None = None) -> Asked:
    decode = model.config.decode
    return Asked(decode if beam is None else replace(decode, beam=beam))


def test_many_requests_are_few_batches_and_each_gets_its_own(model: Predictor) -> None:
    wanted = [output.text for output in model(SOURCES)]

    async def all_at_once() -> list[str]:
        with queue(model, threads=2) as (batches, watched):
            found = await asyncio.gather(*(batches.run([source], usual(model)) for source in SOURCES))
            assert sum(watched.sizes) == len(SOURCES)
            assert len(watched.sizes) <= 8
            return [output.text for (output,) in found]

    assert awaited(all_at_once()) == wanted


def test_only_what_asks_for_the_same_search_is_decoded_together(model: Predictor) -> None:
    async def mixed() -> list[str]:
        with queue(model) as (batches, watched):
            watched.open.clear()
            asked = [usual(model, 1 + place % 2) for place in range(20)]
            runs = [asyncio.create_task(batches.run([s], a)) for s, a in zip(SOURCES, asked, strict=False)]
            await asyncio.sleep(0.05)
            watched.open.set()
            found = await asyncio.gather(*runs)
            assert max(watched.sizes) <= 10 and sum(watched.sizes) == 20
            return [output.text for (output,) in found]

    wanted = [model(source, beam=1 + place % 2).text for place, source in enumerate(SOURCES[:20])]
    assert awaited(mixed()) == wanted


def test_a_full_queue_refuses_and_says_when_to_come_again(model: Predictor) -> None:
    async def crowded() -> None:
        with queue(model, queue=3) as (batches, watched):
            watched.open.clear()
            first = asyncio.create_task(batches.run(["a b"], usual(model)))
            await asyncio.sleep(0.05)
            others = asyncio.create_task(batches.run(["a", "b"], usual(model)))
            await asyncio.sleep(0)
            with pytest.raises(Refused, match="the queue is full") as refused:
                await batches.run(["c", "d"], usual(model))
            assert (refused.value.status, refused.value.retry) == (503, 1)
            assert batches.waiting == 2
            watched.open.set()
            assert len(await first) == 1 and len(await others) == 2

    awaited(crowded())


def test_who_stops_waiting_is_not_decoded_to_the_end(model: Predictor) -> None:
    async def leaving() -> None:
        with queue(model) as (batches, watched):
            watched.open.clear()
            running = asyncio.create_task(batches.run(["a b c d e f g"], usual(model)))
            await asyncio.sleep(0.05)
            waiting = asyncio.create_task(batches.run(["b"], usual(model)))
            stays = asyncio.create_task(batches.run(["c d"], usual(model)))
            await asyncio.sleep(0.01)
            for gone in (running, waiting):
                gone.cancel()
            await asyncio.gather(running, waiting, return_exceptions=True)
            watched.open.set()
            (output,) = await stays
            assert output.text == model("c d").text
            assert watched.sizes == [1, 1]  # the one that waited never began
            assert watched.steps <= 1 + len(output.tokens) + 2  # and the one that ran ended after its step

    awaited(leaving())


def test_what_fails_fails_alone(model: Predictor) -> None:
    bad = len(model.task.source("a b c d e"))

    async def failing() -> list[Any]:
        with queue(model) as (batches, watched):
            watched.fails = lambda sources: any(len(source) == bad for source in sources)
            watched.open.clear()
            first = asyncio.create_task(batches.run(["a"], usual(model)))
            await asyncio.sleep(0.05)
            runs = [asyncio.create_task(batches.run([s], usual(model))) for s in ("a b", "a b c d e", "c")]
            await asyncio.sleep(0.05)
            watched.open.set()
            await first
            return await asyncio.gather(*runs, return_exceptions=True)

    one, wrong, other = awaited(failing())
    assert isinstance(wrong, ArithmeticError)
    assert [one[0].text, other[0].text] == [model("a b").text, model("c").text]


def test_who_is_alone_does_not_wait_for_company(model: Predictor) -> None:
    async def alone() -> float:
        with queue(model, wait=5.0) as (batches, _):
            began = time.perf_counter()
            for source in ("a b", "b a"):
                await batches.run([source], usual(model))
            return time.perf_counter() - began

    assert awaited(alone()) < 4


def test_who_had_company_is_joined(model: Predictor) -> None:
    async def joined() -> list[int]:
        with queue(model, wait=5.0) as (batches, watched):
            await batches.run(["a", "b"], usual(model))
            late = asyncio.create_task(batches.run(["c"], usual(model)))
            await asyncio.sleep(0.1)
            await batches.run(["d"], usual(model))
            await late
            return watched.sizes

    assert awaited(joined()) == [2, 2]


def test_closing_finishes_what_was_accepted_and_takes_nothing_more(model: Predictor) -> None:
    async def closing() -> None:
        with queue(model) as (batches, watched):
            watched.open.clear()
            runs = [asyncio.create_task(batches.run([source], usual(model))) for source in SOURCES[:5]]
            await asyncio.sleep(0.05)
            closed = asyncio.create_task(asyncio.to_thread(batches.close))
            await asyncio.sleep(0.05)
            with pytest.raises(Refused, match="the server is stopping"):
                await batches.run(["a"], usual(model))
            watched.open.set()
            found = await asyncio.gather(*runs)
            assert [output.text for (output,) in found] == [model(source).text for source in SOURCES[:5]]
            await closed

    awaited(closing())
