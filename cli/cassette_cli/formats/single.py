"""One request and its response a document: a file each, or one a line.

Written by https://github.com/DataDog/dd-apm-test-agent, `ddapm_test_agent/vcr_proxy.py` (a JSON file each;
`base64:` before a body that is no UTF-8), and by recorders that append JSON Lines.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FIELDS = base.Fields(
    request=frozenset({"method", "url", "uri", "headers", "body"}),
    response=frozenset({"status", "status_code", "statusCode", "code", "headers", "body", "reason", "url"}),
)


_OF_STUBS = ("persistent", "insertionIndex", "priority", "scenarioName")
_OF_ANSWERS = ("jsonBody", "base64Body", "transformers", "proxyBaseUrl", "fault", "fixedDelayMilliseconds")
"""What WireMock's stubs have: they match requests, and record none."""


def _is_interaction(root: Node) -> bool:
    request, response = root.get("request"), root.get("response")
    if request is None or request.kind != "mapping" or response is None:
        return False
    # WireMock's stubs have the same two keys, and nearly always a path for an address.
    address = request.get("url") or request.get("uri")
    if address is None or "://" not in address.value or _is_req_llm(root, request):
        return False
    return not (any(map(root.has, _OF_STUBS)) or any(map(response.has, _OF_ANSWERS)))


def _is_req_llm(root: Node, request: Node) -> bool:
    body = request.get("body")
    return any(root.has(key) for key in ("chunks", "events", "model_spec")) or (body is not None and body.has("b64"))


def _request(node: Node) -> Request:
    headers = base.headers(node.get("headers"))
    url = node.get("url") or node.get("uri")
    method = node.get("method")
    return Request(base.method(method), base.text(url), headers, _body(node, headers), url, method)


def _response(_: Node, node: Node) -> Response:
    headers = base.headers(node.get("headers"))
    found = (node.get(key) for key in ("status", "status_code", "statusCode", "code"))
    code, reason = base.status(next((one for one in found if one is not None), None))
    return Response(code, headers, _body(node, headers), reason)


def _body(node: Node, headers: Headers) -> Body:
    found = node.get("body")
    if found is not None and found.kind == "scalar" and found.value.startswith("base64:"):
        return Body(found, "base64", headers=headers)
    if found is not None and found.kind == "mapping" and not (found.has("string") or found.has("base64_string")):
        return Body(found, "json", headers=headers)
    return base.body(found, headers)


class SingleInteraction(CassetteFormat):
    """The format of dd-apm-test-agent, and of others that write an interaction a file or a line."""

    name = "single-interaction"
    recorder = "dd-apm-test-agent"
    source = "https://github.com/DataDog/dd-apm-test-agent"
    files = "an interaction a file, or a line (JSON Lines); so do others"
    versions = ("single-interaction", "json-lines")

    def claims(self, document: Document) -> bool:
        """Claim documents that are each a mapping with `request`, which has an address, and `response`."""
        return bool(document.roots) and all(_is_interaction(root) for root in document.roots)

    def load(self, document: Document) -> Cassette:
        """Read one interaction a document; raises `MalformedCassetteError` for one without a request."""
        if not document.roots:
            raise document.malformed("the file is empty", hint="record it again")
        made = base.interactions(document, document.roots, _request, _response, _FIELDS)
        return Cassette(document, self.name if len(made) == 1 else "json-lines", made)


FORMAT = SingleInteraction()
