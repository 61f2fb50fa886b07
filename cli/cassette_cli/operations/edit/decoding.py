"""Bodies made readable in the file itself: compressed and base64 ones become text, as each recorder stores text.

A client is handed the same: the codings are off, and so is the header that names them; lengths follow.
VCR.py does so with `decode_compressed_response` (`vcr/filters.py`), Ruby VCR with the option of that
name (`lib/vcr/structs.rb`, which notes what was taken off in `adapter_metadata`).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from cassette_cli.errors import EditError
from cassette_cli.formats import registry
from cassette_cli.formats.registry import format_of
from cassette_cli.model.body import Body
from cassette_cli.model.http import Cassette
from cassette_cli.operations.edit.changing import Edited, Summary
from cassette_cli.operations.edit.draft import Draft, Side
from cassette_cli.operations.edit.payloads import is_json, pretty
from cassette_cli.operations.loading import Loaded
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.saving import rewrite
from cassette_cli.source.edits import Edit, Insert, Put, Remove, Replace
from cassette_cli.source.nodes import AttachedNode, Node
from cassette_cli.source.writing import Context, whole

_CODINGS = ("gzip", "deflate", "raw deflate", "br", "zstd")


_KNOWN = ("vcrpy", "go-vcr", "ruby-vcr", "betamax", "har", "exvcr", "php-vcr", "cassetter", "single", "json-lines")


class Left(NamedTuple):
    """A body that stays as it is, and why; `unread` says that it could not be looked into."""

    number: int
    side: Side
    reason: str
    unread: bool


@dataclass(slots=True)
class Decoded:
    """One file: what became of it, and which bodies stay as they are."""

    edited: Edited
    left: list[Left] = field(default_factory=list)

    def summary(self, *, diff: bool) -> tuple[Summary, list[Left]]:
        """Return what is told of it."""
        return self.edited.summary(diff=diff), self.left


class _Wanted(NamedTuple):
    """What a body is to be: its text, and, where that only says the same in JSON, `pretty`."""

    index: int  # type: ignore[assignment]  # a field, and no longer the tuple's method
    side: Side
    text: str
    pretty: bool


class _LeftError(Exception):
    """A body that stays as it is, for a reason that is worth a word."""


def decode(
    loaded: Loaded, *, requests: bool = False, lay_out: bool = False, input_format: str | None = None
) -> Decoded:
    """Decode the chosen interactions' response bodies, with `requests` those of requests too.

    `lay_out` also lays JSON out over lines. Raises `EditError` where the file cannot take it.
    """
    result = Decoded(Edited(loaded))
    edits: list[Edit] = []
    wanted: list[_Wanted] = []
    for reading in loaded.selection.readings(loaded.cassette):
        for side in _sides(reading, requests=requests):
            draft = Draft(loaded.cassette, reading)
            index = reading.interaction.index
            try:
                new, own = _body(draft, side, lay_out=lay_out and side == "response" and reading.framed is None)
            except _LeftError as left:
                result.left.append(Left(index, side, str(left), unread=False))
            except EditError as error:
                result.left.append(Left(index, side, error.message, unread=True))
            else:
                if new is not None:
                    edits += own
                    wanted.append(new)
        if edits and loaded.cassette.document.is_held_in_pieces:
            return decode(loaded.whole(input_format), requests=requests, lay_out=lay_out, input_format=input_format)
    if edits:
        result.edited.after = rewrite(loaded, edits)
    if result.edited.after is not None:
        _prove(loaded.cassette, registry.load(result.edited.after, input_format), wanted)
        result.edited.changed = sorted({one.index for one in wanted})
    return result


def _sides(reading: Reading, *, requests: bool) -> Iterator[Side]:
    if requests:
        yield "request"
    if reading.interaction.response is not None:
        yield "response"


def _body(draft: Draft, side: Side, *, lay_out: bool) -> tuple[_Wanted | None, list[Edit]]:
    """Return what a body is to become, None for what stays as it is, and the edits.

    Raises `EditError` for one that cannot be decoded whole, `_LeftError` for one that cannot be stored as text.
    """
    body = draft.message(side).body
    if body.node is None or body.storage in ("parsed", "json"):
        return None, []
    if body.undecoded:
        raise EditError(body.undecoded)
    payload = body.payload
    packed = bool(body.layers)
    if not isinstance(payload, str) or not payload:
        return None, []
    if packed:
        _refuse_lossy(body, payload)
    laid_out = payload
    if lay_out and not draft.cassette.document.is_json and is_json(payload):
        shown = pretty(payload)
        if whole(shown, "literal", Context(is_json=False, indent="  ")).startswith("|"):
            laid_out = shown
    if not packed and laid_out == payload:
        return None, []
    edits = [*_stored(draft, side, body, laid_out), *_lengths(body, laid_out)]
    if any(layer in _CODINGS for layer in body.layers):
        for line in draft.message(side).headers:
            edits += line.remove() if line.name.lower() == "content-encoding" else ()
        edits += _noted(draft, side, body)
    return _Wanted(draft.interaction.index, side, laid_out, laid_out != payload), edits


def _refuse_lossy(body: Body, payload: str) -> None:
    """Refuse what would be other bytes as text: of another charset, cut in a character, with bytes behind its end."""
    if payload.encode("utf-8", "surrogatepass") != body.data or body.trailing:
        raise _LeftError("its bytes are not UTF-8 text, or more than that")
    if any("\ud800" <= char <= "\udfff" for char in payload):
        raise _LeftError("it holds half a surrogate pair")
    if body.storage == "text":
        raise _LeftError("its bytes stand in a string, in a way of its recorder's own")


def _stored(draft: Draft, side: Side, body: Body, text: str) -> list[Edit]:
    """Return the edits that store a text as the recorder does."""
    node = body.node
    assert node is not None
    holder, key = _holder(draft.node(side), node)
    if holder is None or key is None:
        raise _LeftError("it stands in a list of chunks")
    fields = holder.fields()
    edits: list[Edit] = [Put(node, text)]
    if key.value == "base64_string":
        charset = fields.get("encoding")
        name = charset.value if charset is not None and not charset.is_null else ""
        bytes_alone = name.upper() in ("ASCII-8BIT", "BINARY") and draft.cassette.format == "ruby-vcr"
        if name and not bytes_alone and not _holds(name, text):
            raise _LeftError(f"its encoding, {name}, would make other bytes of the text")
        return [*edits, Replace.all(key, "string")]
    form = draft.cassette.format
    if not form.startswith(_KNOWN) or isinstance(node, AttachedNode):
        raise _LeftError(f"{format_of(form).recorder} stores text in a way that is not known here")
    if form == "php-vcr":
        raise _LeftError("PHP-VCR reads it as base64, by its headers")
    if form == "har":
        edits += [
            Remove(holder, i) for i, (name, _) in enumerate(holder.pairs) if name.value in ("encoding", "_isBinary")
        ]
    if form == "exvcr" and "binary" in fields:
        edits.append(Put(fields["binary"], False))
    if form == "cassetter" and "type" in fields:
        edits.append(Replace.all(fields["type"], "text"))
    return edits


def _holds(charset: str, text: str) -> bool:
    try:
        return text.encode(charset) == text.encode()
    except (LookupError, UnicodeEncodeError):
        return False


def _holder(root: Node, wanted: Node) -> tuple[Node | None, Node | None]:
    """Return the mapping in which a node is a value, and its key."""
    stack = [root]
    while stack:
        node = stack.pop()
        for key, value in node.pairs:
            if value.span == wanted.span and value.kind == wanted.kind:
                return node, key
            stack.append(value)
    return None, None


def _lengths(body: Body, text: str) -> list[Edit]:
    """Return the edits of what rightly states the body's length, on the wire or decoded."""
    size = str(len(text.encode()))
    return [
        Replace.all(node, node.value.replace(value, size))
        for node in body.lengths
        if node.kind == "scalar" and (value := node.value.strip()).isdecimal() and len(value) < 19
        if value != size and body.is_length(int(value))
    ]


