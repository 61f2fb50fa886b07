"""OpenAI's transcription of speech, streamed.

Defined by https://platform.openai.com/docs/api-reference/audio/transcript-text-delta-event.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Choice, Conversation, Message, Part
from cassette_cli.providers.base import Coalescing, Exchange, StreamProtocol, fields
from cassette_cli.providers.deltas import redundant
from cassette_cli.providers.errors import error_message, failure, has_error, record_frame
from cassette_cli.providers.openai import requests
from cassette_cli.providers.values import obj, objects, text
from cassette_cli.streams.frames import Frame


class OpenAITranscription(StreamProtocol):
    """OpenAI's transcription of speech."""

    name = "openai-transcription"
    about = "transcript.text.delta and transcript.text.done events"
    paths = ("/audio/transcriptions", "/audio/translations")
    padding = ("obfuscation",)
    coalescing = (
        Coalescing(
            fields("delta"),
            varying=frozenset(("obfuscation",)),
            equal=fields("type"),
            kinds=frozenset(("transcript.text.delta",)),
        ),
    )

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the type of the event, else an error at the path."""
        if text(frame.object.get("type")).startswith("transcript.text."):
            return True
        return self.is_asked(exchange.path) and has_error(frame)

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim a text, or an error, at the path of a transcription or translation."""
        told = isinstance(payload.get("text"), str) or error_message(payload) is not None
        return self.is_asked(exchange.path) and told

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read the answer without streaming, plain or verbose."""
        failed = failure(payload) if "text" not in payload else None
        if failed is not None:
            return failed
        choice = _choice(payload, objects(payload.get("segments")), "done")
        return Message(choices=[choice], usage=obj(payload.get("usage")) or None)

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return requests.transcription(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the deltas without text beside others, where the last event has the whole."""
        kind = "transcript.text.delta"
        bare = {"type": kind, "delta": ""}
        found = [i for i, frame in enumerate(frames) if not frame.fields and _trimmed(frame.object) == bare]
        if not any(frame.object.get("type") == "transcript.text.done" for frame in frames):
            return []
        return redundant(frames, found, lambda frame: ["text"] * (frame.object.get("type") == kind))


protocol = OpenAITranscription()


class Decoder:
    """Takes the whole text of the last event, or the deltas where the stream was cut."""

    def __init__(self, exchange: Exchange) -> None:
        self._message = Message(model=text(exchange.request.get("model")) or None)
        self._deltas: list[str] = []
        self._segments: list[dict[str, Any]] = []
        self._done: dict[str, Any] | None = None

    def feed(self, frame: Frame) -> None:
        """Take an event."""
        if record_frame(self._message, frame):
            return
        event = frame.object
        kind = event.get("type")
        if kind == "transcript.text.delta":
            self._deltas.append(text(event.get("delta")))
        elif kind == "transcript.text.segment":
            self._segments.append(event)
        elif kind == "transcript.text.done":
            self._done = event

    def finish(self) -> Message:
        """Return the message; without a last event it was cut."""
        message = self._message
        last = self._done or {"text": "".join(self._deltas) or "".join(text(s.get("text")) for s in self._segments)}
        message.usage = obj(last.get("usage")) or None
        if last.get("text") or self._done:
            message.choices = [_choice(last, self._segments, "done" if self._done else None)]
        message.complete = self._done is not None and not message.errors
        if self._done is None:
            message.notes.append("the stream was cut: no transcript.text.done was sent")
        return message


def _choice(payload: dict[str, Any], segments: list[dict[str, Any]], finish: str | None) -> Choice:
    """Make the choice; segments are shown apart where they say who speaks."""
    parts = [Part("text", text(s.get("text")), name=text(s.get("speaker"))) for s in segments if text(s.get("speaker"))]
    return Choice(text=text(payload.get("text")), finish_reason=finish, parts=parts)


def _trimmed(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event without an empty list of log probabilities."""
    return {key: value for key, value in event.items() if key not in ("logprobs", "segment_id") or value}
