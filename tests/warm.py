"""Commands without the seconds that imports take: a process that has imported what they use forks one for each.

A forked command is a command still: it has a process, standard streams and an exit status of its own, and ends after
its threads and exit handlers as any does. What was imported is not taken down, which takes a second in a fork: memory
that is shared is copied to be freed. Run as a program this is the process that forks; it ends with the one that
started it.
"""

import atexit
import functools
import importlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

IMPORTED = (  # but for onnxruntime, which starts threads when it is imported: a fork would lack them
    *("torch", "torch.export._trace", "torch.onnx._internal.exporter._core", "torch.utils.tensorboard"),
    *("onnxscript.function_libs.torch_lib.ops", "sentencepiece", "sacrebleu.metrics", "safetensors.torch"),
    *("rich.progress", "regard.cli", "regard.evaluation", "regard.loading", "regard.running"),
    *("regard.training.session", "regard.view.console", "regard.serve.server", "PIL.Image"),
)


class Warm:
    """The process that forks, seen from the tests."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.door, theirs = socket.socketpair()
        line = [sys.executable, "-W", "error::UserWarning", __file__]
        with theirs:
            self.process = subprocess.Popen(line, env=environment, stdin=theirs)

    def run(
        self, arguments: list[str], given: bytes, cwd: Path | None, timeout: float
    ) -> subprocess.CompletedProcess[bytes]:
        """What subprocess.run would do with the command; TimeoutError, if it has not ended by then."""
        with TemporaryFile() as about, TemporaryFile() as out, TemporaryFile() as err:
            about.write(json.dumps({"arguments": arguments, "cwd": str(cwd or Path.cwd())}).encode())
            rewound(about)
            reading, writing = os.pipe()
            told, tells = socket.socketpair()
            socket.send_fds(self.door, [b"."], [about.fileno(), reading, out.fileno(), err.fileno(), tells.fileno()])
            os.close(reading)
            tells.close()
            with suppress(BrokenPipeError), os.fdopen(writing, "wb") as stdin:  # one that has ended reads no more
                stdin.write(given)
            with told:
                told.settimeout(timeout)
                status = int(told.recv(16))
            return subprocess.CompletedProcess(arguments, status, rewound(out).read(), rewound(err).read())


@functools.cache
def warm(*environment: tuple[str, str]) -> Warm:
    """The one of this process, started when it is first asked for."""
    return Warm(dict(environment))


def rewound(file: IO[bytes]) -> IO[bytes]:
    """The same at its beginning."""
    file.seek(0)
    return file


def serve() -> int:
    """Fork a command for each message on the socket that is the standard input; exit statuses."""
    ended: list[int] = []
    atexit.register(leave, ended)  # before all others, so that it is the last one to be called
    for name in IMPORTED:
        importlib.import_module(name)
    door = socket.socket(fileno=os.dup(0))
    while True:
        message, files, _, _ = socket.recv_fds(door, 1, 5)
        if not message:
            return 0
        if os.fork() == 0:
            door.close()
            ended.append(told(*files))
            return ended[0]
        for file in files:
            os.close(file)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def told(about: int, stdin: int, out: int, err: int, tells: int) -> int:
    """A command's exit status, in its own process; the one that forked it waits, tells the status, and is gone."""
    child = os.fork()
    if child:
        os.close(stdin)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.write(tells, str(status).encode())
        os._exit(0)
    os.close(tells)
    for file, standard in ((stdin, 0), (out, 1), (err, 2)):
        os.dup2(file, standard)
        os.close(file)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w", buffering=1)
    with os.fdopen(about, encoding="utf-8") as file:
        given = json.load(file)
    os.chdir(given["cwd"])
    sys.argv = ["regard", *given["arguments"]]
    return importlib.import_module("regard.cli").main()


def leave(ended: list[int]) -> None:
    """End this process at once, if its command has ended."""
    if ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended[0])


if __name__ == "__main__":
    sys.exit(serve())
