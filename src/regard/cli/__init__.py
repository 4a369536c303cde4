"""The command line: one small file a verb; nothing heavy is imported before a verb runs.

A verb's file has a docstring (its help page), `arguments(parser)` and `run(args)`.
Faults go to stderr in a line or two: exit status 2 for a usage or config
fault, 1 for a run that failed, 130 after Ctrl-C.
"""

import argparse
import difflib
import importlib
import io
import os
import pkgutil
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

from regard.errors import RegardError, unknown
from regard.processor import hasten

ABOUT = "Regard: attention encoder-decoders that train anywhere, resume exactly and show where they look."
# As a new user meets them.
ORDER = (
    *("demo", "train", "run", "serve", "score", "eval", "export", "compare", "view", "align", "generate", "info"),
    *("options", "doctor"),
)
EXTRAS = {  # where a package that is missing comes from; all others are for training
    "PIL": "picture",
    "transformers": "picture",
    "fastapi": "serve",
    "python_multipart": "serve",
    "starlette": "serve",
    "uvicorn": "serve",
}


class Parser(argparse.ArgumentParser):
    """An argument parser whose faults fit in two lines and name the nearest right option."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and where to read more."""
        sys.stderr.write(f"{self.prog}: {message}\n(`{self.prog} --help` lists what it takes.)\n")
        raise SystemExit(2)

    def nearest(self, argument: str) -> str:
        """A hint for an argument that is not known."""
        near = difflib.get_close_matches(argument.partition("=")[0], self._option_string_actions, n=1, cutoff=0.5)
        return f" Did you mean {near[0]}?" if near else ""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    # Idle threads soon sleep instead of spinning: alone this costs little, beside a busy process it saves most.
    # OpenMP reads it when PyTorch is imported, which no verb has done yet.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    if argv is None:  # a process of its own
        hasten()
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a text stream that writes bytes: always UTF-8, always plain newlines
            stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    try:
        return _main(arguments)
    except RegardError as error:
        sys.stderr.write(f"regard: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, `head` perhaps, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:  # a full disk, a folder that may not be written to, a file where a folder should be
        sys.stderr.write(f"regard: {error.filename or 'the system'}: {error.strerror or error}\n")
        return 1
    except ModuleNotFoundError as error:
        extra = EXTRAS.get(str(error.name), "train")
        sys.stderr.write(f'regard: this needs {error.name}, which is not installed: pip install "regard[{extra}]"\n')
        return 2


def _main(arguments: list[str]) -> int:
    names = sorted((m.name for m in pkgutil.iter_modules(__path__)), key=ORDER.index)
    if not arguments or arguments[0] in ("-h", "--help", "--version"):
        return _overview(names, arguments)
    if arguments[0] not in names:
        sys.stderr.write(f"regard: {unknown('There is no command', arguments[0], names)}\n")
        return 2
    verb = _verb(arguments[0])
    parser = Parser(
        prog=f"regard {arguments[0]}",
        description=verb.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verb.arguments(parser)
    args, rest = parser.parse_known_intermixed_args(arguments[1:])
    if rest:
        parser.error(f"there is no option {rest[0]}.{parser.nearest(rest[0])}")
    return verb.run(args) or 0


def _overview(names: list[str], arguments: list[str]) -> int:
    if "--version" in arguments:
        from importlib.metadata import version

        print(f"regard {version('regard')}")
        return 0
    print(f"{ABOUT}\n\nusage: regard COMMAND ...\n")
    for name in names:
        print(f"  {name:9}{(_verb(name).__doc__ or '').splitlines()[0]}")
    print("\n`regard COMMAND --help` says more. Begin with `regard demo`.")
    return 0


def _verb(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name}")
