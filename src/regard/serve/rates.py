"""How often one client may ask: a bucket that fills evenly, and holds a minute's worth."""

import time
from collections import OrderedDict

from regard.serve.limits import Refused

CLIENTS = 10_000  # that are remembered; the one longest unheard of is forgotten first


class Rates:
    """`rate` requests a minute for each client, 0 for any number."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens left, and when that was

    def take(self, client: str) -> None:
        """One request of a client. Refused if it has asked too often."""
        if not self.rate:
            return
        now = time.monotonic()
        left, then = self._left.pop(client, (float(self.rate), now))
        left = min(self.rate, left + (now - then) * self.rate / 60)
        self._left[client] = (max(0.0, left - 1) if left >= 1 else left, now)
        if len(self._left) > CLIENTS:
            self._left.popitem(last=False)
        if left < 1:
            raise Refused(429, f"more than {self.rate} requests a minute.", max(1, round((1 - left) * 60 / self.rate)))
