"""WebSocket connections: the messages of both sides, as one body that streams cut into frames again.

RFC 6455. No recorder stores such a body: it is made of the messages, a line of JSON each, so that all that
shows, searches and compares bodies can do so with a connection:

    {"direction": "sent", "ms": 12, "data": {"type": "ping"}}
    {"direction": "received", "text": "no JSON"}
    {"direction": "received", "base64": "AAE="}
    {"direction": "closed", "data": {"code": 1011, "reason": "gone"}}
"""

import json
from base64 import b64encode
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from cassette_cli.errors import EditError
from cassette_cli.model.body import CONNECTION_TYPE, Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.http import Interaction, Request, Response
from cassette_cli.model.layers import Stack
from cassette_cli.source.edits import Edit, Part, Remove
from cassette_cli.source.later import lazy
from cassette_cli.source.nodes import Node

Direction = Literal["sent", "received", "closed"]


class SocketMessage(NamedTuple):
    """One message, or the end of the connection: then the body is `{code, reason}` as JSON.

    `ms` counts from the opening of the connection, None where the recorder writes no times. `container` and
    `index` say where it stands in the file.
    """

    direction: Direction
    body: Body | str
    container: Node
    index: int  # type: ignore[assignment]  # a field, and no longer the tuple's method
    ms: float | None = None

    @property
    def line(self) -> str:
        """The message as a line of JSON."""
        payload = self.body if isinstance(self.body, str) else self.body.payload
        if isinstance(payload, bytes):
            try:
                payload = payload.decode("utf-8")  # JSON is often sent in binary messages
                kind, data = ("data", payload) if _is_json(payload) else ("base64", "")
            except UnicodeDecodeError:
                kind, data = "base64", ""
            if kind == "base64":
                raw = self.body.data if isinstance(self.body, Body) else b""
                data = json.dumps(b64encode(raw).decode("ascii"))
        elif _is_json(payload):
            kind, data = "data", payload
        else:
            kind, data = "text", json.dumps(payload, ensure_ascii=False)
        if "\n" in data or "\r" in data:
            data = json.dumps(json.loads(data), ensure_ascii=False)
        time = "" if self.ms is None else f'"ms": {self.ms:g}, '
        return f'{{"direction": "{self.direction}", {time}"{kind}": {data}}}\n'


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


class ConnectionBody(Body):
    """The messages of a connection as a body: lines of JSON, of which whole ones can be removed."""

    def __init__(self, node: Node, messages: Sequence[SocketMessage]) -> None:
        super().__init__(node, "parsed", content_type=CONNECTION_TYPE)
        self.messages = messages

    @lazy
    def _stack(self) -> Stack:
        assert self.node is not None
        return Stack(self.node, "parsed", "".join([message.line for message in self.messages]), ("WebSocket",))

    @property
    def holders(self) -> Iterator[Node]:
        """Nothing: the messages stand in nodes of their own, which are walked as those of any field."""
        return iter(())

    def replace(self, payload: str | bytes, *, shown: bool = False) -> list[Edit]:
        """Raise `EditError`, unless nothing is to change."""
        del shown
        if payload == self.payload:
            return []
        raise EditError("the messages of a WebSocket are not edited", hint="only `redact` and `trim` change them")

    def edit(self, parts: Sequence[Part], *, shown: bool = False) -> list[Edit]:
        """Return the edits that remove whole messages; raises `EditError` for any other change."""
        del shown
        ends = [0]
        for message in self.messages:
            ends.append(ends[-1] + len(message.line))
        made: list[Edit] = []
        for start, end, new in parts:
            first, last = bisect_left(ends, start), bisect_left(ends, end)
            if new or start not in ends or end not in ends:
                raise EditError("inside a message of a WebSocket nothing is edited")
            made += [Remove(one.container, one.index) for one in self.messages[first:last]]
        return made


def connection(
    index: int, node: Node, messages: Sequence[SocketMessage], url: Node | None = None, headers: Headers | None = None
) -> Interaction:
    """Make the interaction of a connection: the handshake, a GET that is answered by 101 (RFC 6455, 1.3)."""
    lines = Headers() if headers is None else headers
    address = url.value if url is not None and not url.is_null else ""
    request = Request("GET", address, lines, Body(headers=lines), url)
    times = [message.ms for message in messages if message.ms is not None]
    duration = max(times) - min(times) if len(times) > 1 else None
    body = ConnectionBody(node, messages)
    response = Response(101, Headers(), body, duration_ms=duration)
    # What stands in another coding is searched as a body of its own: walking its node would not look inside.
    coded = [one.body for one in messages if isinstance(one.body, Body) and one.body.storage in ("base64", "hex")]
    return Interaction(index, request, response, node, copies=coded)
