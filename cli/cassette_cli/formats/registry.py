"""Every format that `cassette` reads, how its files are told, and what follows from the list.

A format is named here by its module and imported when it is asked to claim a file: how files open is said here.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from cassette_cli.errors import MalformedCassetteError, NotACassetteError, UsageError
from cassette_cli.formats.attached import follow
from cassette_cli.formats.base import CassetteFormat, RequestPart, only_root
from cassette_cli.formats.heads import key, outline
from cassette_cli.model.http import Cassette
from cassette_cli.source.document import Document
from cassette_cli.source.later import Listed, pattern
from cassette_cli.source.nodes import Node
from cassette_cli.source.one_by_one import OneByOne


class Opening(NamedTuple):
    """How the files of a format are told before it is loaded.

    `signature` is a regex (multi-line, without groups of its own) that their first kilobytes match, be they broken or
    cut; their names end with one of `suffixes`, in lower case, which `.gz`, `.zst` or `.br` may follow.
    """

    signature: bytes
    suffixes: tuple[str, ...] = (".yaml", ".yml", ".json")


_INTERACTIONS = key("interactions")
_REQUEST = key("request", opens=rb"""[{!]|["']?\w+["']?\s*:""")
_JSON = (".json",)

_OPENINGS = {
    "govcr": Opening(_INTERACTIONS),
    "vcrpy": Opening(_INTERACTIONS + b"|" + _REQUEST),
    "parallel": Opening(key("requests", opens=rb"[\[-]")),
    "single": Opening(_REQUEST, (".json", ".jsonl", ".yaml", ".yml")),
    "rubyvcr": Opening(
        key("http_interactions", "recorded_with") + rb"|!ruby/struct:VCR::HTTPInteraction",
        (".yaml", ".yml", ".json", ".zz"),
    ),
    "betamax": Opening(key("http_interactions", "recorded_with")),
    "har": Opening(
        key("log", opens=rb"""\{?\s*["']?(?:_recordingName|browser|comment|creator|entries|pages|version)\b"""),
        (".har", ".json", ".yaml", ".yml"),
    ),
    "exvcr": Opening(_REQUEST, _JSON),
    "phpvcr": Opening(_REQUEST),
    "cassetter": Opening(
        key("interactions", "grpc_interactions", "ws_interactions") + rb"|^\[\[interactions\]\]",
        (".yaml", ".yml", ".json", ".toml"),
    ),
    "websocket": Opening(key("direction", opens=rb"""["']?(?:sent|received)""")),
    "nothttp": Opening(_INTERACTIONS),
    "nock": Opening(key("scope", opens=rb"""["']?https?:"""), _JSON),
    "azure": Opening(key("RequestUri"), _JSON),
    "responses": Opening(key("responses", opens=rb"[\[-]")),
    "opencode": Opening(key("transport", opens=rb"""["']?(?:http|websocket)\b"""), _JSON),
    "mastra": Opening(key("isStreaming", "chunkTimings") + b"|" + _REQUEST, _JSON),
    "req_llm": Opening(key("model_spec", "canonical_json", "b64"), _JSON),
    "req_cassette": Opening(_INTERACTIONS, _JSON),
    "genai": Opening(key("replay_id", "replayId"), _JSON),
    "easyvcr": Opening(key("Request", opens=rb"\{") + b"|" + key("RecordedAt"), _JSON),
    "httpreplay": Opening(key("Initial", "Converter", "BodyParts"), (".replay", ".json")),
    "dvr": Opening(_INTERACTIONS, _JSON),
}
"""Every format by its module, in the order in which they are asked to claim a file."""

FORMATS = Listed[CassetteFormat]("cassette_cli.formats", "FORMAT", tuple(_OPENINGS))

_FIRST = 512
_HEAD = 1 << 16
_LONG_HEAD = 1 << 20
_LISTS = ("interactions", "http_interactions", "requests", "responses")


@cache
def suffixes() -> tuple[str, ...]:
    """Return what a cassette's name ends with; `.gz`, `.zst` and `.br` may follow."""
    return tuple(dict.fromkeys(suffix for one in _OPENINGS.values() for suffix in one.suffixes))


def suffixes_of(one: CassetteFormat) -> tuple[str, ...]:
    """Return what the names of a format's files end with."""
    return next(found.suffixes for listed, found in zip(FORMATS, _OPENINGS.values(), strict=True) if listed is one)


def load(document: Document, name: str | None = None) -> Cassette:
    """Read a document by the format that claims it, or by the one that is named.

    Raises `NotACassetteError` where none claims it, `UsageError` for a name that is no format's.
    """
    if name is not None:
        return _followed(_named(name).load(document))
    for candidate in FORMATS:
        if candidate.claims(document):
            cassette = candidate.load(document)
            if _lacks_its_end(cassette, candidate):
                raise _cut(document)
            return _followed(cassette)
    what = "JSON" if document.is_json else "YAML"
    if not document.roots or document.roots[0].is_null:
        raise NotACassetteError("the file is empty", path=document.path, hint="record it again")
    if _is_cut(document):
        raise _cut(document)
    if len(document.roots) > 1:
        what += f" of {len(document.roots)} documents"
    raise NotACassetteError(
        f"{what}, but not a cassette of a known recorder",
        path=document.path,
        hint=f"cassette reads {_listed(one.recorder for one in FORMATS)}; if it is one of them, add --input-format NAME"
        " (`cassette explain 'Ruby VCR'` tells the name)",
    )


def refuse_others(raw: bytes, path: str | None) -> None:
    """Raise `NotACassetteError` for large JSON that does not open as a recording does: to parse it takes long."""
    if len(raw) <= _LONG_HEAD or not raw[:_FIRST].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return
    from cassette_cli.formats.unsupported import unsupported

    head = raw[:_LONG_HEAD]
    if not is_known(head[:_HEAD]) and unsupported(head) is None and not is_known(head):
        raise NotACassetteError(
            "JSON, but not a cassette of a known recorder, by its first megabyte",
            path=path,
            hint="if it is one, name its recorder with --input-format",
        )


def _cut(document: Document) -> MalformedCassetteError:
    line = document.text.count("\n") + 1
    hint = "restore the file, or record it again"
    return MalformedCassetteError(
        "the file ends before its last interaction does", path=document.path, line=line, hint=hint
    )


def _lacks_its_end(cassette: Cassette, one: CassetteFormat) -> bool:
    """Say whether a cassette is cut where YAML parses all the same: no line break ends it, and something is missing."""
    document, made = cassette.document, cassette.interactions
    if document.is_json or document.is_toml or document.text.endswith("\n") or isinstance(made, OneByOne):
        return False
    if made and ((response := made[-1].response) is None or response.status is None):
        return True
    root = only_root(document)
    if root is not None and root.kind == "mapping" and one.last_key and not root.has(one.last_key):
        return True
    items = next((found.items for found in _lists(root) if found is not None and found.items), ())
    return len(items) > 1 and not items[-1].has(*(key.value for key, _ in items[0].pairs))


def _lists(root: Node | None) -> Iterator[Node | None]:
    """Yield the collections in which recorders list interactions, where they are."""
    if root is not None:
        yield from (root if root.kind == "sequence" else root.get(key) for key in _LISTS)


def _is_cut(document: Document) -> bool:
    """Say whether a document that no format claims is the beginning of a recording: YAML parses wherever it is cut."""
    root = only_root(document)
    if root is None or document.is_json or document.is_toml or not is_known(document.text[:_HEAD].encode()):
        return False
    if not document.text.endswith("\n"):
        return True
    last = next((found.items[-1] for found in _lists(root) if found is not None and found.items), None)
    if last is None or last.kind != "mapping":
        return False
    halves = [half for key in ("request", "response") if (half := last.get(key)) is not None]
    if not halves:
        return last.has("uri", "method") or (last.has("direction") and len(last) < 2)
    return len(halves) == 1 and (halves[0].has("method") or halves[0].has("headers") or halves[0].has("body"))


def _followed(cassette: Cassette) -> Cassette:
    """Return a cassette with the bodies that it keeps in files beside it."""
    made = cassette.interactions
    if isinstance(made, OneByOne):
        cassette.interactions = OneByOne(len(made), lambda index: follow(cassette.document, made[index]))
        return cassette
    for interaction in made:
        if interaction.unread:
            follow(cassette.document, interaction)
    return cassette


def _named(name: str) -> CassetteFormat:
    chosen = next((one for one in FORMATS if one.name == name), None)
    if chosen is None:
        raise UsageError(f"unknown format {name!r}", hint=f"one of: {', '.join(one.name for one in FORMATS)}")
    return chosen


def _listed(words: Iterable[str]) -> str:
    *others, last = dict.fromkeys(words)
    return f"{', '.join(others)} and {last}"


def format_of(label: str) -> CassetteFormat:
    """Return the format of a cassette by what its `format` says: a version that is listed, or begins with the name."""
    exact = (one for one in FORMATS if label in (one.versions or (one.name,)))
    return next(exact, None) or next(one for one in FORMATS if label.startswith(one.name))


def matched(label: str) -> frozenset[RequestPart]:
    """Return the parts of a request by which the recorder of a cassette finds an interaction; see `format_of`."""
    return format_of(label).matching(label).parts


def is_known(head: bytes) -> bool:
    """Say whether some format's files open as these bytes do, be they broken; looks at what stands near the root."""
    recent = _recent()
    for text in map(outline, (head[:_FIRST], head)):  # the second is dear, and seldom needed
        for number, (words, signature) in enumerate(recent):
            if any(word in text for word in words) and signature.search(text) is not None:
                recent.insert(0, recent.pop(number))
                return True
    return False


@cache
def _recent() -> list[tuple[list[bytes], re.Pattern[bytes]]]:
    """Return each signature once, the one that was met last first, with words of which one is in what it matches."""
    signatures = dict.fromkeys(one.signature for one in _OPENINGS.values())
    return [(re.findall(rb"\w{2,}", signature), pattern(signature, re.MULTILINE)) for signature in signatures]


def table() -> str:
    """Return the table of recorders in Markdown."""
    rows = ["| recorder | `--input-format` | files | edits |", "|---|---|---|---|"]
    rows += [
        f"| [{one.recorder}]({one.source}) | `{one.name}` | {one.files} | {'yes' if one.editable else 'no'} |"
        for one in FORMATS
    ]
    return "\n".join(rows) + "\n"
