"""Bodies and their stack of encodings, read lazily and written back through every layer.

A body may be stored as text, as base64 (YAML's `!!binary`, Ruby's `!binary`, a `base64_string`),
as the structure that its JSON stands for, or in chunks; what is stored may be compressed besides
(RFC 9110, 8.4). The bytes are sniffed: many recorders keep the header and drop the compression.
"""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

from cassette_cli.source.edits import Edit, Part
from cassette_cli.source.nodes import Node

Storage = Literal["absent", "text", "base64", "parsed", "chunks"]


class Body:
    """One body. Nothing is decoded until a property asks for it.

    `content_encoding` and `content_type` are header values; `lengths` are the nodes that state the
    body's length (a Content-Length header, go-vcr's `content_length`) and are kept right.
    """

    def __init__(
        self,
        node: Node | None = None,
        storage: Storage = "absent",
        *,
        content_type: str = "",
        content_encoding: str = "",
        lengths: Sequence[Node] = (),
    ) -> None:
        self.node = node
        self.storage: Storage = "absent" if node is None else storage
        self.content_type = content_type.lower()
        self.content_encoding = content_encoding.lower()
        self.lengths = lengths

    @cached_property
    def payload(self) -> str | bytes:
        """The decoded body: `str` if it is text, else `bytes`."""
        return self.node.value if self.node is not None else ""

    @property
    def data(self) -> bytes:
        """The decoded body as bytes."""
        payload = self.payload
        return payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload

    @property
    def text(self) -> str | None:
        """The decoded body as text, None where it is binary."""
        payload = self.payload
        return payload if isinstance(payload, str) else None

    @property
    def layers(self) -> tuple[str, ...]:
        """The stack of encodings from the file inwards, such as ("base64", "gzip", "UTF-8")."""
        return ()

    @property
    def notes(self) -> list[str]:
        """What could not be decoded, or was not what the headers say."""
        return []

    @cached_property
    def json(self) -> Any:
        """The body as JSON, None where it is no JSON (or null)."""
        text = self.text
        if not text or text.lstrip()[:1] not in ("{", "["):
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None

    def replace(self, payload: str | bytes) -> list[Edit]:
        """Return the edits that give the body new content, written back through every layer."""
        raise NotImplementedError

    def edit(self, parts: Sequence[Part]) -> list[Edit]:
        """Return the edits that replace parts of `payload`; spans count its characters (or bytes)."""
        raise NotImplementedError
