"""List the parts and options that a config can name, with types and defaults.

For example:
  regard options               every section of a config
  regard options attention     the parts of a section, or its options
  regard options additive      one part
"""

import argparse
import inspect
from collections.abc import Callable
from typing import Any


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("part", metavar="PART", nargs="?", help="a section of a config, or the name of a part")


def run(args: argparse.Namespace) -> None:
    """Print what the constructors say."""
    from regard.build import Count, describe, find, names
    from regard.config import PARTS, SCHEMAS
    from regard.errors import ConfigError, unknown

    parts = [(section, name, find(kind, name)) for section, kind in PARTS.items() for name in names(kind)]
    shown = [
        (section, name, part)
        for section, name, part in parts
        if args.part in (None, section, PARTS[section], name, f"{section}.{name}")
    ]
    sections = {name: schema for name, schema in SCHEMAS.items() if args.part in (None, name)}
    if not shown and not sections:
        known = [*SCHEMAS, *PARTS, *(name for _, name, _ in parts)]
        raise ConfigError(unknown("There is no section or part", args.part, known))
    if args.part is None:
        print(f'task = "translate"  ({" | ".join(names("tasks"))})\nseed = 1  ({describe(Count)})\n')
    for name, schema in sections.items():
        _show(f"[{name}]", schema)
    for section, name, part in shown:
        _show(f'[{section}] name = "{name}"', part)


def _show(title: str, schema: Callable[..., Any]) -> None:
    from regard.build import options

    print(f"{title}\n  {(inspect.getdoc(schema) or '').splitlines()[0]}")
    for option in options(schema).values():
        default = "required" if option.default is inspect.Parameter.empty else repr(option.default)
        print(f"    {option.name} = {default}  ({option.wants})")
        print(f"        {option.help}")
    print()
