"""Writer's text generation (Palmyra), whose stream holds deltas of text and nothing else.

Defined by https://dev.writer.com/api-reference/completion-api/text-generation; its chat endpoint
speaks like OpenAI's and belongs to `openai-chat`.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Choice, Conversation, Message
from cassette_cli.providers.base import Coalescing, Exchange, StreamProtocol, fields
from cassette_cli.providers.deltas import is_done, json_positions
from cassette_cli.providers.errors import record_frame
from cassette_cli.providers.openai import requests
from cassette_cli.providers.values import index_of, objects, text
from cassette_cli.streams.frames import Frame


class WriterCompletions(StreamProtocol):
    """Writer's text generation."""

    name = "writer-completions"
    about = 'events of the form {"value": "…"} (Writer text generation)'
    coalescing = (Coalescing(fields("value")),)

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim objects with a string under `value` and nothing else."""
        del exchange
        chunk = frame.object
        return len(chunk) == 1 and isinstance(chunk.get("value"), str) and frame.event is None

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim choices with a text in a body that, unlike OpenAI's, names neither object nor id nor time."""
        del exchange
        choices = objects(payload.get("choices"))
        if any(payload.get(key) for key in ("object", "id", "created")):
            return False
        return any("text" in choice and "delta" not in choice and "message" not in choice for choice in choices)

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read the answer without streaming."""
        choices = [
            Choice(
                index_of(choice),
                text=text(choice.get("text")),
                finish_reason=text(choice.get("finish_reason")) or None,
            )
            for choice in objects(payload.get("choices"))
        ]
        return Message(model=text(payload.get("model")) or None, choices=choices)

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return requests.completions(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the events with an empty value, but neither the first nor the last."""
        return [i for i in json_positions(frames)[1:-1] if frames[i].object == {"value": ""} and not frames[i].fields]


protocol = WriterCompletions()


class Decoder:
    """Joins the values; the stream has no end mark, so that a cut one cannot be told from a whole one."""

    def __init__(self, exchange: Exchange) -> None:
        self._message = Message(model=text(exchange.request.get("model")) or None)
        self._values: list[str] = []
        self._done = False

    def feed(self, frame: Frame) -> None:
        """Take a delta, or an error."""
        record_frame(self._message, frame)
        value = frame.object.get("value")
        if isinstance(value, str):
            self._values.append(value)
        self._done = self._done or is_done(frame)

    def finish(self) -> Message:
        """Return the message."""
        message = self._message
        message.choices = [Choice(text="".join(self._values))] if self._values else []
        message.complete = not message.errors
        if message.complete and not self._done:
            message.notes.append("this protocol marks no end: the stream is complete as far as can be known")
        return message
