"""Shared by the tests of the streams: made-up streams in, messages out."""

import json
from typing import Any

from cassette_cli.model.message import Message
from cassette_cli.providers.base import Exchange, StreamProtocol
from cassette_cli.providers.reassemble import identify, reassemble
from cassette_cli.providers.registry import PROTOCOLS
from cassette_cli.streams import framing


def sse(*events: Any) -> str:
    """Write an SSE body: an object or a string is data, a pair `(event, data)` has a name as well."""
    blocks = []
    for item in events:
        name, data = item if isinstance(item, tuple) else (None, item)
        head = "" if name is None else f"event: {name}\n"
        words = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        blocks.append(head + "".join(f"data: {line}\n" for line in words.split("\n")) + "\n")
    return "".join(blocks)


def connection(*messages: tuple[str, dict[str, Any]]) -> str:
    """Write the body of a WebSocket connection: pairs of a direction and the JSON of a message."""
    return "".join(f'{{"direction": "{side}", "data": {json.dumps(data)}}}\n' for side, data in messages)


def exchange_of(url: str, content_type: str = "", request: Any = None) -> Exchange:
    """Describe the exchange; `request` is a JSON value or the body's text."""
    body = request if isinstance(request, str) or request is None else json.dumps(request)
    return Exchange("POST", url, body, 200, content_type)


def protocol_of(
    payload: str | bytes, *, url: str = "", content_type: str = "text/event-stream", request: Any = None
) -> StreamProtocol | None:
    """Return the protocol that claims the stream."""
    framed = framing.split(payload, content_type)
    assert framed is not None, "no framing claims the payload"
    exchange = exchange_of(url, content_type, request)
    exchange.framing = framed.framing
    return identify(exchange, framed)


def rebuild(
    payload: str | bytes, *, url: str = "", content_type: str = "text/event-stream", request: Any = None
) -> Message:
    """Rebuild the message of a stream, which some protocol must claim."""
    framed = framing.split(payload, content_type)
    assert framed is not None, "no framing claims the payload"
    exchange = exchange_of(url, content_type, request)
    exchange.framing = framed.framing
    protocol = identify(exchange, framed)
    assert protocol is not None, "no protocol claims the stream"
    return reassemble(exchange, framed, protocol)


def empties(payload: str | bytes, *, url: str = "", content_type: str = "text/event-stream") -> list[int]:
    """Return the indices of the empty frames, by the protocol that claims the stream."""
    framed = framing.split(payload, content_type)
    assert framed is not None, "no framing claims the payload"
    protocol = identify(exchange_of(url, content_type), framed)
    assert protocol is not None, "no protocol claims the stream"
    return protocol.empties(framed.frames)


def claimants(frame_data: Any, *, url: str = "", event: str | None = None) -> list[str]:
    """Return the names of all protocols that claim a stream with this first frame; one is right."""
    framed = framing.split(sse((event, frame_data) if event else frame_data), "text/event-stream")
    assert framed is not None
    exchange = exchange_of(url, "text/event-stream")
    exchange.framing = framed.framing
    return [p.name for p in PROTOCOLS if p.claims(exchange, framed.frames[0])]


def whole_claimants(payload: dict[str, Any], *, url: str = "") -> list[str]:
    """Return the names of all protocols that claim a JSON answer; one is right."""
    exchange = exchange_of(url, "application/json")
    return [p.name for p in PROTOCOLS if p.claims_whole(exchange, payload)]


def content(message: Message) -> dict[str, Any]:
    """Return the message without its notes, to compare what two ways of sending it give."""
    out = message.as_json()
    del out["notes"]
    return out
