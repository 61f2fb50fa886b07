"""ExVCR cassettes.

Written by https://github.com/parroty/exvcr, `lib/exvcr/json.ex` and `lib/exvcr/records.ex`: a JSON list;
a response body that is no UTF-8 is an Erlang term in base64, with `binary: true` beside it.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.http import Cassette, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FIELDS = base.Fields(
    request=frozenset({"method", "url", "headers", "body", "request_body", "options"}),
    response=frozenset({"status_code", "headers", "body", "binary", "type"}),
)


def _request(node: Node) -> Request:
    headers = base.headers(node.get("headers"))
    url, method = node.get("url"), node.get("method")
    sent = node.get("request_body")
    if sent is None or not sent.value:
        sent = node.get("body")
    return Request(base.method(method), base.text(url), headers, base.body(sent, headers), url, method)


def _response(_: Node, node: Node) -> Response:
    headers = base.headers(node.get("headers"))
    code, reason = base.status(node.get("status_code"))
    binary, found = node.get("binary"), node.get("body")
    if binary is not None and binary.value == "true" and found is not None and found.kind == "scalar":
        return Response(code, headers, Body(found, "erlang", headers=headers), reason)
    return Response(code, headers, base.body(found, headers), reason)


class ExVcr(CassetteFormat):
    """The format of ExVCR."""

    name = "exvcr"
    recorder = "ExVCR"
    source = "https://github.com/parroty/exvcr"
    files = "JSON"

    def claims(self, document: Document) -> bool:
        """Claim a list whose requests have `url` and whose responses have a `status_code`."""
        root = base.only_root(document)
        item = base.first(root) if root is not None and root.kind == "sequence" else None
        request, response = (item.get("request"), item.get("response")) if item is not None else (None, None)
        if request is None or response is None or request.get("url") is None:
            return False
        return response.get("status_code") is not None

    def load(self, document: Document) -> Cassette:
        """Read all interactions; one without a request is an error, one without a response is listed as such."""
        container = base.container(document, document.root, "the document")
        return self.read(document, container, _request, _response, _FIELDS)


FORMAT = ExVcr()
