"""What happens, counted for Prometheus and logged as JSON lines; never a word of what users send."""

import json
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, TextIO

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128)
Labels = tuple[tuple[str, str], ...]


class Histogram:
    """How often a value was at most each of some bounds."""

    def __init__(self, name: str, help: str, bounds: tuple[float, ...]) -> None:
        self.name, self.help, self.bounds = name, help, bounds
        self._counts: dict[Labels, list[int]] = {}
        self._sums: Counter[Labels] = Counter()

    def add(self, labels: Labels, value: float) -> None:
        """One more."""
        counts = self._counts.setdefault(labels, [0] * (len(self.bounds) + 1))
        counts[sum(value > bound for bound in self.bounds)] += 1
        self._sums[labels] += value  # type: ignore[assignment]

    def lines(self) -> list[str]:
        """As Prometheus reads it."""
        found = [f"# HELP {self.name} {self.help}", f"# TYPE {self.name} histogram"]
        for labels, counts in list(self._counts.items()):
            total = 0
            for bound, some in zip((*map(str, self.bounds), "+Inf"), counts, strict=True):
                total += some
                found.append(f"{self.name}_bucket{_said((*labels, ('le', bound)))} {total}")
            found.append(f"{self.name}_sum{_said(labels)} {self._sums[labels]:.6f}")
            found.append(f"{self.name}_count{_said(labels)} {total}")
        return found


class Metrics:
    """All counts of a server. `log` gets a JSON line for each request, None for no log; `waiting` tells the queues."""

    def __init__(self, log: TextIO | None = sys.stderr) -> None:
        self._log, self._lock, self._numbers = log, threading.Lock(), count(1)
        self._requests: Counter[Labels] = Counter()
        self._seconds = Histogram("regard_request_seconds", "From a request to the end of its answer.", SECONDS)
        self._sizes = Histogram("regard_batch_sources", "Sources that were decoded at once.", SIZES)
        self._decoding = Histogram("regard_batch_seconds", "Time to decode a batch.", SECONDS)
        self.waiting: Mapping[str, Callable[[], int]] = {}

    def request(self, scope: Mapping[str, Any], status: int, seconds: float) -> None:
        """A request came to its end. An address that is none of ours may hold anything, and is not told."""
        route = scope.get("route")
        path = str(getattr(route, "path", "")) or "other"
        self._requests[("method", scope["method"]), ("path", path), ("status", str(status))] += 1
        self._seconds.add((("path", path),), seconds)
        told = {"method": scope["method"], "path": path, "status": status, "ms": round(1000 * seconds, 1)}
        self.tell("request", told | dict(scope.get("state", {}).get("told", {})))

    def batch(self, model: str, size: int, seconds: float) -> None:
        """A batch was decoded."""
        with self._lock:
            self._sizes.add((("model", model),), size)
            self._decoding.add((("model", model),), seconds)

    def failed(self, error: BaseException) -> int:
        """A fault of ours: where it happened is logged, and what its message says is not; its number in the log."""
        number = next(self._numbers)
        where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
        self.tell("fault", {"number": number, "kind": type(error).__name__, "where": where[-8:]})
        return number

    def tell(self, event: str, facts: Mapping[str, Any]) -> None:
        """A line of the log."""
        if self._log is None:
            return
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03}Z"
        line = json.dumps({"time": stamp, "event": event, **facts}, ensure_ascii=False)
        with self._lock:
            self._log.write(f"{line}\n")
            self._log.flush()

    def text(self) -> str:
        """The exposition format of Prometheus."""
        lines = ["# HELP regard_requests_total Requests answered.", "# TYPE regard_requests_total counter"]
        lines += [f"regard_requests_total{_said(labels)} {n}" for labels, n in list(self._requests.items())]
        lines += ["# HELP regard_waiting_sources Sources that wait.", "# TYPE regard_waiting_sources gauge"]
        lines += [
            f"regard_waiting_sources{_said((('model', name),))} {waiting()}" for name, waiting in self.waiting.items()
        ]
        with self._lock:
            lines += [*self._seconds.lines(), *self._sizes.lines(), *self._decoding.lines()]
        return "\n".join(lines) + "\n"


def _said(labels: Labels) -> str:
    escaped = ((name, value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")) for name, value in labels)
    inside = ",".join(f'{name}="{value}"' for name, value in escaped)
    return f"{{{inside}}}" if inside else ""
