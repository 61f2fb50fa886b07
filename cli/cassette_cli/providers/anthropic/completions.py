"""Anthropic's legacy text completions.

Defined by https://docs.anthropic.com/en/api/complete: whole answers and events are the same objects.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Choice, Conversation, Message
from cassette_cli.providers.anthropic import requests
from cassette_cli.providers.base import Coalescing, Exchange, StreamProtocol, fields, whole_frame
from cassette_cli.providers.deltas import json_positions
from cassette_cli.providers.errors import error_message, failure, has_error, record_frame
from cassette_cli.providers.values import is_vacant, text
from cassette_cli.streams.frames import Frame


class AnthropicCompletions(StreamProtocol):
    """Anthropic's legacy text completions."""

    name = "anthropic-completions"
    about = "completion events (Anthropic's legacy /v1/complete)"
    paths = ("/v1/complete",)
    coalescing = (
        Coalescing(
            fields("completion"), equal=fields("type", "id", "model", "log_id"), kinds=frozenset(("completion",))
        ),
    )

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the completion and its stop reason, else an error at the path."""
        if _is_completion(frame.object):
            return True
        return self.is_asked(exchange.path) and has_error(frame)

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim by the completion and its stop reason, else an error at the path."""
        return _is_completion(payload) or (self.is_asked(exchange.path) and error_message(payload) is not None)

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read the answer without streaming."""
        failed = failure(payload) if "completion" not in payload else None
        if failed is not None:
            return failed
        decoder = Decoder(Exchange())
        decoder.feed(whole_frame(payload))
        return decoder.finish()

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return requests.complete(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the events with an empty completion and no stop reason, but neither the first nor the last."""
        found = []
        for i in json_positions(frames)[1:-1]:
            event = frames[i].object
            bare = all(key in ("type", "id", "model", "log_id") or is_vacant(value) for key, value in event.items())
            if event.get("completion") == "" and bare and not frames[i].fields:
                found.append(i)
        return found


protocol = AnthropicCompletions()


def _is_completion(payload: dict[str, Any]) -> bool:
    """Say whether this is a completion; early versions name no type."""
    return isinstance(payload.get("completion"), str) and "stop_reason" in payload


class Decoder:
    """Joins the completions of all events."""

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self._message = Message()
        self._choice = Choice()
        self._text: list[str] = []

    def feed(self, frame: Frame) -> None:
        """Take an event."""
        event = frame.object
        if isinstance(event.get("completion"), str):
            self._text.append(event["completion"])
            self._choice.finish_reason = text(event.get("stop_reason")) or self._choice.finish_reason
            self._message.model = self._message.model or text(event.get("model")) or None
        else:
            record_frame(self._message, frame)

    def finish(self) -> Message:
        """Return the message; without a stop reason it was cut."""
        message = self._message
        self._choice.text = "".join(self._text)
        message.choices = [self._choice] if self._text else []
        message.complete = self._choice.finish_reason is not None and not message.errors
        if self._choice.finish_reason is None:
            message.notes.append("the stream was cut: no stop_reason was sent")
        return message
