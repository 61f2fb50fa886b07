"""Cassettes of nothing but the messages of WebSocket connections, one after the other.

Written by https://github.com/pydantic/pydantic-ai, `tests/realtime/ws_cassettes.py` (once
`tests/realtime/cassettes.py`): items of `{kind: message, direction: sent or received, data}` with the JSON of
the message as a structure, and `{kind: close, code, reason, ok}`, after which a further connection begins.
"""

import json

from cassette_cli.formats import base
from cassette_cli.formats.base import CassetteFormat
from cassette_cli.model.body import Body
from cassette_cli.model.connection import Direction, SocketMessage, connection
from cassette_cli.model.http import Cassette, Interaction, Unread
from cassette_cli.source.document import Document
from cassette_cli.source.nodes import Node

_FIELDS = frozenset({"kind", "direction", "data", "message", "code", "reason", "ok"})
_TIMES = {"at": 1000.0, "time": 1000.0, "timestamp": 1000.0, "elapsed": 1000.0, "ms": 1.0, "offset_ms": 1.0}
"""Fields in which recorders of this shape state a time, and how many milliseconds are one of theirs."""
_SENT = ("sent", "send", "client", "out", "request")


def _items(document: Document) -> Node | None:
    root = base.only_root(document)
    found = root if root is None or root.kind == "sequence" else root.get("interactions")
    return found if found is not None and found.kind == "sequence" else None


def direction(node: Node | None) -> Direction:
    """Return which side sent a message, as recorders call it; what is not known to be sent was received."""
    return "sent" if base.text(node).lower().startswith(_SENT) else "received"


def message_body(node: Node | None, *, is_json: bool) -> Body:
    """Make the body of a message that stands as the structure of its JSON, or as text."""
    if node is None or node.is_null:
        return Body()
    if node.kind != "scalar":
        return Body(node, "json" if is_json else "parsed")
    return base.body(node, base.headers())


class WebSocket(CassetteFormat):
    """The format of pydantic-ai's realtime recorder."""

    name = "websocket"
    recorder = "pydantic-ai's realtime recorder"
    source = "https://github.com/pydantic/pydantic-ai"
    files = "WebSocket messages in YAML and JSON, by connection"

    def claims(self, document: Document) -> bool:
        """Claim `interactions`, or a bare list, of messages with a `direction`."""
        item = base.first(_items(document))
        if item is None or item.get("request") is not None or item.get("direction") is None:
            return False
        return item.get("data") is not None or item.get("message") is not None

    def load(self, document: Document) -> Cassette:
        """Read the messages: a connection is an interaction.

        Raises `MalformedCassetteError` where there is no list of them.
        """
        items = _items(document)
        if items is None:
            raise document.malformed("no WebSocket messages")
        root = document.roots[0]
        url = root.get("url") or root.get("uri")
        made: list[Interaction] = []
        run: list[SocketMessage] = []
        unread: list[Unread] = []
        for index, item in enumerate(items.items):
            run.append(_message(items, index, item, is_json=document.is_json))
            unread += base.unknown(item.fields(), _FIELDS, f"interactions[{index}]", len(made))
            if run[-1].direction == "closed":
                made.append(_connection(len(made), items, run, unread, url))
                run, unread = [], []
        if run:
            made.append(_connection(len(made), items, run, unread, url))
        beside = (
            base.unknown(root.fields(), frozenset({"interactions", "url", "uri"}), "") if root.kind == "mapping" else ()
        )
        kind = "WebSocket frames"
        return Cassette(document, self.name, made, not_http=kind, entries=len(items), unread=beside)


def _message(items: Node, index: int, item: Node, *, is_json: bool) -> SocketMessage:
    if base.text(item.get("kind")) == "close":
        code, reason = base.number(item.get("code")), base.text(item.get("reason"))
        return SocketMessage("closed", json.dumps({"code": code, "reason": reason}), items, index)
    data = item.get("data")
    body = message_body(item.get("message") if data is None else data, is_json=is_json)
    return SocketMessage(direction(item.get("direction")), body, items, index, _time(item))


def _time(item: Node) -> float | None:
    for name, unit in _TIMES.items():
        node = item.get(name)
        if node is not None and node.tag in ("int", "float"):
            try:
                return round(float(node.value) * unit, 3)
            except ValueError:
                continue
    return None


def _connection(
    index: int, items: Node, run: list[SocketMessage], unread: list[Unread], url: Node | None
) -> Interaction:
    nodes = items.items[run[0].index : run[-1].index + 1]
    node = Node("sequence", "seq", "", nodes[0].start, nodes[-1].end, items.style, nodes)
    made = connection(index, node, run, url)
    made.unread = unread
    return made


FORMAT = WebSocket()
