"""cassetter cassettes, YAML and JSON: HTTP, and beside it gRPC calls and WebSocket frames.

Written by https://github.com/Kludex/cassetter, `crates/cassetter-core/src/cassette/format.rs`; the format
is told in its `SPECIFICATION.md` and `conformance/`. A body is `{type, content}`: `json` as a structure,
`text`, `binary` in hexadecimal, `none`. Its content codings are taken off, and their headers with them.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body, Storage
from cassette_cli.model.http import Cassette, Headers, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_TYPES = ("json", "text", "binary", "none")


def _body(node: Node, headers: Headers, is_json: bool) -> Body:
    body = node.get("body")
    kind = base.text(body.get("type")) if body is not None else ""
    content = body.get("content") if body is not None else None
    if content is None or kind not in _TYPES or kind == "none":
        return Body(headers=headers)
    storages: dict[str, Storage] = {"json": "json" if is_json else "parsed", "text": "text", "binary": "hex"}
    json_type = "application/json" if kind == "json" and not headers.get("content-type") else None
    return Body(content, storages[kind], headers=headers, content_type=json_type, decoded=True)


class Cassetter(CassetteFormat):
    """The format of cassetter."""

    name = "cassetter"
    recorder = "cassetter"
    source = "https://github.com/Kludex/cassetter"
    files = "YAML and JSON; gRPC calls and WebSocket frames are listed"
    signature = base.key("interactions", "grpc_interactions", "ws_interactions")

    def claims(self, document: Document) -> bool:
        """Claim `interactions` whose bodies are `{type, …}`, and whatever holds cassetter's other two lists."""
        root = base.only_root(document)
        if root is None or root.kind != "mapping":
            return False
        if root.get("grpc_interactions") is not None or root.get("ws_interactions") is not None:
            return True
        interactions = root.get("interactions")
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
        calls, sockets = (root.get(key) for key in ("grpc_interactions", "ws_interactions"))
        if found is None or not found.items:
            if calls is not None and calls.items:
                return Cassette(document, self.name, not_http="gRPC calls", entries=len(calls))
            if sockets is not None and sockets.items:
                frames = sum(len(item.get("frames") or ()) for item in sockets.items)
                return Cassette(document, self.name, not_http="WebSocket frames", entries=frames)
        container = base.container(document, found, "interactions")
        is_json = document.is_json

        def request(node: Node) -> Request:
            headers = base.headers(node.get("headers"))
            url, method = node.get("uri"), node.get("method")
            return Request(base.method(method), base.text(url), headers, _body(node, headers, is_json), url, method)

        def response(_: Node, node: Node) -> Response:
            headers = base.headers(node.get("headers"))
            code, reason = base.status(node.get("status"))
            return Response(code, headers, _body(node, headers, is_json), reason)

        return Cassette(document, self.name, base.interactions(document, container.items, request, response), container)


FORMAT = Cassetter()
