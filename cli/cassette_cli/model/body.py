"""Bodies and their stack of encodings, read lazily and written back through every layer.

A body may be stored as text, as base64 (YAML's `!!binary`, Ruby's `!binary`, a `base64_string`),
as the structure that its JSON stands for, or in chunks; what is stored may be compressed besides
(RFC 9110, 8.4). The bytes are sniffed: many recorders keep the header and drop the compression.
"""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cassette_cli.errors import CassetteError, EditError
from cassette_cli.model import storage as stored
from cassette_cli.model.codings import NOT_UTF8, fits, looks_like_text, unknown
from cassette_cli.model.depth import is_shallow
from cassette_cli.model.layers import STRUCTURED, Facts, Stack, suspicious, unstack
from cassette_cli.model.storage import Storage
from cassette_cli.source.edits import Edit, Part, Replace, spliced
from cassette_cli.source.later import lazy
from cassette_cli.source.nodes import Node, walk

if TYPE_CHECKING:
    from cassette_cli.model.headers import Headers
    from cassette_cli.model.media import FormPart

__all__ = ["Body", "Storage"]

CONNECTION_TYPE = "application/x-websocket-frames"
"""The content type of the messages of a WebSocket connection, made into a body: no recorder writes it."""
_FORMS = ("multipart/", "application/x-www-form-urlencoded")
"""What the types of forms begin with."""
_UNFRAMED = frozenset({"parsed", "json", "segments", "form", "base64-chunks"})
"""Storages that hold a form's fields or parts without what stood between them."""
_PIECE = 1 << 20
_SAMPLE = 1 << 8
"""Characters of a plain body that show whether it is text."""


