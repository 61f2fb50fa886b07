"""cassetter cassettes, YAML, JSON and TOML: HTTP, and beside it gRPC calls and WebSocket frames.

Written by https://github.com/Kludex/cassetter, `crates/cassetter-core/src/cassette/format.rs`; the format
is told in its `SPECIFICATION.md` and `conformance/`. A body is `{type, content}`: `json` as a structure,
`text`, `binary` in hexadecimal, `none`; in TOML (`format_toml.rs`) it is `body_type` and `body_content`, JSON as
text. Its content codings are taken off, and their headers with them.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.formats.websocket import direction
from cassette_cli.model.body import Body, Storage
from cassette_cli.model.connection import SocketMessage, connection
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Interaction, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FIELDS = base.Fields(
    request=frozenset({"method", "uri", "headers", "body", "body_type", "body_content"}),
    response=frozenset({"status", "headers", "body", "body_type", "body_content"}),
    file=frozenset({"interactions"}),
    body=frozenset({"type", "content"}),
)


_TYPES = ("json", "text", "binary", "none")


def _body(node: Node, headers: Headers, structure: Storage) -> Body:
    """Make a body; `structure` is how one of JSON stands in the file."""
    body = node.get("body")
    if body is not None and body.kind == "mapping":
        kind, content = base.text(body.get("type")), body.get("content")
    else:
        kind, content = base.text(node.get("body_type")), node.get("body_content") or body
    if content is None or content.is_null or kind == "none":
        return Body(headers=headers)
    fallback: Storage = "text" if content.kind == "scalar" else structure
    storages: dict[str, Storage] = {"json": structure, "text": "text", "binary": "hex"}
    json_type = "application/json" if kind == "json" and not headers.get("content-type") else None
    return Body(content, storages.get(kind, fallback), headers=headers, content_type=json_type, decoded=True)


class Cassetter(CassetteFormat):
    """The format of cassetter."""

    name = "cassetter"
    recorder = "cassetter"
    source = "https://github.com/Kludex/cassetter"
    files = "YAML and JSON, and TOML, which is not edited; HTTP or WebSocket; gRPC calls are listed"

    def claims(self, document: Document) -> bool:
        """Claim `interactions` whose bodies are `{type, …}`, or in TOML, and whatever holds cassetter's other lists."""
        root = base.only_root(document)
        if root is None or root.kind != "mapping":
            return False
        if root.get("grpc_interactions") is not None or root.get("ws_interactions") is not None:
            return True
        interactions = root.get("interactions")
        if document.is_toml:
            return interactions is not None
        for item in interactions.items if interactions is not None else ():
            for part in (item.get("request"), item.get("response")):
                body = part.get("body") if part is not None else None
                kind = body.get("type") if body is not None else None
                if kind is not None and kind.value in _TYPES:
                    return True
        return False

    def load(self, document: Document) -> Cassette:
        """Read the HTTP interactions; a cassette of nothing but gRPC calls or WebSocket frames is listed as that."""
        root = document.root
        found = root.get("interactions")
        structure: Storage = "text" if document.is_toml else "json" if document.is_json else "parsed"
        calls, sockets = (root.get(key) for key in ("grpc_interactions", "ws_interactions"))
        if found is None or not found.items:
            if calls is not None and calls.items:
                return Cassette(document, self.name, not_http="gRPC calls", entries=len(calls))
            if sockets is not None and sockets.items:
                return _connections(
                    document, sockets, "text" if document.is_toml else "json" if document.is_json else "parsed"
                )
        container = base.container(document, found, "interactions")

        def request(node: Node) -> Request:
            headers = base.headers(node.get("headers"))
            url, method = node.get("uri"), node.get("method")
            return Request(base.method(method), base.text(url), headers, _body(node, headers, structure), url, method)

        def response(_: Node, node: Node) -> Response:
            headers = base.headers(node.get("headers"))
            code, reason = base.status(node.get("status"))
            return Response(code, headers, _body(node, headers, structure), reason)

        return self.read(document, container, request, response, _FIELDS)


def _connections(document: Document, sockets: Node, structure: Storage) -> Cassette:
    """Read connections, `{uri, headers, frames: [{direction, frame_type, body, offset_ms}]}`, and nothing else."""
    made: list[Interaction] = []
    count = 0
    for index, item in enumerate(sockets.items):
        frames = item.get("frames")
        messages = []
        for at, frame in enumerate(frames.items if frames is not None else ()):
            assert frames is not None
            side = direction(frame.get("direction"))
            ms = base.number(frame.get("offset_ms"))
            body = _body(frame, Headers(), structure)
            messages.append(SocketMessage(side, body, frames, at, ms))
        count += len(messages)
        one = connection(index, item, messages, item.get("uri"), base.headers(item.get("headers")))
        one.recorded_at = base.recorded_at(item.get("recorded_at"))
        one.unread = base.unknown(item.fields(), frozenset({"uri", "headers", "frames"}), "", index)
        made.append(one)
    unread = base.unknown(document.root.fields(), frozenset({"interactions", "ws_interactions"}), "")
    return Cassette(document, Cassetter.name, made, not_http="WebSocket frames", entries=count, unread=unread)


FORMAT = Cassetter()
