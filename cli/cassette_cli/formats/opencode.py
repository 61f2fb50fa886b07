"""Cassettes of opencode's HTTP recorder: HTTP interactions, and WebSocket connections beside them.

Written by https://github.com/anomalyco/opencode, `packages/http-recorder/src/schema.ts`, and
`src/websocket/recorder.ts` for connections, whose frames stand in `client` and `server`, or in `events`.
"""

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.connection import Direction, SocketMessage, connection
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Cassette, Interaction, Request, Response
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FIELDS = base.Fields(
    request=frozenset({"method", "url", "headers", "body", "bodyEncoding"}),
    response=frozenset({"status", "headers", "body", "bodyEncoding"}),
    interaction=frozenset({"transport", "request", "response"}),
    file=frozenset({"interactions"}),
)
_FRAMES: dict[str, Direction] = {"client": "sent", "server": "received", "events": "received"}


class Opencode(CassetteFormat):
    """The format of opencode's HTTP recorder."""

    name = "opencode"
    recorder = "opencode http-recorder"
    source = "https://github.com/anomalyco/opencode"
    files = "JSON, version 1; HTTP and WebSocket"
    match_on = base.WHOLE_REQUEST  # `src/matching.ts`

    def claims(self, document: Document) -> bool:
        """Claim `interactions` that state their `transport`."""
        root = base.only_root(document)
        interactions = root.get("interactions") if root is not None else None
        item = base.first(interactions)
        return item is not None and item.has("transport")

    def load(self, document: Document) -> Cassette:
        """Read the HTTP interactions and the connections."""
        container = base.container(document, document.root.get("interactions"), "interactions")
        made = [_interaction(document, index, item) for index, item in enumerate(container.items)]
        return Cassette(document, self.name, made, container, unread=_FIELDS.unread_of_file(document.root))


def _interaction(document: Document, index: int, item: Node) -> Interaction:
    if base.text(item.get("transport")) == "websocket":
        return _connection(index, item)
    return base.interaction(document, index, item, _request, _response, _FIELDS)


def _connection(index: int, item: Node) -> Interaction:
    """Read a connection: `events` are in order; of `client` and `server`, those that the client sent come first."""
    opened = item.get("open") or item
    messages: list[SocketMessage] = []
    for name, side in _FRAMES.items():
        node = item.get(name)
        for at, frame in enumerate(node.items if node is not None else ()):
            said = frame.get("direction")
            sent = base.text(said) == "client" if said is not None else side == "sent"
            messages.append(SocketMessage("sent" if sent else "received", _body(frame, Headers()), node or item, at))
    made = connection(index, item, messages, opened.get("url"), base.headers(opened.get("headers")))
    made.unread = base.unknown(item.fields(), frozenset({"transport", "open", "url", "headers", *_FRAMES}), "", index)
    return made


def _request(node: Node) -> Request:
    return base.request(node, _body)


def _response(_: Node, node: Node) -> Response:
    return base.response(node, _body)


def _body(node: Node, headers: Headers) -> Body:
    body = node.get("body")
    if body is not None and base.text(node.get("bodyEncoding")) == "base64":
        return Body(body, "base64", headers=headers)
    return base.body(body, headers)


FORMAT = Opencode()