class Body:
    """One body. Nothing is decoded until a property asks for it.

    `headers` are those of its message; `content_type` and `content_encoding` stand in for them where
    a format knows better. `lengths` are nodes that state the body's length beside its Content-Length
    header (go-vcr's `content_length`, HAR's `size`), and are kept right. `charset` is what the
    recorder says the bytes are in, and `charset_node` the scalar that says so. `width` is the
    recorder's line width for base64. `recorded` is the body that this one stands for, where its
    secrets are masked. `decoded` says that the recorder takes content codings off as
    a rule, so that a header naming one is not worth a note.
    """

    def __init__(
        self,
        node: Node | None = None,
        storage: Storage = "absent",
        *,
        headers: "Headers | None" = None,
        content_type: str | None = None,
        content_encoding: str | None = None,
        lengths: Sequence[Node] = (),
        charset: str = "",
        charset_node: Node | None = None,
        width: int | None = None,
        decoded: bool = False,
    ) -> None:
        self.node = node
        self.storage: Storage = "absent" if node is None else storage
        self._headers = headers
        self._type = content_type
        self._encoding = content_encoding
        self._lengths = lengths
        self._charset = charset
        self._charset_node = charset_node
        self._width = width
        self._quiet = decoded
        self.recorded: Body | None = None

    @property
    def declared_type(self) -> str:
        """The Content-Type as it was recorded, "" where there is none."""
        if self._type is not None:
            return self._type
        return self._headers.get("content-type") if self._headers is not None else ""

    @lazy
    def content_type(self) -> str:
        """The Content-Type in lower case, "" where there is none."""
        return self.declared_type.strip().lower()

    @lazy
    def content_encoding(self) -> str:
        """The Content-Encoding in lower case, "" where there is none."""
        if self._encoding is not None:
            return self._encoding.strip().lower()
        return self._headers.get("content-encoding").strip().lower() if self._headers is not None else ""

    @lazy
    def lengths(self) -> list[Node]:
        """Every node that states the body's length."""
        lines = self._headers or ()
        headers = [line.node for line in lines if line.node is not None and line.name.lower() == "content-length"]
        return [*self._lengths, *headers]

    @lazy
    def payload(self) -> str | bytes:
        """The decoded body: `str` if it is text, else `bytes`."""
        if self.node is None:
            return ""
        return self._stack.payload if self._plain is None else self._plain

    @property
    def data(self) -> bytes:
        """The decoded body as bytes."""
        payload = self.payload
        if isinstance(payload, bytes):
            return payload
        if self.node is not None and self._stack.data is not None:
            return self._stack.data
        return payload.encode("utf-8", "surrogatepass")

    @property
    def size(self) -> int:
        """The number of bytes of the decoded body."""
        payload = self.payload
        if isinstance(payload, bytes) or payload.isascii():
            return len(payload)
        if self._plain is None and self._stack.data is not None:
            return len(self._stack.data)
        return _utf8_size(payload)

    @property
    def recorded_size(self) -> int:
        """The size that was recorded, which masks do not change."""
        return self.size if self.recorded is None else self.recorded.size

    @property
    def text(self) -> str | None:
        """The decoded body as text, None where it is binary."""
        payload = self.payload
        return payload if isinstance(payload, str) else None

    @property
    def is_structure(self) -> bool:
        """Whether a structure stands in the file in place of the body: a collection, of which its JSON is made."""
        return self.node is not None and self.storage in STRUCTURED and self.node.kind != "scalar"

    @property
    def layers(self) -> tuple[str, ...]:
        """The stack of encodings from the file inwards, such as ("base64", "gzip", "UTF-8"); () for plain text."""
        return () if self.node is None else self._stack.layers

    @property
    def trailing(self) -> bytes:
        """What stands after the end of compressed data, and is no part of the body."""
        return b"" if self.node is None or self._plain is not None else self._stack.trailing

    @property
    def notes(self) -> list[str]:
        """What could not be decoded, or was not what the headers say."""
        notes = [] if self.node is None else self._stack.notes
        if not self.content_type.startswith(_FORMS) or self.storage in _UNFRAMED or self.undecoded:
            return notes
        from cassette_cli.model.media import form_note

        if NOT_UTF8 in notes and self.parts:  # each part has a charset of its own
            notes = [note for note in notes if note != NOT_UTF8]
        note = form_note(self.data, self.declared_type)
        return [*notes, note] if note else notes

    @property
    def parts(self) -> "list[FormPart]":
        """The parts of a multipart body; none where its boundary does not occur, or of another body."""
        from cassette_cli.model.media import multipart_parts

        return multipart_parts(self.data, self.declared_type) if self.content_type.startswith("multipart/") else []

    @property
    def is_guessed(self) -> bool:
        """Whether the text is Latin-1 for want of anything better: the bytes are not UTF-8, and no charset is known."""
        return self.node is not None and NOT_UTF8 in self._stack.notes

    @lazy
    def json(self) -> Any:
        """The body as JSON, None where it is no JSON (or null), or nests past all measure."""
        text = self.text
        if not text or text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
            return None
        if self._plain is None and self._stack.value is not None:
            value = self._stack.value
        else:
            try:
                value = json.loads(text.removeprefix("\ufeff"))
            except (ValueError, RecursionError):
                return None
        return value if is_shallow(text, value) else None

    @lazy
    def _plain(self) -> str | None:
        """The body where its scalar is the body itself, so that nothing need be known of it; else None."""
        node = self.node
        return node.value if node is not None and self.storage == "text" and not suspicious(node.value) else None

    @lazy
    def _stack(self) -> Stack:
        assert self.node is not None
        facts = Facts(self.content_type, self.content_encoding, self._charset, self._quiet)
        return unstack(self.node, self.storage, facts)

    @property
    def holders(self) -> Iterator[Node]:
        """The scalars that hold the body, where it is a text in the file: one, or those of its pieces."""
        if self.node is None or (self.storage in ("parsed", "json") and self.node.kind != "scalar"):
            return iter(())
        return (node for node in walk(self.node) if node.kind == "scalar")

    def forget(self) -> None:
        """Drop what was decoded, which may be larger than the file; it is decoded again when it is asked for."""
        for name in ("payload", "json", "_stack"):
            self.__dict__.pop(name, None)
        if self.recorded is not None:
            self.recorded.forget()

    def replace(self, payload: str | bytes, *, shown: bool = False) -> list[Edit]:
        """Return the edits that give the body new content, written back through every layer; `shown` as in `edit`.

        Raises `EditError` where the body could not be decoded whole, or where a layer cannot hold the content.
        """
        if payload == self.payload:
            return []
        self.require_editable(shown=shown)
        stack = self._stack
        if isinstance(payload, bytes) and (stack.data is None or stack.structured):
            try:
                payload = payload.decode("utf-8")
            except UnicodeDecodeError as error:
                raise EditError("the body is stored as text, which cannot hold these bytes") from error
        return self._written(stack.write(payload, self._width), payload)

    def edit(self, parts: Sequence[Part], *, shown: bool = False) -> list[Edit]:
        """Return the edits that replace parts of `payload`; spans count its characters.

        One call takes all parts of one body: the edits of two calls would both set its length. With `shown`, for a
        text that people see and no file, one whose compressed data is cut short is edited, too, and stays cut.
        Raises `EditError` where the body is binary, could not be decoded whole, or cannot hold the new text.
        """
        old = self.payload
        if isinstance(old, bytes):
            raise EditError("parts of a binary body cannot be edited; replace it whole")
        new = spliced(old, parts, "body")
        if new == old:
            return []
        self.require_editable(shown=shown)
        stack = self._stack
        if stack.structured or stack.data is not None:
            return self._written(stack.write(new, self._width, parts), new)
        return self._written(stored.edit_text(stack.node, stack.storage, parts), new)

    def is_length(self, size: int) -> bool:
        """Say whether the body has a length in any of its readings: as stored, as decoded, in its charset."""
        if self.node is None:
            return size == 0
        stack = self._stack
        return size in stack.sizes(self.payload, stack.wire, self.content_type)

    @property
    def blocked(self) -> CassetteError | None:
        """Why the body cannot be decoded, and so cannot be changed; None where it can."""
        return None if self.node is None or self._plain is not None else self._stack.blocked

    @property
    def cut(self) -> str:
        """Which coding's data ends too early, so that the body cannot be changed; "" where none does."""
        return "" if self.node is None or self._plain is not None else self._stack.cut

    @property
    def unknown_coding(self) -> str:
        """The content coding that nothing here can take off, "" where there is none, or where the body is plain."""
        if self._plain is not None:
            sample = self._plain[:_SAMPLE].encode("utf-8", "surrogatepass")
            return "" if looks_like_text(sample) else unknown(self.content_encoding)
        coding = unknown(self.content_encoding)
        return "" if not coding or looks_like_text(self.data) else coding

    @property
    def undecoded(self) -> str:
        """Why the body, or its end, could not be decoded; "" where all of it was."""
        if self.blocked is not None:
            return self.blocked.message
        if self.cut:
            return self.cut
        coding = self.unknown_coding
        return f"{coding!r} is no content coding known here" if coding else ""

    def restated(self, payload: str | bytes) -> list[Edit]:
        """Return the edits of all that states the body's length, once other edits have made it `payload`."""
        return [] if self.node is None else self._length_edits(payload)

    def require_editable(self, *, shown: bool = False) -> None:
        """Raise `EditError` where the body could not be decoded whole; with `shown`, where nothing of it could."""
        if self.node is None:
            raise EditError("there is no body to edit")
        blocked = self.blocked
        if isinstance(blocked, EditError):
            raise blocked
        if blocked is not None:
            raise EditError(f"the body could not be decoded: {blocked.message}", hint=blocked.hint)
        if self.cut and not shown:
            raise EditError(f"the body cannot be written again: {self.cut}", hint="record it again")

    def _written(self, edits: list[Edit], payload: str | bytes) -> list[Edit]:
        """Add the edits that keep right what the file says about the body."""
        return edits + self._length_edits(payload) + self._charset_edits(payload)

    def _length_edits(self, payload: str | bytes) -> list[Edit]:
        scalars = (node for node in self.lengths if node.kind == "scalar" and len(node.value) < 19)
        stated = [node for node in scalars if node.value.strip().isdecimal()]
        if not stated:
            return []
        stack = self._stack
        old = stack.sizes(self.payload, stack.wire, self.content_type)
        new = stack.sizes(payload, None, self.content_type)
        made: list[Edit] = []
        for node in stated:
            value = node.value.strip()
            size = dict(zip(reversed(old), reversed(new), strict=True)).get(int(value))
            if size is not None and size != int(value):
                made.append(Replace.all(node, node.value.replace(value, str(size))))
        return made

    def _charset_edits(self, payload: str | bytes) -> list[Edit]:
        """Set the recorder's `encoding` where it held the old text and not the new (Ruby VCR's US-ASCII)."""
        node, old = self._charset_node, self.payload
        if node is None or self._stack.data is not None or not isinstance(old, str) or not isinstance(payload, str):
            return []
        changed = fits(old, node.value) and not fits(payload, node.value)
        return [Replace.all(node, "UTF-8")] if changed else []


def _utf8_size(text: str) -> int:
    """Return the size of a text in UTF-8; a large one is not held as bytes too."""
    pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
    return sum(len(piece.encode("utf-8", "surrogatepass")) for piece in pieces)
