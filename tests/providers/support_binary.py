"""Shared by the tests of Bedrock's streams and of odd input: event streams in, and every way to bend a JSON value."""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from cassette_cli.providers.base import Exchange, StreamProtocol
from cassette_cli.streams.eventstream import EventMessage, encode, text_headers
from cassette_cli.streams.frames import Frame

ODD: tuple[Any, ...] = (None, True, 7, -1, 2.5, "", "words", [], {}, [None], [[]], [{}], {"x": None}, ["words", 3])


def event_message(name: str, payload: Any, kind: str = "event") -> EventMessage:
    """Make one AWS message; `kind` is event, exception or error."""
    label = {"event": ":event-type", "exception": ":exception-type", "error": ":error-code"}[kind]
    headers = text_headers({label: name, ":content-type": "application/json", ":message-type": kind})
    return EventMessage(headers, payload if isinstance(payload, bytes) else json.dumps(payload).encode())


def aws(*events: tuple[str, Any] | EventMessage) -> bytes:
    """Write an event stream of `(event, payload)` pairs and of messages made by hand."""
    return encode(item if isinstance(item, EventMessage) else event_message(*item) for item in events)


def chunk(inner: Any) -> tuple[str, Any]:
    """Wrap a model's JSON, or an agent's text, as Bedrock does."""
    raw = inner if isinstance(inner, str) else json.dumps(inner)
    return "chunk", {"bytes": b64encode(raw.encode()).decode(), "p": "abcdefg"}


def bent(value: Any) -> Iterator[Any]:
    """Yield copies of a JSON value, each with one node replaced by something odd, or left out."""
    yield from ODD
    if isinstance(value, dict):
        for key, inner in value.items():
            yield {k: v for k, v in value.items() if k != key}
            for other in bent(inner):
                yield {**value, key: other}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for other in bent(inner):
                yield [*value[:index], other, *value[index + 1 :]]


def survives(protocol: StreamProtocol, exchange: Exchange, frames: list[Frame]) -> None:
    """Feed the stream with each frame bent in every way; a decoder must give a message that JSON can hold."""
    for position, frame in enumerate(frames):
        for value in bent(frame.json):
            odd = Frame(frame.event, json.dumps(value), frame.span, (), frame.fields)
            bent_frames = [*frames[:position], odd, *frames[position + 1 :]]
            protocol.claims(exchange, odd)
            decoder = protocol.decoder(exchange)
            for item in bent_frames:
                decoder.feed(item)
            json.dumps(decoder.finish().as_json())
            assert set(protocol.empties(bent_frames)) <= set(range(len(bent_frames)))


def reads_anything(
    protocol: StreamProtocol, exchange: Exchange, answer: dict[str, Any], request: dict[str, Any]
) -> None:
    """Read a whole answer and a request, each bent in every way."""
    for value in bent(answer):
        if isinstance(value, dict):
            protocol.claims_whole(exchange, value)
            json.dumps(protocol.message(value).as_json())
    for value in bent(request):
        if isinstance(value, dict):
            conversation = protocol.conversation(value)
            json.dumps([[part.as_json() for part in turn.parts] for turn in conversation.turns])
            json.dumps([[tool.name, tool.description] for tool in conversation.tools])
