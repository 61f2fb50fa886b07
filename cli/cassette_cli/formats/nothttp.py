"""Recordings that are no HTTP: WebSocket frames and gRPC calls, recognised so that they can be named.

Written by https://github.com/pydantic/pydantic-ai, `tests/realtime/cassettes.py` (WebSocket) and
`tests/models/xai_proto_cassettes.py` (gRPC); by https://github.com/tboser/grpcvcr (gRPC).
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.http import Cassette
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FRAMES = "WebSocket frames"
_CALLS = "gRPC calls"


def _items(document: Document) -> Node | None:
    root = base.only_root(document)
    if root is None or root.kind == "sequence":
        return root
    return root.get("interactions")


def _kind(items: Node | None) -> str | None:
    item = base.first(items) if items is not None and items.kind == "sequence" else None
    if item is None:
        return None
    if item.get("request_sample") is not None or item.get("request_stream") is not None:
        return _CALLS
    request = item.get("request")
    if request is not None:
        called = request.get("metadata") is not None and request.get("uri") is None and request.get("url") is None
        return _CALLS if called else None
    framed = item.get("data") is not None or item.get("message") is not None
    return _FRAMES if item.get("direction") is not None and framed else None


class NotHttp(CassetteFormat):
    """The formats of pydantic-ai's WebSocket and gRPC recordings, and of grpcvcr."""

    name = "not-http"
    recorder = "pydantic-ai's realtime recorder, grpcvcr"
    source = "https://github.com/pydantic/pydantic-ai"
    files = "WebSocket frames and gRPC calls, listed as what they are"
    versions = ("websocket", "grpc")
    editable = False
    signature = base.key("interactions") + b"|" + base.key("direction", opens=b"""["']?(?:sent|received)""")

    def claims(self, document: Document) -> bool:
        """Claim `interactions`, or a bare list, of frames with a `direction` or of gRPC calls."""
        return _kind(_items(document)) is not None

    def load(self, document: Document) -> Cassette:
        """Count the entries; nothing of them is read.

        Raises `MalformedCassetteError` where they are neither frames nor calls.
        """
        items = _items(document)
        kind = _kind(items)
        if items is None or kind is None:
            raise document.malformed("neither WebSocket frames nor gRPC calls")
        name = "websocket" if kind == _FRAMES else "grpc"
        return Cassette(document, name, not_http=kind, entries=len(items))


FORMAT = NotHttp()
