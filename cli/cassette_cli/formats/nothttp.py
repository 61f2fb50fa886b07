"""Recordings that are no HTTP: gRPC calls, recognised so that they can be named.

Written by https://github.com/pydantic/pydantic-ai, `tests/models/xai_proto_cassettes.py`, and by
https://github.com/tboser/grpcvcr.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.http import Cassette
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node


def _items(document: Document) -> Node | None:
    root = base.only_root(document)
    if root is None or root.kind == "sequence":
        return root
    return root.get("interactions")


def _holds_calls(items: Node | None) -> bool:
    item = base.first(items) if items is not None and items.kind == "sequence" else None
    if item is None:
        return False
    if item.get("request_sample") is not None or item.get("request_stream") is not None:
        return True
    request = item.get("request")
    if request is None:
        return False
    return request.get("metadata") is not None and request.get("uri") is None and request.get("url") is None


class NotHttp(CassetteFormat):
    """The formats of pydantic-ai's and grpcvcr's recordings of gRPC calls."""

    name = "not-http"
    recorder = "pydantic-ai's gRPC recorder, grpcvcr"
    source = "https://github.com/tboser/grpcvcr"
    files = "gRPC calls, listed as what they are"
    versions = ("grpc",)
    editable = False

    def claims(self, document: Document) -> bool:
        """Claim `interactions`, or a bare list, of gRPC calls."""
        return _holds_calls(_items(document))

    def load(self, document: Document) -> Cassette:
        """Count the entries; nothing of them is read.

        Raises `MalformedCassetteError` where they are no calls.
        """
        items = _items(document)
        if items is None or not _holds_calls(items):
            raise document.malformed("no gRPC calls")
        return Cassette(document, "grpc", not_http="gRPC calls", entries=len(items))


FORMAT = NotHttp()
