"""HTTP Archives, HAR 1.2, and what Polly.js stores: a HAR with fields of its own.

http://www.softwareishard.com/blog/har-12-spec/ for the fields; https://github.com/Netflix/pollyjs,
`packages/@pollyjs/persister/src/har/` and, for the chunks of a compressed body,
`packages/@pollyjs/adapter-node-http/src/utils/`. Browsers store bodies with their codings taken off;
Polly.js keeps a compressed one as a JSON list of chunks, in base64 or hexadecimal; Cody's persister for Polly.js
(https://github.com/sourcegraph/cody, `agent/recordings`) writes YAML, and a request's JSON as `textJSON`.
"""

import contextlib
from collections.abc import Sequence
from math import isfinite

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body, Storage
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Interaction, Request, Response, Unread
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FORM = "application/x-www-form-urlencoded"
_ENTRY = frozenset("pageref startedDateTime time request response cache timings serverIPAddress connection".split())
_REQUEST = frozenset("method url httpVersion cookies headers queryString postData headersSize bodySize".split())
_RESPONSE = frozenset("status statusText httpVersion cookies headers content redirectURL headersSize bodySize".split())
_CONTENT = frozenset("size compression mimeType text textJSON params encoding".split())
_BODIES = frozenset({"_webSocketMessages", "_file", "_content", "_body"})


def _entry(document: Document, index: int, item: Node) -> Interaction:
    request, response = item.get("request"), item.get("response")
    if request is None or request.kind != "mapping":
        raise base.no_request(document, index, item)
    reply, error = None, "no response was recorded"
    if response is not None and response.kind == "mapping":
        reply, error = _response(item, response, is_json=document.is_json), ""
        if not reply.status and not len(reply.headers):  # a browser's word for a request that failed
            why = base.text(response.get("_error"))
            reply, error = None, "no response was recorded" + (f": {why}" if why else "")
    started = base.recorded_at(item.get("startedDateTime"))
    return Interaction(
        index,
        _request(request, is_json=document.is_json),
        reply,
        item,
        recorded_at=started,
        error=error or None,
        unread=_unread(index, item),
    )


def _unread(index: int, item: Node) -> list[Unread]:
    """Return what is not known; fields of one's own begin with an underscore, and a few of them hold bodies."""
    request, response = item.get("request"), item.get("response")
    found = [*_unknown(item, _ENTRY, "", index)]
    for side, node, known, held in (
        ("request", request, _REQUEST, "postData"),
        ("response", response, _RESPONSE, "content"),
    ):
        if node is not None:
            found += _unknown(node, known, side, index)
            found += _unknown(node.get(held), _CONTENT, f"{side}.{held}", index)
    return found


def _unknown(node: Node | None, known: frozenset[str], where: str, index: int) -> Sequence[Unread]:
    if node is None:
        return ()
    found = base.unknown(node.fields(), known, where, index)
    return [one for one in found if not (name := one.where.rpartition(".")[2]).startswith("_") or name in _BODIES]


def _request(node: Node, *, is_json: bool) -> Request:
    headers = base.headers(node.get("headers"))
    url, method = node.get("url"), node.get("method")
    sizes = base.lengths(node.get("bodySize"))
    body = _body(node.get("postData"), headers, sizes, is_json=is_json)
    version = base.http_version(node.get("httpVersion"))
    return Request(base.method(method), base.text(url), headers, body, url, method, http_version=version)


def _response(item: Node, node: Node, *, is_json: bool) -> Response:
    headers = base.headers(node.get("headers"))
    content = node.get("content")
    sizes = base.lengths(node.get("bodySize"), content.get("size") if content is not None else None)
    code, _ = base.status(node.get("status"))
    reason = base.text(node.get("statusText")) or None
    body = _body(content, headers, sizes, is_json=is_json)
    version = base.http_version(node.get("httpVersion"))
    return Response(code, headers, body, reason, _milliseconds(item.get("time")), version)


def _body(content: Node | None, headers: Headers, sizes: list[Node], *, is_json: bool) -> Body:
    if content is None:
        return Body(headers=headers)
    node, parsed, params = content.get("text"), content.get("textJSON"), content.get("params")
    if node is None or node.kind != "scalar" or node.is_null:
        if parsed is not None:
            kind: Storage = "text" if parsed.kind == "scalar" else "json" if is_json else "parsed"
            return Body(parsed, kind, headers=headers, content_type="application/json", lengths=sizes, decoded=True)
        if params is not None and params.items:  # multipart forms, too: their framing was not kept
            return Body(params, "form", headers=headers, content_type=_FORM, lengths=sizes, decoded=True)
        return Body(headers=headers)
    encoded = base.text(content.get("encoding")).lower() == "base64"
    kind = "base64" if encoded else "text"
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
    files = "HAR 1.2 in JSON and YAML, with Polly.js's fields and Cody's `textJSON`"

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
