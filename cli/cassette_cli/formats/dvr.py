"""Cassettes of DVR for Swift.

Written by https://github.com/venmo/DVR, `Sources/DVR/Interaction.swift` and `URLRequest.swift`. A body is the
structure that its JSON stands for, text, or base64: as its `body_format` says, which some versions write, or else
by the Content-Type.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FIELDS = base.Fields(
    request=frozenset({"method", "url", "headers", "body", "body_format"}),
    response=frozenset({"status", "url", "headers", "body", "body_format"}),
    file=frozenset({"interactions"}),
)


class Dvr(CassetteFormat):
    """The format of DVR."""

    name = "dvr"
    recorder = "DVR for Swift"
    source = "https://github.com/venmo/DVR"
    files = "JSON, with and without `body_format`"

    def claims(self, document: Document) -> bool:
        """Claim `interactions` beside a `name` and no version, whose requests have a `url`."""
        root = base.only_root(document)
        item = base.first(root.get("interactions")) if root is not None else None
        return root is not None and item is not None and base.is_dvr(root, item)

    def load(self, document: Document) -> Cassette:
        """Read all interactions."""
        container = base.container(document, document.root.get("interactions"), "interactions")
        return self.read(document, container, _request, _response, _FIELDS)


def _request(node: Node) -> Request:
    return base.request(node, _body)


def _response(_: Node, node: Node) -> Response:
    return base.response(node, _body)


def _body(node: Node, headers: Headers) -> Body:
    body = node.get("body")
    stated = base.text(node.get("body_format"))
    if body is None or body.is_null or body.kind != "scalar" or body.tag != "str":
        return base.structure_or_text(body, headers)
    media = headers.get("content-type").lower()
    plain = stated in ("plain_text", "json") if stated else media.startswith("text/")
    encoded = not plain and base.is_base64_text(body.value)
    return Body(body, "base64" if encoded else "text", headers=headers)


FORMAT = Dvr()
