"""HTTP Archives, HAR 1.2, and what Polly.js stores: a HAR with fields of its own.

http://www.softwareishard.com/blog/har-12-spec/ for the fields; https://github.com/Netflix/pollyjs,
`packages/@pollyjs/persister/src/har/` and, for the chunks of a compressed body,
`packages/@pollyjs/adapter-node-http/src/utils/`. Browsers store bodies with their codings taken off;
Polly.js keeps a compressed one as a JSON list of chunks, in base64 or hexadecimal.
"""

import contextlib
from math import isfinite

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body, Storage
from cassette_cli.model.http import Cassette, Headers, Interaction, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node


def _entry(document: Document, index: int, item: Node) -> Interaction:
    request, response = item.get("request"), item.get("response")
    if request is None or request.kind != "mapping":
        raise base.no_request(document, index, item)
    reply, error = None, "no response was recorded"
    if response is not None and response.kind == "mapping":
        reply, error = _response(item, response), ""
        if not reply.status and not len(reply.headers):  # a browser's word for a request that failed
            why = base.text(response.get("_error"))
            reply, error = None, "no response was recorded" + (f": {why}" if why else "")
    started = base.recorded_at(item.get("startedDateTime"))
    return Interaction(index, _request(request), reply, item, recorded_at=started, error=error or None)


def _request(node: Node) -> Request:
    headers = base.headers(node.get("headers"))
    url, method = node.get("url"), node.get("method")
    posted = node.get("postData")
    text = posted.get("text") if posted is not None else None
    sizes = base.lengths(node.get("bodySize"))
    return Request(base.method(method), base.text(url), headers, _body(text, posted, headers, sizes), url, method)


def _response(item: Node, node: Node) -> Response:
    headers = base.headers(node.get("headers"))
    content = node.get("content")
    text = content.get("text") if content is not None else None
    sizes = base.lengths(node.get("bodySize"), content.get("size") if content is not None else None)
    code, _ = base.status(node.get("status"))
    reason = base.text(node.get("statusText")) or None
    return Response(code, headers, _body(text, content, headers, sizes), reason, _milliseconds(item.get("time")))


def _body(node: Node | None, content: Node | None, headers: Headers, sizes: list[Node]) -> Body:
    if node is None or content is None or node.kind != "scalar" or node.is_null:
        return Body(headers=headers)
    encoded = base.text(content.get("encoding")).lower() == "base64"
    kind: Storage = "base64" if encoded else "text"
    if node.value.startswith('["') and headers.get("content-encoding"):
        kind = "chunked-base64" if encoded else "chunked-hex"
    media = base.text(content.get("mimeType"))
    return Body(
        node,
        kind,
        headers=headers,
        content_type=headers.get("content-type") or media,
        lengths=sizes,
        decoded=True,
    )


def _milliseconds(node: Node | None) -> float | None:
    if node is not None and node.kind == "scalar":
        with contextlib.suppress(ValueError):
            time = float(node.value)
            return time if isfinite(time) else None
    return None


class Har(CassetteFormat):
    """The format of browsers and proxies, HAR 1.2, and of Polly.js."""

    name = "har"
    recorder = "HAR, Polly.js"
    source = "https://github.com/Netflix/pollyjs"
    files = "HAR 1.2, as browsers, proxies and Polly.js write it"
    suffixes = (".har", ".json")
    signature = base.key(
        "log", opens=rb"""\{?\s*["']?(?:_recordingName|browser|comment|creator|entries|pages|version)\b"""
    )

    def claims(self, document: Document) -> bool:
        """Claim `log` with a list of `entries`."""
        root = base.only_root(document)
        log = root.get("log") if root is not None else None
        return log is not None and log.get("entries") is not None

    def load(self, document: Document) -> Cassette:
        """Read all entries; one without a request is an error, one that was never answered is listed as such."""
        log = document.root.get("log")
        container = base.container(document, log.get("entries") if log is not None else None, "log.entries")
        return Cassette(
            document, self.name, [_entry(document, i, item) for i, item in enumerate(container.items)], container
        )


FORMAT = Har()
