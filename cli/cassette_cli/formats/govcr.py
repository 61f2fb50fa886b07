"""go-vcr cassettes, versions 1 and 2.

Written by https://github.com/dnaeon/go-vcr, `cassette/cassette.go` (v1) and `pkg/cassette/cassette.go`
(v3 and v4 of the module write version 2). go-yaml writes what is no UTF-8 as `!!binary`, 70 columns wide.
"""

from math import isfinite

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat, Matching
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Request, Response
from cassette_cli.model.storage import is_base64
from cassette_cli.source.document import Document
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node

_HTTP = "proto proto_major proto_minor content_length transfer_encoding trailer headers body"
_FIELDS = base.Fields(
    request=frozenset(f"{_HTTP} host remote_addr request_uri form url method".split()),
    response=frozenset(f"{_HTTP} uncompressed status code duration".split()),
    file=frozenset({"interactions"}),
    versions=frozenset({"1", "2"}),
)


_DURATION = pattern(r"([-+]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+")
_UNIT = pattern(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_MILLISECONDS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}
_WIDTH = 70


def _request(node: Node) -> Request:
    fields = node.fields()
    headers = base.headers(fields.get("headers"))
    url, method = fields.get("url"), fields.get("method")
    version = base.http_version(fields.get("proto"))
    return Request(
        base.method(method), base.text(url), headers, _body(fields, headers), url, method, http_version=version
    )


def _response(_: Node, node: Node) -> Response:
    fields = node.fields()
    headers = base.headers(fields.get("headers"))
    code, reason = base.status(fields.get("status"))
    given = base.number(fields.get("code"))
    duration = _duration(fields.get("duration"))
    version = base.http_version(fields.get("proto"))
    return Response(code if given is None else given, headers, _body(fields, headers), reason, duration, version)


def _body(fields: dict[str, Node], headers: Headers) -> Body:
    body = fields.get("body")
    uncompressed = fields.get("uncompressed")
    # Go's transport took the coding off and, as a rule, the header too.
    plain = uncompressed is not None and uncompressed.value == "true"
    if body is None or body.is_null:
        return Body(headers=headers)
    return Body(
        body,
        "base64" if is_base64(body) else "text",
        headers=headers,
        content_encoding="" if plain else None,
        lengths=base.lengths(fields.get("content_length")),
        width=_WIDTH,
    )


def _is_own(request: Node, response: Node | None) -> bool:
    """Say whether an interaction has what go-vcr alone writes: `proto`, or a status in a line beside its code."""
    if request.has("proto"):
        return True
    status = None if response is None else response.get("status")
    return response is not None and response.has("code") and status is not None and status.kind == "scalar"


def _duration(node: Node | None) -> float | None:
    """Return a Go duration in milliseconds: text such as `1.5s` in version 2, nanoseconds or "" in version 1."""
    if node is None or node.kind != "scalar" or not node.value:
        return None
    nanoseconds = base.number(node)
    if nanoseconds is not None:
        return nanoseconds / 1e6
    if not _DURATION.fullmatch(node.value):
        return None
    total = sum(float(amount) * _MILLISECONDS[unit] for amount, unit in _UNIT.findall(node.value))
    if not isfinite(total):
        return None
    return -total if node.value.startswith("-") else total


class GoVcr(CassetteFormat):
    """The format of go-vcr."""

    name = "go-vcr"
    recorder = "go-vcr"
    source = "https://github.com/dnaeon/go-vcr"
    files = "versions 1 and 2 (Go modules v1 to v4)"
    versions = ("go-vcr v1", "go-vcr v2")
    match_on = base.WHOLE_REQUEST  # `pkg/cassette/matcher.go`

    def claims(self, document: Document) -> bool:
        """Claim a mapping with `version` and `interactions` whose requests have `url`.

        VCR.py and cassetter write the same two keys, and their requests have `uri`; opencode's interactions
        state a `transport`. Of another version than 1 or 2, interactions must have what go-vcr alone writes.
        """
        root = base.only_root(document)
        interactions = root.get("interactions") if root is not None else None
        version = root.get("version") if root is not None else None
        if interactions is None or version is None or version.kind != "scalar" or version.is_null:
            return False
        is_known = version.value in _FIELDS.versions
        for item in interactions.items:
            request = item.get("request")
            if request is not None and request.kind == "mapping":
                if request.get("uri") is not None or item.get("transport") is not None:
                    return False
                if not is_known:
                    return request.has("url") and _is_own(request, item.get("response"))
                return request.get("url") is not None or version.value == "2"
        return version.value == "2"

    def matching(self, label: str) -> Matching:
        """Return the default matcher: that of the modules before v4 compares less, and only they write version 1."""
        if label == "go-vcr v1":
            return Matching(("method", "uri"))
        return Matching(self.match_on, about="since v4; earlier ones compare method and uri")

    def load(self, document: Document) -> Cassette:
        """Read all interactions; one without a request is an error, one without a response is listed as such."""
        version = document.root.get("version")
        container = base.container(document, document.root.get("interactions"), "interactions")
        name = f"go-vcr v{version.value}" if version is not None else self.name
        return self.read(document, container, _request, _response, _FIELDS, name)


FORMAT = GoVcr()
