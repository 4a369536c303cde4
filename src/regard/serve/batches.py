"""Requests of many clients, gathered into batches: one queue and a few threads for each model."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

from regard.errors import RegardError
from regard.predictor import Predictor
from regard.sections import Decode
from regard.serve.asked import Asked
from regard.serve.giving_up import Abandoned, Abandoning
from regard.serve.limits import Limits, Refused
from regard.view.record import Output

Told = Callable[[int, float], None]  # of each batch: how many sources, how many seconds
KEPT = 16  # ways of searching for which a thread keeps a predictor


@dataclass(eq=False, slots=True)
class Request:
    """Sources of one client that are answered together: `left` of them are still to come."""

    asked: Asked
    future: "asyncio.Future[list[Output]]"
    outputs: list[Output | None]
    left: int
    dropped: bool = False

    def take(self, place: int, output: Output) -> None:
        """One of the outputs; with the last one the client is answered."""
        self.outputs[place] = output
        self.left -= 1
        if not self.left and not self.future.done():
            self.future.set_result([output for output in self.outputs if output is not None])

    def fail(self, error: BaseException) -> None:
        """None of the outputs will come."""
        self.dropped = True
        if not self.future.done():
            self.future.set_exception(error)


@dataclass(eq=False, slots=True)
class Job:
    """One source of a request, and when it came."""

    source: str
    request: Request
    place: int
    came: float = field(default_factory=time.monotonic)


class Batches:
    """What waits for one model. Only requests that ask for the same search are decoded together.

    A thread that is free takes the oldest job and what goes with it. If that is less than its last batch was, it
    waits up to `limits.wait` seconds for more: so whoever is alone never waits, and who has company is soon joined.
    """

    def __init__(self, model: Predictor, limits: Limits, threads: int = 1, told: Told = lambda *_: None) -> None:
        self.model, self.limits, self._told = model, limits, told
        self._waiting: dict[Asked, deque[Job]] = {}
        self._size, self._closing = 0, False
        self._changed = threading.Condition()
        self._pace = 0.0  # seconds that a source takes, of late
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """How many sources wait."""
        return self._size

    async def run(self, sources: Sequence[str], asked: Asked) -> list[Output]:
        """The outputs of some sources, in their order. Refused if there is no room for all of them.

        Who stops waiting is forgotten: what has not begun never does, and a batch of which nobody is left ends.
        """
        if not sources:
            return []
        loop = asyncio.get_running_loop()
        request = Request(asked, loop.create_future(), [None] * len(sources), len(sources))
        self._put([Job(source, request, place) for place, source in enumerate(sources)])
        try:
            return await request.future
        finally:
            request.dropped = True

    def close(self) -> None:
        """Finish what was accepted, and stop."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _put(self, jobs: list[Job]) -> None:
        with self._changed:
            if self._closing:
                raise Refused(503, "the server is stopping.", 5)
            if self._size + len(jobs) > self.limits.queue:
                raise Refused(503, "the queue is full: come again.", max(1, round(self._size * self._pace)))
            self._size += len(jobs)
            self._waiting.setdefault(jobs[0].request.asked, deque()).extend(jobs)
            self._changed.notify()

    def _work(self) -> None:
        """What a thread does all day."""
        backend = Abandoning(self.model.backend)

        @lru_cache(maxsize=KEPT)
        def predictor(decode: Decode) -> Predictor:
            config = replace(self.model.config, decode=decode)
            return Predictor(config, self.model.task, backend, self.model.shortlist)

        last = 1
        while batch := self._next(last):
            last, began = len(batch), time.monotonic()
            backend.wanted = partial(_wanted, batch)
            self._decode(predictor(batch[0].request.asked.decode), batch)
            taken = time.monotonic() - began
            self._pace = 0.8 * self._pace + 0.2 * taken / last
            self._told(last, taken)

    def _next(self, last: int) -> list[Job]:
        """The next batch; nothing when it is time to go."""
        with self._changed:
            while True:
                while not self._waiting and not self._closing:
                    self._changed.wait()
                if not self._waiting:
                    return []
                asked, jobs = min(self._waiting.items(), key=lambda item: item[1][0].came)
                patience = jobs[0].came + self.limits.wait - time.monotonic()
                if len(jobs) >= min(last, self.limits.batch) or patience <= 0 or self._closing:
                    if batch := self._taken(asked, jobs):
                        return batch
                else:
                    self._changed.wait(patience)

    def _taken(self, asked: Asked, jobs: deque[Job]) -> list[Job]:
        batch: list[Job] = []
        while jobs and len(batch) < self.limits.batch:
            job = jobs.popleft()
            self._size -= 1
            if not job.request.dropped:
                batch.append(job)
        if not jobs:
            del self._waiting[asked]
        return batch

    def _decode(self, model: Predictor, batch: list[Job]) -> None:
        """Decode a batch and answer; what fails among others is tried alone, so that it fails alone."""
        asked = batch[0].request.asked
        try:
            outputs = list(
                model.stream(
                    [job.source for job in batch],
                    nbest=asked.nbest,
                    wishes=asked.wishes,
                    rows=self.limits.batch,
                    window=len(batch),
                )
            )
        except Abandoned:
            return
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, MemoryError):
                for job in batch:
                    self._decode(model, [job])
            else:
                _later(batch, partial(_fail, batch, error))
            return
        _later(batch, partial(_take, batch, outputs))


def _later(batch: list[Job], answer: Callable[[], None]) -> None:
    """Answer in the thread of those who wait, all of a batch at once; a loop that is closed has nobody waiting."""
    try:
        batch[0].request.future.get_loop().call_soon_threadsafe(answer)
    except RuntimeError:
        return


def _wanted(batch: list[Job]) -> bool:
    return any(not job.request.dropped for job in batch)


def _take(batch: list[Job], outputs: list[Output]) -> None:
    for job, output in zip(batch, outputs, strict=True):
        job.request.take(job.place, output)


def _fail(batch: list[Job], error: Exception) -> None:
    for job in batch:
        job.request.fail(Refused(400, str(error)) if isinstance(error, RegardError) else error)
