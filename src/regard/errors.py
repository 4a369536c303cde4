"""What can go wrong for a user, drawn as a tree.

    RegardError            exit 1: the run failed
    ├── UsageError         exit 2: the command or the call is wrong
    │   └── ConfigError    exit 2: a part, an option or a value that does not exist
    ├── DataError          exit 1: a file that cannot be used
    │   ├── NoSuchFile     exit 2: ... because it is not there
    │   └── TooLarge       exit 1: ... because no memory should be asked to hold it
    ├── ModelError         exit 1: a folder that is not, or not fully, a model
    │   └── NoSuchModel    exit 2: ... because it is not there
    └── TrainingError      exit 1: training cannot go on

Every message says what, where, what was got, what was expected, and, for a
name, the nearest right one. The command line prints it without a traceback.
"""

import difflib
from collections.abc import Iterable


class RegardError(Exception):
    """Anything that a user can mend; the message is all they need to read."""

    exit_code = 1


class UsageError(RegardError):
    """The command line, or a call from Python, asks for something impossible."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration names a part, an option or a value that is not there."""


class DataError(RegardError):
    """A data file is missing, unreadable or useless."""


class NoSuchFile(DataError):  # noqa: N818  reads as what happened
    """The command names a data file that is not there."""

    exit_code = 2


class TooLarge(DataError):  # noqa: N818  reads as what is wrong
    """A data file is so large that reading it would harm: a mistake, or an attack."""


class ModelError(RegardError):
    """A folder does not hold the model that was asked for."""


class NoSuchModel(ModelError):  # noqa: N818  reads as what happened
    """The command names a model folder that is not there."""

    exit_code = 2


class TrainingError(RegardError):
    """Training had to stop; what was saved can be resumed."""


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The sentence for a wrong name: the nearest right one, then all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"{what} {name!r}.{hint} There are: {', '.join(names) or 'none'}."
