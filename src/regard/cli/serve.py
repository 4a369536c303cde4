"""Serve models over HTTP, to programs and to a page.

For example:
  regard serve runs/en-fr
  regard serve runs/en-fr captions=runs/photos --port 8080
  curl -d q="Good morning." -d source=en -d target=fr localhost:5000/translate

Programs that speak LibreTranslate's protocol find it here (--languages says what a
model translates, where its name and data do not); /run/MODEL takes every task, and
/openapi.json describes all. Only this machine is listened to, unless --host says otherwise.
"""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add = parser.add_argument
    add("model", metavar="[NAME=]MODEL", nargs="+", help="model folders, each known by its own name or by NAME")
    add("--host", default="127.0.0.1", help="the address to listen on; 0.0.0.0 lets every machine in (127.0.0.1)")
    add("--port", type=int, default=5000, help="0 takes any that is free (5000)")
    add("--name", action="append", default=[], metavar="HOST", help="a further name that this machine is asked by")
    add("--languages", action="append", default=[], metavar="[NAME=]EN-FR", help="what a model translates")
    add("--threads", type=int, default=0, metavar="N", help="that decode for each model, all cores if 0 (0)")
    limit = parser.add_argument_group("what may be asked").add_argument
    limit("--batch", type=int, default=64, metavar="N", help="sources decoded at once (64)")
    limit("--wait-ms", type=float, default=4.0, metavar="MS", help="longest wait for others to join a batch (4)")
    limit("--queue", type=int, default=1024, metavar="N", help="sources that may wait for a model (1024)")
    limit("--timeout", type=float, default=60.0, metavar="S", help="longest time for a request, in seconds (60)")
    limit("--chars", type=int, default=5000, metavar="N", help="longest source, in characters (5000)")
    limit("--rate", type=int, default=0, metavar="N", help="requests a minute for each client, any number if 0 (0)")
    limit("--keys", metavar="FILE", help="API keys, one a line: without one of them nothing is answered")
    add("--quiet", action="store_true", help="log no requests")


def run(args: argparse.Namespace) -> None:
    """Load the models and serve them."""
    import sys

    from regard.processor import cores
    from regard.serve.limits import Limits
    from regard.serve.metrics import Metrics
    from regard.serve.served import named
    from regard.serve.server import bound, opened, serve

    limits = Limits(
        batch=args.batch,
        wait=args.wait_ms / 1000,
        queue=args.queue,
        timeout=args.timeout,
        chars=args.chars,
        rate=args.rate,
        keys=_keys(args.keys),
    )
    folders, metrics = named(args.model), Metrics(None if args.quiet else sys.stderr)
    with bound(args.host, args.port) as listening:
        models = opened(folders, args.languages, limits, args.threads or cores(), metrics)
        serve(models, limits, metrics, listening, args.name)


def _keys(path: str | None) -> frozenset[str]:
    from regard.data.lines import existing
    from regard.errors import DataError

    if path is None:
        return frozenset()
    found = frozenset(existing(path).read_text(encoding="utf-8").split())
    if not found:
        raise DataError(f"{path} holds no API key: it wants one a line.")
    return found
