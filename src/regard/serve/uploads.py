"""Pictures that are sent: looked at by their headers, and held in a file of our own name while a model reads them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regard import pictures
from regard.errors import DataError
from regard.serve.limits import Limits, Refused


@contextmanager
def held(content: bytes, limits: Limits) -> Iterator[str]:
    """A file with the picture, for as long as it is needed. Refused for what is no picture, or too large a one."""
    with tempfile.TemporaryDirectory(prefix="regard-") as folder:
        path = Path(folder) / "picture"
        path.write_bytes(content)
        try:
            width, height = pictures.size(path)
        except DataError as error:
            raise Refused(400, told(str(error), str(path))) from None
        if width * height > limits.pixels:
            raise Refused(400, f"the picture is {width} x {height}; this server takes {limits.pixels:,} pixels.")
        yield str(path)


def told(message: str, path: str) -> str:
    """A message without the name that the file has here."""
    return message.replace(f"{path}: ", "the picture ").replace(path, "the picture")
