"""nock fixtures: what `nock.recorder` gives as objects, and `nock.back` writes to files.

Written by https://github.com/nock/nock, `lib/recorder.ts` (`generateRequestAndResponseObject`) and `lib/back.ts`:
a JSON list. A body is the structure that its JSON stands for, or text, or hexadecimal; a response with a content
coding is a list of hexadecimal pieces. `lib/scope.ts` (`define`) reads them, older ones too (`reply`, `port`).
"""

import re

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Interaction, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.later import pattern
from cassette_cli.source.nodes import Node

_FIELDS = frozenset(
    "scope method path body status response rawHeaders headers reqheaders badheaders responseIsBinary port reply"
    " options".split()
)
_HEX = pattern(r"(?:[0-9a-f]{2})*")


class Nock(CassetteFormat):
    """The format of nock."""

    name = "nock"
    recorder = "nock"
    source = "https://github.com/nock/nock"
    files = "JSON of the recorder's objects and of nock.back"
    match_on = ("method", "uri", "body")

    def claims(self, document: Document) -> bool:
        """Claim a list of definitions with `scope` and `path`."""
        root = base.only_root(document)
        item = base.first(root) if root is not None and root.kind == "sequence" else None
        return item is not None and item.has("scope", "path") and (item.has("response") or item.has("status"))

    def load(self, document: Document) -> Cassette:
        """Read all definitions."""
        root = base.container(document, document.root, "the document")
        made = [_definition(document, index, item) for index, item in enumerate(root.items)]
        return Cassette(document, self.name, made, root)


def _definition(document: Document, index: int, item: Node) -> Interaction:
    fields = item.fields()
    path, method = fields.get("path"), fields.get("method")
    if path is None:
        raise base.no_request(document, index, item)
    asked = base.headers(fields.get("reqheaders"))
    request = Request(
        base.method(method),
        _origin(base.text(fields.get("scope")), base.text(fields.get("port"))) + base.text(path),
        asked,
        _body(fields.get("body"), asked, binary=False),
        path,
        method,
    )
    raw = fields.get("rawHeaders")
    if raw is not None and raw.kind == "sequence" and all(part.kind == "scalar" for part in raw.items):
        headers = base.alternating_headers(raw)
    else:
        headers = base.headers(raw if raw is not None else fields.get("headers"))
    flag = fields.get("responseIsBinary")
    code, _ = base.status(fields.get("status") or fields.get("reply"))
    body = _body(fields.get("response"), headers, binary=flag is not None and flag.value == "true")
    unread = base.unknown(fields, _FIELDS, "", index)
    return Interaction(index, request, Response(200 if code is None else code, headers, body), item, unread=unread)


def _origin(scope: str, port: str) -> str:
    if port and not re.search(r":\d+$", scope):
        scope = f"{scope}:{port}"
    return scope.removesuffix(":443" if scope.startswith("https:") else ":80")


def _body(node: Node | None, headers: Headers, *, binary: bool) -> Body:
    if node is None or node.is_null:
        return Body(headers=headers)
    if node.kind == "scalar" and node.tag == "str":
        return Body(node, "hex" if binary else "text", headers=headers)
    pieces = node.items
    if pieces and headers.get("content-encoding") and all(_HEX.fullmatch(piece.value) for piece in pieces):
        return Body(node, "hex-chunks", headers=headers)
    return Body(node, "json", headers=headers)


FORMAT = Nock()
