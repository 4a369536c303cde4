"""Run a model: one output line for each input line, in order.

For example:
  regard run runs/pairs "A man rides a bike." --show
  regard run runs/pairs --input in.txt --output out.txt --resume
  cat in.txt | regard run runs/pairs --json
  regard run runs/pairs --input in.txt --glossary terms.tsv --protect
  regard run runs/pairs "A man rides a bike." --nbest 3 --set decode.temperature=0.7
  regard run runs/captions photos/ --output captions.jsonl --resume
  regard run runs/scenes "a three above a seven" --nbest 8 --output sheet.png

An empty line gives an empty line. Of a model that answers, a line is
QUESTION ||| PASSAGE, or {"context": "...", "question": "..."}; of one that
summarises, a document, or {"source": "..."}. Of a model that reads pictures, it
is the name of one, or of a folder of them. One that draws writes a .png. Attention is written by suffix: .json,
.npz, .svg, .png, .html, .gif (films of looks and of drawing), or .pharaoh (word alignments, i-j);
.json and .pharaoh line by line, the others at the end, out of memory.

With --resume a run that was killed is gone on with: the same command ends with
the same files, bit for bit. Without anything to go on with, it begins.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from regard.growing import Growing
    from regard.view.lines import Lines
    from regard.view.record import Output
    from regard.wording import Wishes

SAME = ("model", "text", "input", "output", "resume", "show", "stream", "glossary")  # no options, or compared otherwise


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add = parser.add_argument
    add("model", metavar="MODEL", help="a model folder")
    add("text", metavar="TEXT", nargs="*", default=[], help="lines to run; without any, --input is read")
    add("--input", metavar="FILE|-", default="-", help="lines to run, - for standard input (default)")
    add("--output", metavar="FILE|-", default="-", help="where outputs go, - for standard output")
    add("--resume", action="store_true", help="go on with the --output of the same command that was killed")
    add("--beam", type=int, metavar="N", help="hypotheses followed at once (as the model is configured)")
    add("--nbest", type=int, metavar="N", default=1, help="give the N best, tab-separated in the line")
    add("--json", action="store_true", help="one JSON object a line: text, tokens, scores, attention, words")
    add("--confidence", action="store_true", help="mark doubtful words with the probability the model gives them")
    add("--show", action="store_true", help="draw the attention in the terminal")
    add("--attention", type=Path, metavar="FILE", help="write the attention, by suffix")
    add("--stream", action="store_true", help="write each output while it is being found, with a beam of one")
    add("--set", metavar="KEY=VALUE", action="append", default=[], help="search otherwise, such as decode.no_repeat=3")
    add("--ensemble", metavar="MODEL", nargs="+", default=[], help="more models; the mean of all is searched")
    add("--batch", type=int, metavar="N", default=64, help="lines worked on at once; results are the same")
    wish = parser.add_argument_group("what outputs must be like; what is not possible is told at the end").add_argument
    wish("--prefix", metavar="TEXT", default="", help="outputs begin so")
    wish("--require", metavar="TERM", action="append", default=[], help="outputs have this term (repeatable)")
    wish("--forbid", metavar="TERM", action="append", default=[], help="outputs do not have this term (repeatable)")
    wish("--glossary", metavar="FILE", help="lines with a term of this file have its translation: SOURCE tab TARGET")
    wish(
        "--protect",
        metavar="REGEX",
        nargs="?",
        const=True,
        help="carry over what fits as it is; without REGEX: placeholders, tags, web and e-mail addresses",
    )
    wish("--replace-unknown", action="store_true", help="put the source word it looked at for each <unk>")


def run(args: argparse.Namespace) -> None:
    """Run every line."""
    from regard.errors import DataError
    from regard.files import opened
    from regard.growing import Growing
    from regard.loading import load
    from regard.running import WINDOW, Asked, Faults, Job, Lines, Notes, Unmet, streamed
    from regard.view import drawing, record

    args.json |= args.output.endswith(".jsonl")
    _check(args)
    asked = Asked(args.beam, args.nbest, _wishes(args), args.batch)
    model = load(args.model, *args.ensemble, settings=args.set)
    sheet = None
    if model.task.writes == "pictures":
        shown = bool(args.show or args.attention)
        sheet = drawing.place(args.output, shown=shown, json=args.json, resume=args.resume)
        args.output = args.output if args.json else os.devnull  # a picture has no text
    typed = not args.text and args.input == "-" and sys.stdin.isatty()
    if typed:
        sys.stderr.write("Type a line and press Enter; Ctrl-D ends.\n")
    lines = Lines(args.text or args.input, folders=model.task.reads == "pictures")
    unmet, faults, notes, kept = Unmet(asked.wishes), Faults(), Notes(), list["Output"]()
    if args.stream:
        streamed(model, lines, sys.stdout)
        return
    formats = _formats(args)
    own, late = Path(args.output) not in formats, args.attention and args.attention not in formats
    with (
        opened(args.output if own else "-") as stream,
        Growing(list(formats), _facts(args) if formats else {}, resume=args.resume) as files,
        _told(files, shown=not (own or late)),
        _progress(None if own else lines.count(), files.lines, shown=not (own or args.show)) as advance,
    ):
        sinks = _sinks(args, stream, own, typed, kept if late or sheet else None)
        job = Job(model, asked, files, list(formats.values()), sinks, unmet, faults, notes)
        for count in job.run(lines, 1 if typed else WINDOW):
            advance(count)
    if late:
        record.save(kept, args.attention)
    if sheet and faults.lines < max(1, len(kept)):  # else what is wrong with the lines says more
        drawing.save([(output, *output.alternatives) for output in kept], sheet)
    sys.stderr.write(lines.report() + unmet.report() + notes.report())
    if faults.lines:
        raise DataError(faults.report())


@contextmanager
def _progress(total: int | None, done: int, shown: bool) -> "Iterator[Callable[[int], None]]":
    """A bar, if a person is there to see it."""
    if not (shown and sys.stderr.isatty()):
        yield lambda lines: None
        return
    from regard.view.progress import progress

    with progress(total, done) as advance:
        yield advance


@contextmanager
def _told(files: "Growing", shown: bool) -> Iterator[None]:
    """After Ctrl-C say how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        if shown and files.lines:
            sys.stderr.write(f"Stopped; {files.lines:,} lines are done. The same command with --resume goes on.\n")
        raise


