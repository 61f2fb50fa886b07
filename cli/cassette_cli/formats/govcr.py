"""go-vcr cassettes, versions 1 and 2.

Written by https://github.com/dnaeon/go-vcr, `cassette/cassette.go` (v1) and `pkg/cassette/cassette.go`
(v3 and v4 of the module write version 2).
"""

import re

from cassette_cli.formats.base import headers_from_mapping, number
from cassette_cli.model.body import Body
from cassette_cli.model.http import Cassette, Headers, Interaction, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

NAME = "go-vcr"

_DURATION = re.compile(r"([-+]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+")
_UNIT = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_MILLISECONDS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}


def claims(document: Document) -> bool:
    """Claim a mapping with `version` 1 or 2 and `interactions` whose requests have `url`.

    VCR.py writes the same two keys; its requests have `uri`.
    """
    root = document.roots[0] if len(document.roots) == 1 else None
    if root is None or not root.has("version", "interactions"):
        return False
    interactions = root.get("interactions")
    version = root.get("version")
    if interactions is None or version is None or version.value not in ("1", "2"):
        return False
    if not interactions.items:
        return version.value == "2"
    for item in interactions.items:
        request = item.get("request")
        if request is not None and request.kind == "mapping":
            return request.get("url") is not None or (request.get("uri") is None and version.value == "2")
    return version.value == "2"


def load(document: Document) -> Cassette:
    """Read all interactions; one without a request is an error, one without a response is listed as such."""
    root = document.root
    version = root.get("version")
    container = root.get("interactions")
    if container is None or not (container.kind == "sequence" or container.is_null):
        raise document.malformed("`interactions` is no list", container or root)
    name = f"go-vcr v{version.value}" if version is not None else NAME
    interactions = [_interaction(document, index, item) for index, item in enumerate(container.items)]
    return Cassette(document, name, interactions, container)


def _interaction(document: Document, index: int, item: Node) -> Interaction:
    request = item.get("request")
    if request is None or request.kind != "mapping":
        raise document.malformed(
            f"interaction {index} has no request", item, hint="remove the interaction, or record the cassette again"
        )
    response = item.get("response")
    if response is None or response.kind != "mapping":
        return Interaction(index, _request(request), None, item, error="no response was recorded")
    return Interaction(index, _request(request), _response(item, response), item)


def _request(node: Node) -> Request:
    headers = headers_from_mapping(node.get("headers"))
    url, method = node.get("url"), node.get("method")
    return Request(
        method.value.upper() if method is not None and method.value else "GET",
        "" if url is None else url.value,
        headers,
        _body(node, headers),
        url,
        method,
    )


def _response(item: Node, node: Node) -> Response:
    headers = headers_from_mapping(node.get("headers"))
    code = number(node.get("code"))
    status = node.get("status")
    if code is None and status is not None:
        code = number(Node("scalar", "str", status.value.partition(" ")[0], 0, 0, "plain"))
    reason = status.value.partition(" ")[2] or None if status is not None else None
    return Response(code, headers, _body(node, headers), reason, _duration(node.get("duration")))


def _body(node: Node, headers: Headers) -> Body:
    """Make the body; a body that Go could not write as text is `!!binary`."""
    body = node.get("body")
    length = headers.line("content-length")
    lengths = [n for n in (node.get("content_length"), length.node if length else None) if n is not None]
    encoding = headers.get("content-encoding")
    uncompressed = node.get("uncompressed")
    if uncompressed is not None and uncompressed.value == "true":
        encoding = ""
    if body is None or body.is_null:
        body = None
    return Body(
        body,
        "base64" if body is not None and body.tag == "binary" else "text",
        content_type=headers.get("content-type"),
        content_encoding=encoding,
        lengths=lengths,
    )


def _duration(node: Node | None) -> float | None:
    """Return a Go duration in milliseconds: text such as `1.5s` in version 2, nanoseconds or "" in version 1."""
    if node is None or node.kind != "scalar" or not node.value:
        return None
    if number(node) is not None:
        return int(node.value) / 1e6
    if not _DURATION.fullmatch(node.value):
        return None
    total = sum(float(amount) * _MILLISECONDS[unit] for amount, unit in _UNIT.findall(node.value))
    return -total if node.value.startswith("-") else total
