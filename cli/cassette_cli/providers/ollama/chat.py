"""Ollama's chat: JSON lines, or one JSON answer.

Defined by https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Choice, Message, ToolCall
from cassette_cli.providers import errors
from cassette_cli.providers.base import Exchange, as_text, between, is_vacant, obj, objects, shows_words, text
from cassette_cli.providers.blocks import settle, unstreamed
from cassette_cli.providers.counting import Counted
from cassette_cli.providers.ollama.requests import chat as conversation
from cassette_cli.streams.frames import Frame

__all__ = ["ABOUT", "COUNTED", "NAME", "Decoder", "claims", "claims_whole", "conversation", "empties", "message"]

NAME = "ollama-chat"
ABOUT = "objects with message and done, or a path /api/chat"

COUNTED = Counted(r'"done"\s*:\s*true', ("model",))

_COUNTS = ("prompt_eval_count", "eval_count")
_ENVELOPE = frozenset(("model", "created_at", "done", "message", "response", "thinking"))


def claims(exchange: Exchange, frame: Frame) -> bool:
    """Claim by a message beside `done`; an error by the path."""
    return claims_whole(exchange, frame.object)


def claims_whole(exchange: Exchange, payload: dict[str, Any]) -> bool:
    """Claim the same in one JSON body."""
    if isinstance(payload.get("message"), dict) and isinstance(payload.get("done"), bool):
        return True
    return exchange.path.endswith("/api/chat") and is_error(payload)


def is_error(payload: dict[str, Any]) -> bool:
    """Say whether the object is Ollama's error: `{"error": "…"}`."""
    return isinstance(payload.get("error"), str) and payload.keys() <= {
        "error",
        "StatusCode",
        "Status",
        "status_code",
    }


class Decoder:
    """Joins content and thinking until `done`; `generate` has the same fields one level up."""

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self._message = Message()
        self._choice = Choice()
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._begun = False
        self._done = False

    def feed(self, frame: Frame) -> None:
        """Take a line."""
        chunk = frame.object
        inner = chunk.get("message")
        if isinstance(inner, dict):
            self._begun = True
            self._choice.role = self._choice.role or text(inner.get("role")) or None
            self._text.append(text(inner.get("content")))
            self._thinking.append(text(inner.get("thinking")))
            for call in objects(inner.get("tool_calls")):
                self._choice.tool_calls.append(_call(call))
        elif isinstance(chunk.get("response"), str):
            self._begun = True
            self._text.append(chunk["response"])
            self._thinking.append(text(chunk.get("thinking")))
        message = self._message
        message.model = message.model or text(chunk.get("model")) or None
        if chunk.get("done") is True:
            self._done = True
            self._choice.finish_reason = text(chunk.get("done_reason")) or self._choice.finish_reason
            counts = {key: chunk[key] for key in _COUNTS if chunk.get(key) is not None}
            message.usage = counts or message.usage
        if chunk.get("error"):
            errors.record(message, chunk["error"])

    def finish(self) -> Message:
        """Return the message; it is complete if a line said `done`."""
        self._choice.text = "".join(self._text)
        self._choice.reasoning = "".join(self._thinking) or None
        if self._begun or self._done:
            self._message.choices = [self._choice]
        return settle(self._message, ended=self._done, sign='"done": true')


def _call(call: dict[str, Any]) -> ToolCall:
    function = obj(call.get("function"))
    arguments = function.get("arguments")
    identity = text(call.get("id")) or None
    return ToolCall(identity, text(function.get("name")) or None, "{}" if arguments is None else as_text(arguments))


def message(payload: dict[str, Any]) -> Message:
    """Read an answer that was not streamed."""
    decoder = Decoder(Exchange())
    decoder.feed(Frame(None, "", (0, 0), parsed=payload))
    return unstreamed(decoder.finish())


def empties(frames: Sequence[Frame]) -> list[int]:
    """Return the lines without words or calls, neither first nor last, and with known fields alone."""
    found = []
    for i in between(frames):
        if shows_words(frames[i]):
            continue
        chunk = frames[i].object
        if chunk.get("done") is not False or not chunk.keys() <= _ENVELOPE:
            continue
        inner = chunk.get("message", {key: chunk.get(key) for key in ("response", "thinking")})
        if isinstance(inner, dict) and all(key == "role" or is_vacant(value) for key, value in inner.items()):
            found.append(i)
    return found
