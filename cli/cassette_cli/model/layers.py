"""The whole stack of one body: storage, content codings, charset; taken off once, put on again on demand."""

import base64
import binascii
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.model import codings, storage, structure
from cassette_cli.model.chunked import ChunkedBody
from cassette_cli.model.codings import Text
from cassette_cli.model.storage import Change, Storage
from cassette_cli.source.compression import Codec
from cassette_cli.source.edits import Edit, Part
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node

STRUCTURED: frozenset[Storage] = frozenset({"parsed", "json", "segments"})
"""Storages that hold a structure in place of the body."""
_CONTROL = pattern(r"[\0-\x08\x0e-\x14]")
_CHUNK_SIZE = pattern(r"[0-9a-fA-F]{1,8}[ \t]*(?:;[^\r\n]*)?\r\n")


class Facts(NamedTuple):
    """What a body's surroundings say about it: header values in lower case, and the recorder's habits.

    `charset` is what the recorder says; `quiet` that it takes codings off as a rule, so that a header
    naming one is not worth a note.
    """

    content_type: str = ""
    content_encoding: str = ""
    charset: str = ""
    quiet: bool = False


@dataclass(slots=True, eq=False)
class Stack:
    """A body with every layer taken off: `payload`, the `layers` by name, `notes` on what is odd.

    `storage` is where a changed body goes. `data` are the payload's bytes, and `wire` the number of
    bytes that went over the wire, where the file holds bytes; both are None where it holds text.
    `value` is what a structure stands for. `blocked` is why the body cannot be decoded, and so cannot be changed;
    `cut` is why it is not whole.
    """

    node: Node
    storage: Storage
    payload: str | bytes = b""
    layers: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    data: bytes | None = None
    wire: int | None = None
    carrier: str = ""  # the charset of the text in which the bytes stand, "" where they stand otherwise
    chunked: ChunkedBody | None = None
    codings: list[Codec] = field(default_factory=list)
    trailing: bytes = b""
    text: Text | None = None
    value: Any = None
    blocked: CassetteError | None = None
    cut: str = ""

    @property
    def structured(self) -> bool:
        """Whether the file holds a structure in place of the body."""
        return self.storage in STRUCTURED

    def to_bytes(self, payload: str | bytes, *, keep_rest: bool = False) -> bytes:
        """Return a payload as bytes in the body's charset; `keep_rest` for what a cut last character left."""
        if isinstance(payload, bytes):
            return payload
        if self.text is None:
            return payload.encode("utf-8", "surrogatepass")
        return self.text.encode(payload) + (self.text.rest if keep_rest else b"")

    def to_wire(self, payload: str | bytes, parts: Sequence[Part] | None = None) -> bytes:
        """Return a payload as the bytes that would go over the wire: the codings put on again."""
        data = self.to_bytes(payload, keep_rest=parts is not None)
        data = codings.wrap(data, self.codings, cut=bool(self.cut)) + self.trailing
        return data if self.chunked is None else self.chunked.frame(data, self._changes(payload, parts))

    def write(self, payload: str | bytes, width: int | None, parts: Sequence[Part] | None = None) -> list[Edit]:
        """Return the edits that put a changed payload in the file; raises `EditError` where it cannot hold it.

        `parts` are what changed of it, where that is known.
        """
        if self.structured:
            assert isinstance(payload, str)
            return structure.edits(self.node, payload, is_json=self.storage != "parsed")
        if self.data is None:
            return storage.write(self.node, self.storage, payload, width)
        wire: str | bytes = self.to_wire(payload, parts)
        if isinstance(wire, bytes) and self.carrier:
            wire = wire.decode(self.carrier)
        changes = self._changes(payload, parts) if self.chunked is None else ()
        return storage.write(self.node, self.storage, wire, width, changes)

    def _changes(self, payload: str | bytes, parts: Sequence[Part] | None) -> list[Change]:
        """Return what changed of a text as changes of its bytes; none where those are compressed."""
        if self.codings or self.text is None or not (isinstance(self.payload, str) and isinstance(payload, str)):
            return []
        if not parts:
            part = storage.difference(self.payload, payload)
            parts = [] if part is None else [part]
        found, at, size = [], 0, 0
        for start, stop, new in sorted(parts):
            size += len(self.text.encode(self.payload[at:start]))
            old = len(self.text.encode(self.payload[start:stop]))
            found.append((size, size + old, len(self.text.encode(new))))
            at, size = stop, size + old
        return found

    def sizes(self, payload: str | bytes, wire: int | None, content_type: str) -> Sequence[int]:
        """Return what a stated length may rightly be: bytes on the wire, decoded, and, for text, in other ways."""
        if self.structured:
            assert isinstance(payload, str)
            return [len(text.encode("utf-8", "surrogatepass")) for text in structure.renderings(payload)]
        if self.data is not None:
            return [len(self.to_wire(payload)) if wire is None else wire, len(self.to_bytes(payload))]
        assert isinstance(payload, str)
        return [len(payload.encode("utf-8", "surrogatepass")), codings.size_in_charset(payload, content_type)]


