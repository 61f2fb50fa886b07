"""Writer's text generation (Palmyra), whose stream is nothing but pieces of text.

Defined by https://dev.writer.com/api-reference/completion-api/text-generation; its chat endpoint
speaks like OpenAI's and belongs to `openai-chat`.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Choice, Message
from cassette_cli.providers.base import Exchange, index_of, is_done, json_positions, objects, text
from cassette_cli.providers.errors import record_frame
from cassette_cli.providers.openai.requests import completions as conversation
from cassette_cli.streams.frames import Frame

__all__ = ["ABOUT", "NAME", "Decoder", "claims", "claims_whole", "conversation", "empties", "message"]

NAME = "writer-completions"
ABOUT = 'events of the form {"value": "…"} (Writer text generation)'


def claims(exchange: Exchange, frame: Frame) -> bool:
    """Claim objects with a string under `value` and nothing else."""
    del exchange
    chunk = frame.object
    return len(chunk) == 1 and isinstance(chunk.get("value"), str) and frame.event is None


def claims_whole(exchange: Exchange, payload: dict[str, Any]) -> bool:
    """Claim choices with a text in a body that, unlike OpenAI's, names neither object nor id nor time."""
    del exchange
    choices = objects(payload.get("choices"))
    if any(payload.get(key) for key in ("object", "id", "created")):
        return False
    return any("text" in choice and "delta" not in choice and "message" not in choice for choice in choices)


class Decoder:
    """Joins the values; the stream has no end mark, so that a cut one cannot be told from a whole one."""

    def __init__(self, exchange: Exchange) -> None:
        self._message = Message(model=text(exchange.request.get("model")) or None)
        self._values: list[str] = []
        self._done = False

    def feed(self, frame: Frame) -> None:
        """Take a piece of text, or an error."""
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


def message(payload: dict[str, Any]) -> Message:
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


def empties(frames: Sequence[Frame]) -> list[int]:
    """Return the events with an empty value, but neither the first nor the last."""
    return [i for i in json_positions(frames)[1:-1] if frames[i].object == {"value": ""} and not frames[i].fields]
