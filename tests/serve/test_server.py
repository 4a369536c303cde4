"""The command: a real process with real sockets, which stops as it should and tells what is wrong in a line."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import letters
import regard
from regard.errors import UsageError
from regard.serve.served import named
from regard.serve.server import bound


@contextmanager
def process(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`regard serve` with these arguments, and the address that it told."""
    line = letters.command("serve", *arguments, "--port", "0")
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=letters.ENVIRONMENT
    ) as server:
        try:
            assert server.stdout
            told = server.stdout.readline()
            assert told, server.stderr.read() if server.stderr else ""
            yield server, told.split(" on ")[1].split()[0]
        finally:
            server.kill()


def test_answers_are_sent_at_once() -> None:
    """A head and a body are two writes: the second must not wait for the acknowledgement of the first, for 40 ms."""
    with (
        bound("127.0.0.1", 0) as listening,
        socket.create_connection(listening.getsockname()),
        listening.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def post(address: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(address, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as found:
        return json.load(found)


def _waiting(address: str) -> int:
    with urllib.request.urlopen(f"{address}/health", timeout=60) as health:
        return int(json.load(health)["waiting"]["half"])


def test_two_models_are_served_and_stop_with_what_they_accepted(folder: Path) -> None:
    with process(f"half={folder}", f"other={folder}", "--languages", "other=en-fr", "--threads", "1") as (
        server,
        address,
    ):
        assert address.startswith("http://127.0.0.1:")
        assert post(f"{address}/translate", {"q": "a b c", "source": "en", "target": "fr"})["translatedText"]
        many = {"source": letters.lines(250, 9), "options": {"beam": 16}}
        found: list[Any] = []
        asking = threading.Thread(target=lambda: found.append(post(f"{address}/run/half", many)))
        asking.start()
        while not found and not _waiting(address):
            time.sleep(0.01)
        server.send_signal(signal.SIGTERM)
        asking.join(120)
        assert server.wait(60) == 0
        assert len(found[0]["outputs"]) == 250
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(address, timeout=5)
        assert server.stderr
        log = [json.loads(line) for line in server.stderr.read().splitlines()]
        assert log[0]["event"] == "start" and log[-1]["event"] == "stop"
        assert {line["status"] for line in log if line["event"] == "request"} == {200}


def test_it_stops_even_if_it_is_told_so_before_it_listens_to_signals(folder: Path) -> None:
    with process(folder) as (server, _):
        server.terminate()
        assert server.wait(60) == 0


def test_ctrl_c_ends_it_well_and_what_is_no_http_is_logged(folder: Path) -> None:
    with process(folder) as (server, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as line:
            line.sendall(b"what is this\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 400")
        server.send_signal(signal.SIGINT)
        assert server.wait(60) == 0
        assert server.stderr
        log = [json.loads(line) for line in server.stderr.read().splitlines()]
        assert any(line["event"] == "server" and "Invalid HTTP" in line["says"] for line in log)


def test_a_port_that_is_taken_is_told_before_a_model_is_loaded(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = letters.regard("serve", folder, "--port", port)
    assert done.returncode == 2
    says = f"regard: cannot listen on 127.0.0.1 port {port} "
    assert done.stderr.decode().startswith(says) and done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere", "--port", "0"), "There is no model folder nowhere."),
        (("a", "b/a", "--port", "0"), "a and b/a are both called 'a': give one a name, as in NAME=b/a."),
        (("a", "--port", "0", "--batch", "0"), "the limit batch is 0; it must be at least 1."),
        (("a", "--port", "0", "--keys", "nowhere.txt"), "nowhere.txt"),
        (("a", "--port", "70000"), "cannot listen on 127.0.0.1 port 70000"),
        (("a", "--host", "192.0.2.1"), "cannot listen on 192.0.2.1 port 5000"),
    ],
)
def test_a_wrong_use_is_told_in_a_line(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = letters.regard("serve", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode().startswith(f"regard: {says}") and done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("missing", ["fastapi", "uvicorn"])
def test_what_is_not_installed_is_told(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; from regard.cli import main; sys.exit(main(['serve', 'x']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=letters.ENVIRONMENT)
    assert done.returncode == 2
    assert done.stderr == f'regard: this needs {missing}, which is not installed: pip install "regard[serve]"\n'


def test_names_of_models() -> None:
    assert named(["runs/a", "b=runs/c", "runs/d/"]) == {"a": Path("runs/a"), "b": Path("runs/c"), "d": Path("runs/d")}
    with pytest.raises(UsageError, match="its name is part of an address"):
        named(["a/b=c"])


def test_the_guide_tells_every_option(folder: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "serving.md").read_text(encoding="utf-8")
    told = letters.regard("serve", "--help").stdout.decode()
    assert set(re.findall(r"--[a-z-]+", told)) - {"--help"} <= set(re.findall(r"--[a-z-]+", guide))


def test_the_commands_of_the_guide_do_what_it_says(folder: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "serving.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    (curl .*)$", guide, re.MULTILINE)
    assert len(commands) >= 5
    with process(f"en-fr={folder}", "--languages", "en-fr") as (_, address):
        for command in commands:
            if "captions" in command:
                continue
            line = command.replace("localhost:5000", address.removeprefix("http://"))
            done = subprocess.run(
                ["bash", "-c", f"{line} --fail --silent --show-error"], capture_output=True, text=True
            )
            assert done.returncode == 0, (command, done.stderr, done.stdout)
            assert done.stdout


def test_serving_is_no_part_of_the_library() -> None:
    code = (
        "import sys, regard, regard.cli.serve; sys.exit(str([m for m in ('fastapi', 'uvicorn') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=letters.ENVIRONMENT)
    assert done.stderr.strip() == "[]" and regard.__all__
