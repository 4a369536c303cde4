"""The protocol of LibreTranslate: `/translate`, `/languages`, `/detect`; its clients work unchanged.

What is ours is optional: `alignments` and `attention` say where the words of a translation come from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request

from regard.serve import languages, markup, plain
from regard.serve.asked import asked
from regard.serve.described import DETECT, LANGUAGES, SETTINGS, TRANSLATE
from regard.serve.detect import Detector
from regard.serve.forms import fields, flag
from regard.serve.json import Json, shown
from regard.serve.limits import Limits, Refused
from regard.serve.served import Served
from regard.types import Record, word_spans
from regard.view.record import Output
from regard.view.words import alignment, grid

Pairs = Mapping[languages.Pair, Served]
Document = plain.Plain | markup.Markup


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request to translate, checked. `many`: whether its texts came as a list, and go back as one."""

    documents: list[Document]
    many: bool
    source: str
    target: str
    alternatives: int
    alignments: bool
    attention: bool

    @property
    def sources(self) -> list[str]:
        """All lines of all texts."""
        return [line for document in self.documents for line in document.sources]

    def told(self, values: list[Any]) -> Any:
        """What is told of each text: a list, or of a single text its own."""
        return values if self.many else values[0]


def router(models: Mapping[str, Served], limits: Limits, detector: Detector) -> APIRouter:
    """The addresses of the models that translate between languages which are known; the first of a pair has it."""
    routes = APIRouter()
    pairs = {one.languages: one for one in reversed(list(models.values())) if one.languages}

    @routes.post("/translate", **TRANSLATE)
    async def translate(request: Request) -> Json:
        """Translate a text or several; HTML keeps its tags, each where the words went that it held."""
        wanted, found = _wanted(await fields(request), limits), dict[str, Any]()
        source, lines = wanted.source, wanted.sources
        if source == "auto":
            known = _detected(detector, lines, [a for a, b in pairs if b == wanted.target])
            source = known[0]["language"] if known else wanted.target
            found["detectedLanguage"] = wanted.told(known[:1] * len(wanted.documents)) if known else None
        served = _model(pairs, source, wanted.target)
        if len(lines) > limits.queue:
            raise Refused(400, f"Invalid request: {len(lines)} lines; this server takes {limits.queue} at once.")
        request.state.told = {"model": served.name, "sources": len(lines)}
        options = asked(served.model, {"nbest": wanted.alternatives + 1} if wanted.alternatives else {}, limits)
        outputs = iter(await served.batches.run(lines, options))
        each = [[_good(next(outputs)) for _ in document.sources] for document in wanted.documents]
        return Json(_answer(wanted, each) | found)

    async def listed() -> Json:
        """The languages, and what each can be translated to."""
        return Json(_listed(pairs))

    routes.add_api_route("/languages", listed, methods=["GET"], **LANGUAGES)
    routes.add_api_route("/languages", listed, methods=["POST"], include_in_schema=False)  # as some clients ask

    @routes.post("/detect", **DETECT)
    async def detect(request: Request) -> Json:
        """Which of the languages that are read here a text is in, the surest first."""
        texts = _texts(await fields(request), limits)
        return Json(_detected(detector, texts))

    @routes.get("/frontend/settings", **SETTINGS)
    async def settings() -> Json:
        """What pages that were made for this protocol ask before they begin."""
        return Json(_settings(pairs, limits))

    return routes


def _listed(pairs: Pairs) -> list[dict[str, Any]]:
    codes = sorted({code for pair in pairs for code in pair})
    targets = {code: sorted(b for a, b in pairs if a == code) for code in codes}
    return [{"code": code, "name": languages.name(code), "targets": targets[code]} for code in codes]


def _settings(pairs: Pairs, limits: Limits) -> dict[str, Any]:
    source, target = next(iter(pairs), ("", ""))
    both = {"source": source, "target": target}
    return {
        "apiKeys": bool(limits.keys),
        "charLimit": limits.chars,
        "filesTranslation": False,
        "frontendTimeout": 500,
        "keyRequired": bool(limits.keys),
        "language": {side: {"code": code, "name": languages.name(code)} for side, code in both.items()},
        "suggestions": False,
        "supportedFilesFormat": [],
    }


