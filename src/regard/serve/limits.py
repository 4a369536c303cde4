"""What a request, a client and the queue may have, and what is said of one that wants more."""

from dataclasses import dataclass

from regard.errors import UsageError


class Refused(Exception):  # noqa: N818  reads as what happened
    """A request that gets no answer: the status, one sentence why, and after how many seconds to come again."""

    def __init__(self, status: int, why: str, retry: int = 0) -> None:
        super().__init__(why)
        self.status, self.why, self.retry = status, why, retry


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds that keep one server up whatever it is asked.

    batch: sources that are decoded at once, and wait: seconds at most that a free thread waits for more of them;
    queue: sources that may wait for a model; timeout: seconds for a request, its body and its answer included;
    body, picture: bytes of a request, of one with a picture; pixels: of a picture; texts: sources in a request;
    chars: of a source; beam, length: the largest that may be asked for; streams: answers that may be written token
    by token at once; rate: requests a minute of one client, 0 for any number; keys: without one of them, if there
    are any, nothing is answered.
    """

    batch: int = 64
    wait: float = 0.004
    queue: int = 1024
    timeout: float = 60.0
    body: int = 1 << 20
    picture: int = 16 << 20
    pixels: int = 40_000_000
    texts: int = 256
    chars: int = 5000
    beam: int = 32
    length: int = 1000
    streams: int = 4
    rate: int = 0
    keys: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """UsageError for bounds that nothing fits in."""
        for name in ("batch", "queue", "body", "picture", "pixels", "texts", "chars", "beam", "length", "streams"):
            if getattr(self, name) < 1:
                raise UsageError(f"the limit {name} is {getattr(self, name)}; it must be at least 1.")
        if self.wait < 0 or self.timeout <= 0 or self.rate < 0:
            raise UsageError(
                f"wait is {self.wait:g} s, timeout {self.timeout:g} s and rate {self.rate}; "
                "none may be negative, and the timeout not 0."
            )
