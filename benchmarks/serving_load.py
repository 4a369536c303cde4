"""Clients of a server, each of which asks, waits for the answer, checks it, and asks again.

    python benchmarks/serving_load.py PORT CLIENTS EXPECTED.json [--seconds S | --answers N]

EXPECTED.json maps each line that may be asked to its translation. Told, as one JSON object: answers a second,
latencies, and how many answers were wrong, refused or lost. It speaks HTTP over bare sockets of asyncio, so that
little of the machine that it shares with the server goes to it.
"""

import argparse
import asyncio
import json
import random
import time
from pathlib import Path
from typing import Any

WARM = 2.0  # seconds that do not count


class Clients:
    """Some clients of one server, and what became of their requests."""

    def __init__(self, port: int, expected: dict[str, str], seconds: float, answers: int) -> None:
        self.port, self.expected, self.lines = port, expected, list(expected)
        self.seconds, self.left = seconds, answers or 1 << 60
        self.began = self.last = 0.0
        self.times: list[float] = []
        self.faults = {"crossed": 0, "refused": 0, "lost": 0}

    async def client(self, number: int) -> None:
        """One client on one connection, until the time is up or enough was asked."""
        choose = random.Random(number)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while self.left > 0 and time.perf_counter() < self.began + WARM + self.seconds:
            self.left -= 1
            line = choose.choice(self.lines)
            asked = time.perf_counter()
            try:
                status, body = await self.ask(reader, writer, line)
            except (OSError, asyncio.IncompleteReadError, ValueError):
                self.faults["lost"] += 1
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                continue
            self.last = time.perf_counter()
            if status != 200:
                self.faults["refused"] += 1
            elif body["translatedText"] != self.expected[line]:
                self.faults["crossed"] += 1
            elif asked > self.began + WARM:
                self.times.append(self.last - asked)
        writer.close()

    async def ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: str) -> tuple[int, Any]:
        """One request, and the status and body of its answer."""
        body = json.dumps({"q": line, "source": "en", "target": "fr"}).encode()
        writer.write(
            b"POST /translate HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(body), body)
        )
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return int(head[9:12]), json.loads(await reader.readexactly(length))

    async def run(self, clients: int) -> dict[str, Any]:
        """All of them at once."""
        self.began = time.perf_counter()
        await asyncio.gather(*(self.client(number) for number in range(clients)))
        times = sorted(self.times)
        taken = self.last - self.began - WARM
        shares = {f"p{p}": round(1000 * times[min(len(times) - 1, len(times) * p // 100)], 1) for p in (50, 95, 99)}
        return {"clients": clients, "answers": len(times), "a second": round(len(times) / taken, 1), **shares,
                "longest": round(1000 * times[-1], 1), **self.faults}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("clients", type=int)
    parser.add_argument("expected", type=Path)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--answers", type=int, default=0)
    chosen = parser.parse_args()
    expected = json.loads(chosen.expected.read_text(encoding="utf-8"))
    clients = Clients(chosen.port, expected, chosen.seconds, chosen.answers)
    print(json.dumps(asyncio.run(clients.run(chosen.clients))))


if __name__ == "__main__":
    main()
