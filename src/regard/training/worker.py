"""A worker: a process that works off parts of steps for the main one, and leaves when that one does.

    python -m regard.training.worker

It reads lines of JSON: first what to build, then which files to map, then
(step, part) again and again. To each but the first it answers with a line: that it is ready,
or a part's loss and count, or an error. Gradients go through the mapped file.
"""

import json
import os
import shutil
import signal
import sys
import threading
import tomllib
import traceback
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from regard.errors import RegardError
from regard.processor import hasten, settle

Told = SimpleQueue[dict[str, Any]]
Say = Callable[[dict[str, Any]], None]


def main() -> None:
    """Work until the main process closes its end; nothing that is imported can disturb what is said."""
    hasten()
    for number in (signal.SIGINT, signal.SIGTERM):  # the main process hears them too, and finishes its step first
        signal.signal(number, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    told: Told = SimpleQueue()
    threading.Thread(target=_listen, args=(told,), daemon=True).start()

    def say(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    try:
        _work(told, say)
    except BrokenPipeError:  # the main process is gone
        os._exit(1)
    except Exception as error:
        if not isinstance(error, RegardError | MemoryError):
            traceback.print_exc()
        say({"error": f"failed: {type(error).__name__}: {error}"})
        os._exit(1)  # an ordinary exit would wait for the thread that listens


def _listen(told: Told) -> None:
    """In a thread of its own, so that a worker leaves in the middle of its work if the main process ends."""
    folder = None
    for line in sys.stdin:
        message = json.loads(line)
        folder = message.get("folder", folder)
        told.put(message)
    if folder:  # the main process may have been killed before it removed it
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _work(told: Told, say: Say) -> None:
    import torch  # here: what takes longest is done while the main process prepares its data

    from regard import config as configs
    from regard.data.store import Store
    from regard.training import shared
    from regard.training.memory import peak_mib
    from regard.training.work import Work

    given = told.get()
    settle()
    torch.set_num_threads(given["threads"])
    config = configs.check(tomllib.loads(given["config"]))
    source, target = given["sizes"]
    work = Work.of(config, (source, target), Store(Path(given["store"])), given["parts"], given["precision"])
    work.model.train()
    files, parameters = told.get(), list(work.model.parameters())
    folder = Path(files["folder"])
    shared.use(parameters, shared.mapped(folder / "weights", parameters))
    gradient = shared.mapped(folder / files["gradient"], parameters)
    say({"ready": True, "peak": peak_mib()})
    while True:
        asked = told.get()
        loss, count = work(asked["step"], asked["part"])
        lacking = shared.hand_over(parameters, gradient)
        say({"loss": float(loss), "count": int(count), "lacking": lacking, "peak": peak_mib()})


if __name__ == "__main__":
    main()
