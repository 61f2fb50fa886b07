"""EasyVCR cassettes, as the .NET version writes them.

Written by https://github.com/EasyPost/easyvcr-csharp, `EasyVCR/RequestElements/` (`HttpInteraction.cs`,
`Request.cs`, `Response.cs`): a JSON list; the headers of a message stand in two mappings.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.http import Cassette, Interaction, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_REQUEST = frozenset({"Method", "Uri", "Body", "BodyContentType", "ContentHeaders", "RequestHeaders"})
_RESPONSE = frozenset({"Status", "Body", "BodyContentType", "ContentHeaders", "ResponseHeaders", "HttpVersion"})
_INTERACTION = frozenset({"Duration", "RecordedAt", "Request", "Response"})


class EasyVcr(CassetteFormat):
    """The format of EasyVCR for .NET."""

    name = "easyvcr"
    recorder = "EasyVCR for .NET"
    source = "https://github.com/EasyPost/easyvcr-csharp"
    files = "JSON"

    def claims(self, document: Document) -> bool:
        """Claim a list whose items have a `Request` with a `Uri`, and a `Response`."""
        root = base.only_root(document)
        item = base.first(root) if root is not None and root.kind == "sequence" else None
        request = item.get("Request") if item is not None else None
        return item is not None and item.has("Response") and request is not None and request.has("Uri")

    def load(self, document: Document) -> Cassette:
        """Read all interactions; one without a request is an error, one without a response is listed as such."""
        root = base.container(document, document.root, "the document")
        made = [_interaction(document, index, item) for index, item in enumerate(root.items)]
        return Cassette(document, self.name, made, root)


def _interaction(document: Document, index: int, item: Node) -> Interaction:
    fields = item.fields()
    asked, answered = fields.get("Request"), fields.get("Response")
    if asked is None or asked.kind != "mapping":
        raise base.no_request(document, index, item)
    unread = [*base.unknown(fields, _INTERACTION, "", index)]
    unread += base.unknown(asked.fields(), _REQUEST, "Request", index)
    response, error = None, "no response was recorded"
    if answered is not None and answered.kind == "mapping":
        response, error = _response(answered, base.number(fields.get("Duration"))), ""
        unread += base.unknown(answered.fields(), _RESPONSE, "Response", index)
    return Interaction(
        index,
        _request(asked),
        response,
        item,
        recorded_at=base.recorded_at(fields.get("RecordedAt")),
        error=error or None,
        unread=unread,
    )


def _request(node: Node) -> Request:
    headers = base.headers(node.get("RequestHeaders"), node.get("ContentHeaders"))
    url, method = node.get("Uri"), node.get("Method")
    return Request(base.method(method), base.text(url), headers, base.body(node.get("Body"), headers), url, method)


def _response(node: Node, duration: int | None) -> Response:
    headers = base.headers(node.get("ResponseHeaders"), node.get("ContentHeaders"))
    status = node.get("Status")
    code = base.number(status.get("Code")) if status is not None else None
    reason = base.text(status.get("Message")) if status is not None else ""
    body = base.body(node.get("Body"), headers)
    version = base.http_version(node.get("HttpVersion"))
    return Response(code, headers, body, reason or None, None if duration is None else float(duration), version)


FORMAT = EasyVcr()