def _check(args: argparse.Namespace) -> None:
    """Tell a wrong use before it costs any work."""
    from regard.errors import UsageError
    from regard.files import replaceable
    from regard.loading import task_of
    from regard.view import record

    if args.attention:
        record.writer(args.attention)
    if args.batch < 1:
        raise UsageError(f"--batch is {args.batch}; it must be at least 1.")
    if args.text and args.input != "-":
        raise UsageError("got both TEXT and --input; give one of them.")
    if args.attention == Path(args.output):
        raise UsageError(f"{args.output} cannot hold both the outputs and the attention.")
    whole = args.output != "-" and replaceable(Path(args.output))
    if args.resume and not whole:
        raise UsageError("--resume goes on with a file: give --output FILE.")
    if args.resume and args.attention and args.attention.suffix.lower() not in record.STREAMED:
        known = " and ".join(record.STREAMED)
        raise UsageError(f"--resume cannot go on with {args.attention}: only {known} are written line by line.")
    usual = {"output": "-", "nbest": 1, "beam": 1}
    others = [
        name for name in vars(args) if name not in ("model", "text", "input", "stream", "batch", "set", "ensemble")
    ]
    wrong = [name for name in others if getattr(args, name) and getattr(args, name) != usual.get(name)]
    if args.stream and wrong:
        raise UsageError(
            f"--stream writes the plain text of a beam of one: it goes without --{wrong[0].replace('_', '-')}."
        )
    if args.attention:
        task = task_of(args.model)
        pictures = "pictures" in (task.reads, task.writes)
        record.possible(args.attention, pictures=pictures, filmed=task.filmed and not args.ensemble)


def _wishes(args: argparse.Namespace) -> "Wishes":
    from regard.wording import NO_TERMS, USUAL, Glossary, Wishes, pattern

    return Wishes(
        prefix=args.prefix,
        require=tuple(args.require),
        forbid=tuple(args.forbid),
        glossary=Glossary.read(args.glossary) if args.glossary else NO_TERMS,
        protect=pattern(USUAL if args.protect is True else args.protect) if args.protect else None,
        replace_unknown=args.replace_unknown,
    )


def _facts(args: argparse.Namespace) -> dict[str, Any]:
    from regard.running import facts

    options = {f"--{name.replace('_', '-')}": value for name, value in vars(args).items() if name not in SAME}
    return facts(options, (args.model, *args.ensemble), args.glossary)


def _formats(args: argparse.Namespace) -> "dict[Path, Lines[Output]]":
    """The files that grow line by line, and what is written into them of each output."""
    from regard.files import replaceable
    from regard.view.lines import Lines
    from regard.view.record import STREAMED

    found: dict[Path, Lines[Output]] = {}
    if args.output != "-" and replaceable(Path(args.output)):
        found[Path(args.output)] = Lines(lambda output: f"{_line(output, args)}\n")
    if args.attention and args.attention.suffix.lower() in STREAMED:
        found[args.attention] = STREAMED[args.attention.suffix.lower()]
    return found


def _sinks(
    args: argparse.Namespace, stream: TextIO, own: bool, typed: bool, kept: "list[Output] | None"
) -> "list[Callable[[Output], None]]":
    """What else is done with each output: `own` says that none of the files takes it, `kept` where to keep it."""

    def write(output: "Output") -> None:
        stream.write(_line(output, args) + "\n")
        if args.show or typed:
            stream.flush()

    found: list[Callable[[Output], None]] = []
    if own and args.confidence and not args.json and stream.isatty():
        from regard.view.console import printed

        found.append(printed(stream))
    elif own:
        found.append(write)
    if args.show:
        from regard.view.console import drawn

        found.append(drawn(error=args.json))  # a stream of JSON stays one
    if kept is not None:
        found.append(kept.append)
    return found


def _line(output: "Output", args: argparse.Namespace) -> str:
    if args.json:
        return json.dumps(output.to_json(), ensure_ascii=False)
    if args.confidence:
        from regard.view import confidence

        return confidence.line([output, *output.alternatives]).plain
    text = "\t".join([output.text, *(record.text for record in output.alternatives)])
    return text.replace("\n", " ")  # of a protected string perhaps: a line stays one
