"""What of an interaction a person edits, as one document, and what the edited document makes of it.

Every view is a pair: `document` is handed to the editor, `take` reads it back into the draft.
"""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.operations.edit import words
from cassette_cli.operations.edit.answers import Answer
from cassette_cli.operations.edit.draft import Draft, NothingThereError, Side, headers_text
from cassette_cli.operations.edit.payloads import Payload, become, differences, is_json, json_parts, pretty
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node
from cassette_cli.source.writing import Context, whole
from cassette_cli.streams import editing, eventstream

if TYPE_CHECKING:
    from cassette_cli.source.edits import Part

What = Literal["body", "message", "headers", "interaction"]

_SUFFIXES = (("html", ".html"), ("xml", ".xml"), ("yaml", ".yaml"), ("csv", ".csv"), ("markdown", ".md"))


class View(NamedTuple):
    """A document to edit: its bytes, the ending of its name, and what takes it back into the draft."""

    document: bytes
    suffix: str
    take: Callable[[bytes], None]


def view(draft: Draft, what: What, side: Side, *, raw: bool = False) -> View:
    """Return what is to be edited; raises `EditError` where there is nothing, or what cannot be edited so."""
    if what == "message":
        return _message(draft)
    if what == "headers":
        return _headers(draft, side)
    if what == "interaction":
        return _interaction(draft)
    return _body(draft, side, raw=raw)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise EditError(f"the edited document is not UTF-8: byte 0x{raw[error.start]:02x}") from error


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _ended(text: str) -> str:
    """Return a text as editors leave it, with a line break at its end."""
    return text if text.endswith("\n") else text + "\n"


def _unended(new: str, old: str) -> str:
    """Take off the line break that only the editor needs."""
    return new if old.endswith("\n") else new.removesuffix("\n").removesuffix("\r")


def _body(draft: Draft, side: Side, *, raw: bool) -> View:
    payload = draft.payload(side)
    if payload.body.node is None:
        raise NothingThereError(f"the {side} has no body to edit", hint="choose another interaction")
    if raw:
        return _raw(payload)
    framed = draft.reading.framed if side == "response" else None
    if isinstance(payload.now, bytes) and framed is not None and framed.framing == eventstream.NAME:
        return _frames(draft, payload)
    text = payload.text
    if is_json(text):
        shown = pretty(text) + "\n"

        def take_json(edited: bytes) -> None:
            new = _text(edited)
            if new != shown:
                payload.change_json(become(new))

        return View(_bytes(shown), ".json", take_json)

    def take_text(edited: bytes) -> None:
        payload.replace(_unended(_text(edited), text))

    kind = payload.body.content_type
    suffix = next((ending for name, ending in _SUFFIXES if name in kind), ".txt")
    return View(_bytes(_ended(text)), suffix, take_text)


def _raw(payload: Payload) -> View:
    """Return the decoded body, byte for byte."""
    old = payload.body.payload
    payload.body.require_editable()

    def take(edited: bytes) -> None:
        payload.replace(edited if isinstance(old, bytes) else _text(edited))

    return View(old if isinstance(old, bytes) else _bytes(old), ".txt" if isinstance(old, str) else ".bin", take)


def _frames(draft: Draft, payload: Payload) -> View:
    """Return the messages of an AWS event stream, one a line."""
    framed = draft.reading.framed
    assert framed is not None
    inner = [editing.inner(frame) for frame in framed.frames]
    lines = [frame.data if held is None else held.text for frame, held in zip(framed.frames, inner, strict=True)]
    if any(len((line + ".").splitlines()) != 1 for line in lines):
        raise EditError("a message of the event stream goes over several lines", hint="take the bytes, with --raw")

    def take(edited: bytes) -> None:
        new = _text(edited).splitlines()
        if len(new) != len(lines):
            raise EditError(
                f"the stream has {len(lines)} messages, one a line, and must keep as many; there are {len(new)}"
            )
        parts: dict[int, list[Part]] = {}
        for number, (line, old) in enumerate(zip(new, lines, strict=True)):
            if line != old:
                held = inner[number]
                made = differences(old, line)
                parts[number] = made if held is None else held.parts(made)
        if parts:
            assert isinstance(payload.now, bytes)
            payload.replace(editing.edited(payload.now, framed, editing.Changes(parts)))

    return View(_bytes("".join(line + "\n" for line in lines)), ".jsonl", take)


def _message(draft: Draft) -> View:
    draft.message("response")
    answer = Answer(draft.reading)
    payload = draft.payload("response")

    def take(edited: bytes) -> None:
        wanted = words.wanted_of(answer, _text(edited))
        if wanted:
            changed = answer.change(wanted)
            if isinstance(changed, bytes):
                payload.replace(changed)
            else:
                payload.change(changed)

    return View(_bytes(words.document_of(answer)), ".yaml", take)


def _headers(draft: Draft, side: Side) -> View:
    shown = headers_text(draft.message(side).headers)

    def take(edited: bytes) -> None:
        text = _text(edited)
        if text == shown:
            return
        lines = []
        for number, line in enumerate(text.split("\n"), 1):
            name, colon, value = line.removesuffix("\r").partition(":")
            if not line.strip():
                continue
            if not colon or not name.strip() or name != name.strip():
                raise EditError(f"line {number} is not a header: expected NAME: VALUE")
            lines.append((name, value.strip()))
        draft.set_headers(side, lines)

    return View(_bytes(shown), ".txt", take)