def _wanted(given: Mapping[str, Any], limits: Limits) -> Wanted:
    texts = _texts(given, limits)
    both = [given.get(name) for name in ("source", "target")]
    for name, value in zip(("source", "target"), both, strict=True):
        if not value or not isinstance(value, str):
            raise Refused(400, f"Invalid request: missing {name} parameter")
    form = given.get("format") or "text"
    if form not in ("text", "html"):
        raise Refused(400, f"{form if isinstance(form, str) else shown(form)} format is not supported")
    read = markup.read if form == "html" else plain.read
    return Wanted(
        documents=[read(text) for text in texts],
        many=isinstance(given["q"], list),
        source=str(both[0]),
        target=str(both[1]),
        alternatives=_alternatives(given.get("alternatives", 0), limits),
        alignments=flag(given, "alignments"),
        attention=flag(given, "attention"),
    )


def _texts(given: Mapping[str, Any], limits: Limits) -> list[str]:
    q = given.get("q")
    several = q if isinstance(q, list) else [q]
    texts = [text for text in several if isinstance(text, str)]
    if not q or len(texts) < len(several):
        raise Refused(400, "Invalid request: missing q parameter")
    if len(texts) > limits.texts:
        raise Refused(400, f"Invalid request: request ({len(texts)}) exceeds text limit ({limits.texts})")
    for text in texts:
        if len(text) > limits.chars:
            raise Refused(400, f"Invalid request: request ({len(text)}) exceeds text limit ({limits.chars})")
    return texts


def _alternatives(value: Any, limits: Limits) -> int:
    try:
        count = max(0, int(value))
    except (TypeError, ValueError, OverflowError):
        raise Refused(400, "Invalid request: alternatives parameter is not a number") from None
    if count >= limits.beam:
        raise Refused(400, f"Invalid request: alternatives parameter must be <= {limits.beam - 1}")
    return count


def _detected(detector: Detector, texts: Sequence[str], among: Sequence[str] | None = None) -> list[dict[str, Any]]:
    return [{"confidence": round(100 * share, 1), "language": code} for code, share in detector(texts, among)]


def _model(pairs: Pairs, source: str, target: str) -> Served:
    """The model of two languages. Refused if there is none."""
    known = {code for pair in pairs for code in pair}
    for code in (source, target):
        if code not in known:
            raise Refused(400, f"{code} is not supported")
    if (source, target) not in pairs:
        from_, to = languages.name(source), languages.name(target)
        raise Refused(400, f"{to} ({target}) is not available as a target language from {from_} ({source})")
    return pairs[source, target]


def _good(output: Output) -> Output:
    """The output, unless its source could not be read."""
    if output.fault:
        raise Refused(400, output.fault)
    return output


def _answer(wanted: Wanted, each: list[list[Output]]) -> dict[str, Any]:
    """What is told of the outputs, those of each text together."""
    texts = [document.render(outputs) for document, outputs in zip(wanted.documents, each, strict=True)]
    found = {"translatedText": wanted.told(texts)}
    if wanted.alternatives:
        others = [_others(*both) for both in zip(wanted.documents, each, texts, strict=True)]
        found["alternatives"] = wanted.told(others)
    if wanted.alignments:
        found["alignments"] = wanted.told([[_links(output) for output in outputs] for outputs in each])
    if wanted.attention:
        found["attention"] = wanted.told([[_weights(output) for output in outputs] for outputs in each])
    return found


def _others(document: Document, outputs: Sequence[Output], best: str) -> list[str]:
    """Other translations of a text: of the second best of its lines, of the third best, and so on."""
    lists: list[list[Record]] = [[output, *output.alternatives] for output in outputs]
    most = max(map(len, lists), default=1)
    texts = [document.render([records[min(n, len(records) - 1)] for records in lists]) for n in range(1, most)]
    return [text for text in dict.fromkeys(texts) if text != best]


def _links(output: Output) -> dict[str, Any]:
    """Which source word each word of a line comes from, the places of both counted from 0."""
    return {
        "source": [word for word, *_ in word_spans(output.source_tokens)],
        "target": [word for word, *_ in word_spans(output.tokens)],
        "links": [list(link) for link in alignment(output)],
    }


def _weights(output: Output) -> dict[str, Any]:
    """How much each word of a line looked at each source word; the end signs are words, too."""
    words = grid(output)
    rows = [[round(float(weight), 6) for weight in row] for row in words.weights]
    return {"source": list(words.source), "target": list(words.target), "weights": rows}
