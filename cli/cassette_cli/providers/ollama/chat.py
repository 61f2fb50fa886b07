"""Ollama's chat: JSON lines, or one JSON answer.

Defined by https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Choice, Conversation, Message, Part, ToolCall
from cassette_cli.providers import errors
from cassette_cli.providers.base import Coalescing, Counted, Exchange, StreamProtocol, Usage, fields, mark_end
from cassette_cli.providers.deltas import between, redundant, shows_words
from cassette_cli.providers.openai import requests as openai_requests
from cassette_cli.providers.values import as_text, is_vacant, media, obj, objects, text
from cassette_cli.streams.frames import Frame

_COUNTS = ("prompt_eval_count", "eval_count")
_ENVELOPE = frozenset(("model", "created_at", "done", "message", "response", "thinking"))


class OllamaChat(StreamProtocol):
    """Ollama's chat."""

    name = "ollama-chat"
    about = "objects with message and done, or a path /api/chat"
    counted = Counted(r'"done"\s*:\s*true', ("model",))
    paths = ("/api/chat",)
    usage = Usage(("prompt_eval_count",), ("eval_count",))
    coalescing = (
        Coalescing(
            fields("message.content", "message.thinking"),
            varying=frozenset(("created_at",)),
            equal=fields("model", "message.role", "done"),
        ),
    )

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim the same in one JSON body."""
        if isinstance(payload.get("message"), dict) and isinstance(payload.get("done"), bool):
            return True
        return exchange.path.endswith("/api/chat") and is_error(payload)

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return read_request(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the lines without words or calls, neither first nor last, whose fields others have too."""
        found = []
        for i in between(frames):
            if shows_words(frames[i]):
                continue
            chunk = frames[i].object
            if chunk.get("done") is not False or not chunk.keys() <= _ENVELOPE:
                continue
            inner = _delta(chunk)
            if isinstance(inner, dict) and all(key == "role" or is_vacant(value) for key, value in inner.items()):
                found.append(i)
        return redundant(frames, found, _places)


protocol = OllamaChat()


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
        self._images: list[Part] = []
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
        if text(chunk.get("image")):
            self._images.append(media("image", chunk["image"], None))
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
        if self._images:
            words = [Part("text", self._choice.text)] if self._choice.text else []
            self._choice.parts = [*words, *self._images]
        if self._begun or self._done:
            self._message.choices = [self._choice]
        return mark_end(self._message, ended=self._done, sign='"done": true')


def _delta(chunk: dict[str, Any]) -> Any:
    """Return what a line adds: chat's in a message, generate's in the line itself."""
    return chunk.get("message", {key: chunk.get(key) for key in ("response", "thinking")})


def _places(frame: Frame) -> list[str]:
    """Return the fields that a line sets."""
    return [key for key, value in obj(_delta(frame.object)).items() if value is not None]


def _call(call: dict[str, Any]) -> ToolCall:
    function = obj(call.get("function"))
    arguments = function.get("arguments")
    identity = text(call.get("id")) or None
    return ToolCall(identity, text(function.get("name")) or None, "{}" if arguments is None else as_text(arguments))


def read_request(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /api/chat`: OpenAI's messages, images, thinking and `tool_name` beside them."""
    conversation = openai_requests.chat(payload)
    for turn, item in zip(conversation.turns, objects(payload.get("messages")), strict=True):
        if text(item.get("thinking")):
            turn.parts.insert(0, Part("reasoning", item["thinking"]))
        turn.parts.extend(images_of(item))
        if turn.role == "tool" and text(item.get("tool_name")):
            next(part for part in turn.parts if part.kind == "tool_result").name = item["tool_name"]
    return conversation


def images_of(item: dict[str, Any]) -> list[Part]:
    """Return the images of a message, or of a request, which are bare base64."""
    images = item.get("images")
    return [media("image", data, None) for data in images if isinstance(data, str)] if isinstance(images, list) else []
