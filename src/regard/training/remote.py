"""A worker as the main process sees it: told things, heard, and named in the error if it fails."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from regard.errors import TrainingError
from regard.training.plan import Plan

PATIENCE = 10  # seconds in which a worker must have left when it is no longer needed
ROOT = Path(__file__).parents[2]  # where `regard` is imported from, here as in the worker


class Remote:
    """A process `regard.training.worker`. It starts at once; `has_joined` says when it can be asked for parts."""

    def __init__(self, number: int, plan: Plan) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process; a pipe that nobody reads blocks
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(plan.threads))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "regard.training.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
            env={**os.environ, **threads, "PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,  # Ctrl-C in a terminal is for the main process alone
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same on Windows
        )
        self.name = f"worker {number} of {plan.workers} (process {self._process.pid})"
        self.peak_mib = 0
        self._joined = False
        self._fault: dict[str, Any] | None = None
        self._heard: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def tell(self, message: dict[str, Any]) -> None:
        """Send a line; TrainingError if nobody is there to read it."""
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except OSError:
            while True:  # whatever it still said; the last is why it is gone
                self.hear()

    def hear(self) -> dict[str, Any]:
        """The next answer, waited for; TrainingError if it is an error, or the end."""
        answer = self._fault or self._heard.get()
        if "error" in answer:
            self._fault = answer  # whoever asks again gets the same, not how the process then ended
            raise TrainingError(f"{self.name} {answer['error']}. What was saved can be resumed.{self._stderr()}")
        self.peak_mib = answer["peak"]
        return answer

    def has_joined(self) -> bool:
        """Whether it has said that it is ready; until then the others do its work."""
        if not self._joined and not self._heard.empty():
            self._joined = bool(self.hear()["ready"])
        return self._joined

    def close(self) -> None:
        """Let it go, which it does at once."""
        assert self._process.stdin
        assert self._process.stdout
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()
        self._process.stdout.close()
        self._errors.close()

    def _listen(self) -> None:
        assert self._process.stdout
        with suppress(ValueError):  # a line that was cut off by a kill
            for line in self._process.stdout:
                self._heard.put(json.loads(line))
        code = self._process.wait()
        self._heard.put({"error": f"was ended by {_signal(-code)}" if code < 0 else f"left with exit status {code}"})

    def _stderr(self) -> str:
        """What it wrote there, which nobody sees otherwise."""
        self._errors.seek(0)
        text = self._errors.read().decode("utf-8", errors="replace").strip()
        return f" It wrote:\n{text}" if text else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
