"""Cassettes of ReqCassette for Elixir.

Written by https://github.com/lostbean/req_cassette, `lib/req_cassette/cassette.ex`, versions 1.0 and 2.0: the
query stands apart from the address, and a body under the name of its kind: `body_json` a structure, `body_blob`
base64, `body` text.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_BODIES = {"body_type", "body", "body_json", "body_blob"}
_FIELDS = base.Fields(
    request=frozenset({"method", "uri", "query_string", "headers", *_BODIES}),
    response=frozenset({"status", "headers", *_BODIES}),
    interaction=frozenset({"request", "response", "template"}),
    file=frozenset({"interactions"}),
)


class ReqCassette(CassetteFormat):
    """The format of ReqCassette."""

    name = "req_cassette"
    recorder = "ReqCassette"
    source = "https://github.com/lostbean/req_cassette"
    files = "JSON, versions 1.0 and 2.0"
    match_on = base.WHOLE_REQUEST

    def claims(self, document: Document) -> bool:
        """Claim `interactions` whose requests state a `body_type`."""
        root = base.only_root(document)
        item = base.first(root.get("interactions")) if root is not None else None
        request = item.get("request") if item is not None else None
        return request is not None and request.has("uri", "body_type")

    def load(self, document: Document) -> Cassette:
        """Read all interactions."""
        container = base.container(document, document.root.get("interactions"), "interactions")
        return self.read(document, container, _request, _response, _FIELDS)


def _request(node: Node) -> Request:
    headers = base.headers(node.get("headers"))
    url, method, query = node.get("uri"), node.get("method"), node.get("query_string")
    address = base.text(url) + (f"?{query.value}" if query is not None and query.value else "")
    return Request(base.method(method), address, headers, _body(node, headers), url, method, query)


def _response(_: Node, node: Node) -> Response:
    return base.response(node, _body)


def _body(node: Node, headers: Headers) -> Body:
    blob = node.get("body_blob")
    if blob is not None and not blob.is_null:
        return Body(blob, "base64", headers=headers)
    structure = node.get("body_json")
    if structure is not None:
        return Body(structure, "json", headers=headers)
    return base.body(node.get("body"), headers)


FORMAT = ReqCassette()
