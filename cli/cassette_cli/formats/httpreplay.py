"""Logs of Google Cloud's httpreplay for Go.

Written by https://github.com/googleapis/google-cloud-go, `httpreplay/internal/proxy/log.go`, versions 0.1 and 0.2:
bodies are base64, that of a request a list of them, the parts of a multipart body one by one.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Interaction, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_REQUEST = frozenset({"Method", "URL", "Proto", "Header", "MediaType", "BodyParts", "Body", "Trailer"})
_RESPONSE = frozenset({"StatusCode", "Proto", "ProtoMajor", "ProtoMinor", "Header", "Body", "Trailer"})


class HttpReplay(CassetteFormat):
    """The format of httpreplay."""

    name = "httpreplay"
    recorder = "Go httpreplay"
    source = "https://github.com/googleapis/google-cloud-go/tree/main/httpreplay"
    files = "versions 0.1 and 0.2"
    match_on = base.WHOLE_REQUEST  # `replay.go`

    def claims(self, document: Document) -> bool:
        """Claim `Entries` beside an `Initial` state and a `Version`."""
        root = base.only_root(document)
        return root is not None and root.has("Initial", "Version", "Entries")

    def load(self, document: Document) -> Cassette:
        """Read all entries; one without a request is an error, one without a response is listed as such."""
        entries = base.container(document, document.root.get("Entries"), "Entries")
        made = [_entry(document, index, item) for index, item in enumerate(entries.items)]
        beside = base.unknown(document.root.fields(), frozenset({"Initial", "Version", "Converter", "Entries"}), "")
        return Cassette(document, self.name, made, entries, unread=beside)


def _entry(document: Document, index: int, item: Node) -> Interaction:
    asked, answered = item.get("Request"), item.get("Response")
    if asked is None or asked.kind != "mapping":
        raise base.no_request(document, index, item)
    unread = [*base.unknown(item.fields(), frozenset({"ID", "Request", "Response"}), "", index)]
    unread += base.unknown(asked.fields(), _REQUEST, "Request", index)
    if answered is None or answered.kind != "mapping":
        return Interaction(index, _request(asked), None, item, error="no response was recorded", unread=unread)
    unread += base.unknown(answered.fields(), _RESPONSE, "Response", index)
    return Interaction(index, _request(asked), _response(answered), item, unread=unread)


def _request(node: Node) -> Request:
    headers = base.headers(node.get("Header"), node.get("Trailer"))
    url, method = node.get("URL"), node.get("Method")
    parts = node.get("BodyParts")
    media = headers.get("content-type") or base.text(node.get("MediaType"))
    if parts is not None and parts.items:
        body = Body(parts, "base64-chunks", headers=headers, content_type=media)
    else:
        body = _body(node.get("Body"), headers)
    version = base.http_version(node.get("Proto"))
    return Request(base.method(method), base.text(url), headers, body, url, method, http_version=version)


def _response(node: Node) -> Response:
    headers = base.headers(node.get("Header"), node.get("Trailer"))
    code, reason = base.status(node.get("StatusCode"))
    version = base.http_version(node.get("Proto"))
    return Response(code, headers, _body(node.get("Body"), headers), reason, http_version=version)


def _body(node: Node | None, headers: Headers) -> Body:
    return Body(headers=headers) if node is None or node.is_null else Body(node, "base64", headers=headers)


FORMAT = HttpReplay()
