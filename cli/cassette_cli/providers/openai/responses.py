"""OpenAI's Responses API, and the servers that speak it (Azure, xAI, DeepSeek, Groq, OpenRouter).

Defined by https://platform.openai.com/docs/api-reference/responses-streaming. The terminal event
holds the whole response and is the truth; what the other events say is used where it is missing.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from cassette_cli.model.message import Conversation, Message, Part
from cassette_cli.providers.base import Coalescing, Counted, Exchange, StreamProtocol, fields
from cassette_cli.providers.blocks import choice_of
from cassette_cli.providers.deltas import redundant
from cassette_cli.providers.errors import error_message, failure, has_error, record, record_frame
from cassette_cli.providers.openai import items
from cassette_cli.providers.openai.replay import ARGUMENTS, OUTPUT, WORDS, is_known, replayed
from cassette_cli.providers.openai.responses_socket import Session
from cassette_cli.providers.values import index_of, is_vacant, obj, objects, text
from cassette_cli.streams import websocket
from cassette_cli.streams.frames import Frame

_ENDS = ("completed", "incomplete", "failed", "cancelled")
_DELTA = frozenset(
    (
        "type",
        "item_id",
        "output_index",
        "content_index",
        "summary_index",
        "command_index",
        "sequence_number",
        "obfuscation",
    )
)


_TEXTS = Coalescing(
    fields("delta"),
    varying=frozenset(("sequence_number", "obfuscation")),
    equal=fields("type", "item_id", "output_index", "content_index", "summary_index", "command_index"),
    kinds=frozenset(f"{name}.delta" for name in (*WORDS, *ARGUMENTS)),
)


class OpenAIResponses(StreamProtocol):
    """OpenAI's Responses API."""

    name = "openai-responses"
    about = "response.* events, or an object named response"
    counted = Counted(r'"response"\s*:\s*\{')
    paths = ("/responses",)
    padding = ("obfuscation",)
    coalescing = (
        _TEXTS,
        _TEXTS._replace(texts=fields("delta.stdout", "delta.stderr"), kinds=frozenset((f"{OUTPUT}.delta",))),
    )

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the type of the event, else an error at the path."""
        event = frame.object
        kind = event.get("type")
        if exchange.framing == websocket.NAME:  # events of the Realtime API have ids
            asked = kind == "response.create" and ("input" in event or "model" in event)
            told = frame.event == "received" and "event_id" not in event
            return asked or (told and isinstance(kind, str) and kind.startswith("response."))
        if isinstance(kind, str) and kind.startswith("response."):
            return True
        return self.is_asked(exchange.path) and has_error(frame)

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim a response object, and what the path answers where it fails."""
        if payload.get("object") == "response":
            return True
        return self.is_asked(exchange.path) and "object" not in payload and error_message(payload) is not None

    def decoder(self, exchange: Exchange) -> "Decoder | Session":
        """Return a decoder for one stream, or for the several of a WebSocket connection."""
        return Session(partial(Decoder, exchange)) if exchange.framing == websocket.NAME else Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read a response object; one that is still queued or in progress is not complete."""
        failed = failure(payload) if "object" not in payload else None
        if failed is not None:
            return failed
        answer = _message(payload, Message())
        if payload.get("status") not in _ENDS:
            answer.notes.append(
                f"the response is not finished: its status is {text(payload.get('status')) or 'not given'}"
            )
        return answer

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return items.responses(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the deltas without text beside others of their kind, where the terminal event holds the whole."""
        found = [
            i for i, frame in enumerate(frames) if frame.may_hold('""') and not frame.fields and _is_empty(frame.object)
        ]
        ended = found and any(
            text(frame.object.get("type")).startswith("response.")
            and obj(frame.object.get("response")).get("status") in _ENDS
            for frame in reversed(frames)
        )
        return redundant(frames, found, _places) if ended else []


protocol = OpenAIResponses()


class Decoder:
    """Waits for the terminal event, and replays the others only where it never came or is empty."""

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self._message = Message()
        self._events: list[dict[str, Any]] = []
        self._response: dict[str, Any] = {}

    def feed(self, frame: Frame) -> None:
        """Take an event."""
        event = frame.object
        kind = event.get("type")
        if kind == "error" or frame.fields or frame.event == "error":
            record_frame(self._message, frame)
        response = event.get("response")
        if isinstance(response, dict):
            self._response = response
        elif isinstance(kind, str):
            self._events.append(event)

    def finish(self) -> Message:
        """Return the message; it is complete if the response says that it has ended and did not fail."""
        response = self._response
        ended = response.get("status") in _ENDS
        if not (ended and objects(response.get("output"))):
            response = {**response, "output": [*replayed(self._events)]}
            deltas = {event["type"] for event in self._events if event["type"].endswith(".delta")}
            unread = sorted(kind for kind in deltas if not is_known(kind))
            self._message.notes += [f"a delta of the unknown type {kind} is left out" for kind in unread]
        message = _message(response, self._message)
        if not ended:
            message.complete = False
            first = next((event["sequence_number"] for event in self._events if "sequence_number" in event), 0)
            message.notes.append("the stream was cut: no terminal event was sent")
            if isinstance(first, int) and first > 2:  # `created` and `in_progress` are numbers 0 and 1.
                message.notes.append(f"the stream resumes at event {first}: what came before is not in it")
        return message


def _message(response: dict[str, Any], message: Message) -> Message:
    """Read a response object into a message that may have errors already."""
    parts: list[Part] = []
    role = "assistant"
    for item in objects(response.get("output")):
        role = text(item.get("role")) or role
        parts += items.item_parts(item)
    status = text(response.get("status"))
    message.model = text(response.get("model")) or None
    message.usage = obj(response.get("usage")) or None
    finish = status if status in _ENDS else None
    message.choices = [choice_of(parts, role, finish)] if parts or status else []
    if response.get("error"):
        record(message, response["error"])
    reason = text(obj(response.get("incomplete_details")).get("reason"))
    if reason:
        message.notes.append(f"the response is incomplete: {reason}")
    message.complete = not message.errors and status in ("completed", "incomplete")
    return message


def _places(frame: Frame) -> list[tuple[Any, ...]]:
    """Return the type of a delta and the item that it adds to, with the part of it."""
    event = frame.object
    kind = text(event.get("type"))
    keys = ("output_index", "content_index", "summary_index", "command_index")
    return [(kind, *(index_of(event, key) for key in keys))] if kind.endswith(".delta") else []


def _is_empty(event: dict[str, Any]) -> bool:
    name, _, last = text(event.get("type")).rpartition(".")
    return (
        last == "delta"
        and (name in WORDS or name in ARGUMENTS)
        and event.get("delta") == ""
        and all(key in _DELTA or is_vacant(value) for key, value in event.items())
    )