def suspicious(value: str) -> bool:
    """Say at a glance whether a stored text may stand for bytes: compressed ones, or binary messages."""
    first = value[:1]
    if first == "H":
        return value.startswith("H4sI")
    if first in ("\x1f", "\0", "("):
        return True
    head = value[:256]
    return not head.isprintable() and (_CONTROL.search(head) is not None or _CHUNK_SIZE.match(head) is not None)


def unstack(node: Node, kind: Storage, facts: Facts) -> Stack:
    """Take every layer off; what cannot be taken off stays, with a note."""
    if kind == "parsed" and node.kind == "scalar" and node.tag == "str" and "json" not in facts.content_type:
        kind = "text"  # an event stream, say: the string is the body itself, and no JSON string
    stack = Stack(node, kind)
    try:
        if stack.structured:
            stack.value = structure.to_value(node, is_json=kind != "parsed")
            stack.payload = structure.to_text(stack.value)
            stack.layers = ("parsed",)
            return stack
        stored = storage.read(node, kind)
    except ValueError as error:
        reason = f"the body is shown as it is stored: {error}"
        stack.payload, stack.notes, stack.blocked = node.value, [reason], EditError(reason)
        return stack
    stack.layers = stored.layers
    if isinstance(stored.value, bytes):
        _take_bytes(stack, stored.value, facts)
    else:
        _take_text(stack, stored.value, facts)
    return stack


def _take_text(stack: Stack, value: str, facts: Facts) -> None:
    """Read a stored text: nearly always the body itself, now and then bytes in disguise."""
    if suspicious(value):
        for kind, carrier, data in _disguises(stack.storage, value):
            trial = Stack(stack.node, kind, carrier=carrier)
            trial.layers = (*stack.layers, *({"latin-1": ("Latin-1",), "": ("base64",)}.get(carrier, ())))
            _take_bytes(trial, data, facts)
            if trial.codings or trial.chunked is not None or data.startswith(b"\0"):
                for part in fields(Stack):
                    setattr(stack, part.name, getattr(trial, part.name))
                return
    stack.payload = value
    if value and not facts.quiet:
        stack.notes = codings.plain_notes(facts.content_encoding)


def _disguises(kind: Storage, value: str) -> Iterator[tuple[Storage, str, bytes]]:
    """Yield the bytes that a text may stand for, with the storage and the carrier that they have then."""
    if value.startswith("H4sI"):  # rOpenSci's vcr: gzip, then base64, as a string
        with contextlib.suppress(binascii.Error):
            yield "base64", "", base64.b64decode("".join(value.split()), validate=True)
        return
    if _CHUNK_SIZE.match(value):
        with contextlib.suppress(UnicodeEncodeError):
            yield kind, "utf-8", value.encode()
    with contextlib.suppress(UnicodeEncodeError):
        yield kind, "latin-1", value.encode("latin-1")


def _take_bytes(stack: Stack, wire: bytes, facts: Facts) -> None:
    stack.chunked = ChunkedBody.parse(wire)
    inner = wire
    if stack.chunked is not None:
        inner = b"".join(stack.chunked.chunks)
        stack.layers += ("chunked",)
    peeled = codings.peel(inner, facts.content_encoding, facts.content_type, quiet=facts.quiet)
    stack.wire = len(wire)
    stack.data = stack.payload = peeled.data
    stack.codings, stack.trailing = peeled.codings, peeled.trailing
    stack.notes, stack.blocked, stack.cut = peeled.notes, peeled.blocked, peeled.cut
    stack.layers += tuple(codings.LABELS.get(codec, codec) for codec in peeled.codings)
    if stack.blocked is not None:
        return
    stack.text = codings.decode(peeled.data, facts.content_type, facts.charset)
    stack.notes = stack.notes + stack.text.notes
    if stack.text.text is not None:
        stack.payload = stack.text.text
        stack.layers += (stack.text.label,)