def _interaction(draft: Draft) -> View:
    """Return both messages with their headers and bodies as YAML; a binary body is left out."""
    lines: list[str] = []
    sides: tuple[Side, ...] = ("request", "response") if draft.interaction.response is not None else ("request",)
    for side in sides:
        message = draft.message(side)
        lines.append(f"{side}:")
        names = ("method", "url") if side == "request" else ("status", "reason")
        facts = {name: getattr(message, name) for name in names}
        lines += [f"  {name}: {_scalar(value, 2)}" for name, value in facts.items() if value is not None]
        lines += ["  headers:" if len(message.headers) else "  headers: {}", *_header_lines(draft, side)]
        text = _shown_body(draft, side)
        if text is not None:
            lines.append(f"  body: {_scalar(text, 2)}")
    shown = "\n".join(lines) + "\n"
    old = Document(shown.encode()).root

    def take(edited: bytes) -> None:
        try:
            new = Document(edited).root
        except CassetteError as error:
            raise EditError(error.message, line=error.line) from error
        for side in sides:
            _take_side(draft, side, old.get(side), new.get(side))

    return View(shown.encode(), ".yaml", take)


def _scalar(value: Any, column: int) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    style: Any = "literal" if "\n" in value else "plain"
    return whole(value, style, Context(is_json=False, indent=" " * (column + 2))).removesuffix("\n")


def _header_lines(draft: Draft, side: Side) -> list[str]:
    """Return headers as a mapping; a name that has several lines has a list."""
    values: dict[str, list[str]] = {}
    for line in draft.message(side).headers:
        values.setdefault(line.name, []).append(line.value)
    lines: list[str] = []
    for name, found in values.items():
        key = whole(name, "plain", Context(is_json=False, key=True))
        lines += (
            [f"    {key}: {_scalar(found[0], 4)}"]
            if len(found) == 1
            else [f"    {key}:", *(f"    - {_scalar(one, 4)}" for one in found)]
        )
    return lines


def _shown_body(draft: Draft, side: Side) -> str | None:
    payload = draft.payload(side)
    if payload.body.node is None or isinstance(payload.now, bytes) or payload.body.blocked or payload.body.cut:
        return None
    text = payload.now
    if any("\ud800" <= char <= "\udfff" for char in text):
        return None
    return pretty(text) if is_json(text) else text


def _take_side(draft: Draft, side: Side, old: Node | None, new: Node | None) -> None:
    if old is None or new is None or new.kind != "mapping" or not set(new.fields()) <= {*old.fields(), "reason"}:
        raise EditError(f"{side} must stay a mapping of {', '.join(old.fields()) if old is not None else 'nothing'}")
    before, after = old.fields(), new.fields()
    gone = next((name for name in before if name not in after), None)
    if gone is not None:
        raise EditError(f"{side}.{gone} cannot be taken out; empty it instead")
    changed = {name: node for name, node in after.items() if name not in before or not _same(before[name], node)}
    for name, node in changed.items():
        if name != "headers" and node.kind != "scalar":
            raise EditError(f"{side}.{name} must stay a text")
    if "method" in changed:
        draft.set_method(changed["method"].value)
    if "url" in changed:
        draft.set_url(changed["url"].value)
    if "status" in changed:
        value = changed["status"].value
        if not value.isdecimal():
            raise EditError(f"{side}.status must be a number, not {value!r}")
        draft.set_status(int(value), changed["reason"].value if "reason" in changed else None)
    elif "reason" in changed:
        draft.set_reason(changed["reason"].value)
    if "headers" in changed:
        draft.set_headers(side, _header_pairs(side, changed["headers"]))
    if "body" in changed:
        _take_body(draft.payload(side), changed["body"].value)


def _same(old: Node, new: Node) -> bool:
    if old.kind != new.kind or old.tag != new.tag or len(old) != len(new):
        return False
    pairs: Sequence[tuple[Node, Node]] = [
        *zip(old.items, new.items, strict=True),
        *((a, b) for one, other in zip(old.pairs, new.pairs, strict=True) for a, b in zip(one, other, strict=True)),
    ]
    return old.value == new.value and all(_same(one, other) for one, other in pairs)


def _header_pairs(side: Side, node: Node) -> list[tuple[str, str]]:
    if node.kind != "mapping" and not node.is_null:
        raise EditError(f"{side}.headers must stay a mapping of names to values")
    lines: list[tuple[str, str]] = []
    for key, value in node.pairs:
        if value.kind == "mapping" or any(item.kind != "scalar" for item in value.items):
            raise EditError(f"{side}.headers.{key.value} must be a text, or a list of them")
        lines += [(key.value, "" if one.is_null else one.value) for one in value.items or [value]]
    return lines


def _take_body(payload: Payload, new: str) -> None:
    old = payload.text
    if is_json(old) and is_json(new):
        payload.change(json_parts(old, become(new)))
    else:
        payload.replace(new)