def _noted(draft: Draft, side: Side, body: Body) -> list[Edit]:
    """Return what Ruby VCR notes beside a body that it has decompressed: it can compress it again by that."""
    recorder = draft.cassette.document.root.get("recorded_with") if draft.cassette.format == "ruby-vcr" else None
    node = draft.node(side)
    coding = body.content_encoding
    if recorder is None or not recorder.value.startswith("VCR") or coding not in ("gzip", "deflate"):
        return []
    if side == "request" or node.get("adapter_metadata") is not None:
        return []
    return [Insert(node, len(node), {"vcr_decompressed": coding}, "adapter_metadata")]


def _prove(before: Cassette, after: Cassette, wanted: list[_Wanted]) -> None:
    """Raise `EditError` unless each body reads back as its text, with no layer left."""
    for one in wanted:
        old, new = (getattr(cassette.interactions[one.index], one.side).body for cassette in (before, after))
        same = new.payload == one.text and not new.layers and new.blocked is None
        if same and not one.pretty:
            same = new.data == old.data
        if same and one.pretty:
            same = json.loads(new.payload) == json.loads(old.payload)
        if not same:
            raise EditError(
                f"the {one.side} body of interaction {one.index} would not read back as it was",
                path=before.path,
                hint="nothing was written; please report this file",
            )


def words(left: Left) -> str:
    """Return a body that was left alone in words."""
    return f"#{left.number} {left.side} left alone: {left.reason}"
