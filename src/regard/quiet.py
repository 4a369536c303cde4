"""A library's warnings kept off the screen, in whatever thread they come."""

import warnings
from threading import Lock


class Quiet:
    """Pillow's warnings (of large pictures and odd metadata, both judged by us) are kept off the screen.

    The filters of warnings are one for all threads, so that the first in changes them and the last out puts them back.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._filters = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._filters.__exit__(None, None, None)


QUIET = Quiet()
