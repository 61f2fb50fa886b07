"""PHP-VCR cassettes, YAML and JSON.

Written by https://github.com/php-vcr/php-vcr, `src/VCR/Request.php` and `src/VCR/Response.php` (`toArray`):
a bare list whose `status` is `{http_version, code, message}`, or in old versions a number or a text; the body
of a response that says it is `application/x-gzip`, or binary in transfer, is base64.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FIELDS = base.Fields(
    request=frozenset({"method", "url", "headers", "body", "post_files", "post_fields", "curl_options"}),
    response=frozenset({"status", "headers", "body", "curl_info"}),
)


def _request(node: Node) -> Request:
    return base.request(node)


def _response(_: Node, node: Node) -> Response:
    headers = base.headers(node.get("headers"))
    status = node.get("status")
    code, reason = base.status(status)
    version = base.http_version(status.get("http_version") if status is not None else None)
    return Response(code, headers, _body(node.get("body"), headers), reason, http_version=version)


def _body(node: Node | None, headers: Headers) -> Body:
    packed = "application/x-gzip" in headers.get("content-type")
    if node is not None and node.value and (packed or headers.get("content-transfer-encoding") == "binary"):
        return Body(node, "base64", headers=headers)
    return base.body(node, headers)


class PhpVcr(CassetteFormat):
    """The format of PHP-VCR."""

    name = "php-vcr"
    recorder = "PHP-VCR"
    source = "https://github.com/php-vcr/php-vcr"
    files = "YAML and JSON"
    match_on = base.WHOLE_REQUEST  # `src/VCR/Configuration.php`: all request matchers

    def claims(self, document: Document) -> bool:
        """Claim a list whose requests have `url` and whose responses have a `status`; Mastra's have a `hash`."""
        root = base.only_root(document)
        item = base.first(root) if root is not None and root.kind == "sequence" else None
        request, response = (item.get("request"), item.get("response")) if item is not None else (None, None)
        if item is None or request is None or response is None or request.get("url") is None:
            return False
        if "://" not in base.text(request.get("url")):
            return False  # stubby4node's stubs match paths
        return response.get("status") is not None and response.get("status_code") is None and not item.has("hash")

    def load(self, document: Document) -> Cassette:
        """Read all interactions; one without a request is an error, one without a response is listed as such."""
        container = base.container(document, document.root, "the document")
        return self.read(document, container, _request, _response, _FIELDS)


FORMAT = PhpVcr()
