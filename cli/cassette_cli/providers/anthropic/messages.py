"""Anthropic messages: direct, through Vertex, and (by `bedrock.invoke`) through Bedrock.

Defined by https://docs.anthropic.com/en/docs/build-with-claude/streaming. Blocks are rebuilt as the
SDK has them, and read by the same function as the blocks of requests and of whole answers.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Conversation, Message, Part
from cassette_cli.providers.anthropic import requests
from cassette_cli.providers.anthropic.requests import block_parts
from cassette_cli.providers.base import Coalescing, Counted, Exchange, StreamProtocol, fields
from cassette_cli.providers.blocks import choice_of
from cassette_cli.providers.deltas import redundant
from cassette_cli.providers.errors import error_message, failure, has_error, record_frame
from cassette_cli.providers.values import ByIndex, index_of, obj, objects, text
from cassette_cli.streams.frames import ESCAPED, Frame

_PATHS = ("/v1/messages", ":rawPredict", ":streamRawPredict")

_EVENTS = frozenset(
    (
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    )
)

_JOINED = {
    "text_delta": ("text", "text", "text"),
    "thinking_delta": ("thinking", "thinking", "thinking"),
    "input_json_delta": ("partial_json", "input", "tool_use"),
}
"""Deltas that are joined: the delta's field, the block's field, and its type if it never began."""


class AnthropicMessages(StreamProtocol):
    """Anthropic's messages."""

    name = "anthropic-messages"
    about = "message_start, content_block_* and message_* events, or an object of type message"
    counted = Counted(r'"message_(?:start|delta)"')
    paths = ("/v1/messages", *(f"/publishers/anthropic/models/*:{way}" for way in ("rawPredict", "streamRawPredict")))
    coalescing = (
        Coalescing(
            fields("delta.text", "delta.thinking", "delta.partial_json"),
            equal=fields("type", "index", "delta.type"),
            kinds=frozenset(("content_block_delta",)),
        ),
    )

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the type of the event, else an error at the path."""
        if text(frame.object.get("type")) in _EVENTS:
            return True
        return exchange.path.endswith(_PATHS) and has_error(frame)

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim an object of type message with a list of blocks, and what the path answers where it fails."""
        if payload.get("type") == "message":
            return isinstance(payload.get("content"), list)
        return exchange.path.endswith(_PATHS) and error_message(payload) is not None

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read a message object that is no stream."""
        failed = failure(payload) if "content" not in payload else None
        if failed is not None:
            return failed
        usage = {key: value for key, value in obj(payload.get("usage")).items() if value is not None}
        answer = Message(usage=usage or None)
        if "content" in payload:
            answer.model = text(payload.get("model")) or None
            _read(payload, answer)
        return answer

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return requests.messages(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the deltas of text, thinking or partial JSON that are "", beside others of their block and kind."""
        begun: set[int] = set()
        found = []
        for i, frame in enumerate(frames):
            if not frame.may_hold('""', "content_block_start", ESCAPED):
                continue
            event = frame.object
            if event.get("type") == "content_block_start":
                begun.add(index_of(event))
            elif event.get("type") == "content_block_delta" and not frame.fields and index_of(event) in begun:
                delta = obj(event.get("delta"))
                source = _JOINED.get(text(delta.get("type")), ("",))[0]
                bare = len(delta) == 2 and event.keys() <= {"type", "index", "delta"}
                if source and delta.get(source) == "" and bare:
                    found.append(i)
        return redundant(frames, found, _places)


protocol = AnthropicMessages()


def _places(frame: Frame) -> list[tuple[int, str]]:
    """Return the block and the type of a delta."""
    event = frame.object
    if event.get("type") != "content_block_delta":
        return []
    return [(index_of(event), text(obj(event.get("delta")).get("type")))]


class _Block:
    """One block under way: as it began, and the deltas of its fields."""

    __slots__ = ("deltas", "fields")

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.deltas: dict[str, list[str]] = {}

    def done(self) -> dict[str, Any]:
        """Return the block; `input` is the string as it was streamed, if it was."""
        block = dict(self.fields)
        for field, deltas in self.deltas.items():
            # A block may begin with words already; the input that it begins with is a placeholder.
            words = "".join(deltas)
            if words:
                block[field] = words if field == "input" else text(block.get(field)) + words
        return block


class Decoder:
    """Joins deltas by the index of their block; `frame.object` is the event, however it was framed."""

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self._message = Message(complete=False)
        self._start: dict[str, Any] = {}
        self._blocks: ByIndex[_Block] = ByIndex(_Block)
        self._end: dict[str, Any] = {}
        self._strange: set[str] = set()

    def feed(self, frame: Frame) -> None:
        """Take an event."""
        event = frame.object
        kind = text(event.get("type"))
        if kind == "content_block_delta":
            self._delta(self._blocks[index_of(event)], obj(event.get("delta")))
        elif kind == "content_block_start":
            self._blocks[index_of(event)].fields = dict(obj(event.get("content_block")))
        elif kind == "message_start":
            self._start = obj(event.get("message"))
            self._use(self._start.get("usage"))
        elif kind == "message_delta":
            self._end.update({k: v for k, v in obj(event.get("delta")).items() if v is not None})
            self._use(event.get("usage"))
        elif kind == "message_stop":
            self._message.complete = True
        if frame.fields or kind not in _EVENTS:
            record_frame(self._message, frame)

    def _delta(self, block: _Block, delta: dict[str, Any]) -> None:
        kind = text(delta.get("type"))
        if kind in _JOINED:
            source, field, block_type = _JOINED[kind]
            if not block.fields:
                block.fields["type"] = block_type
                self._strange.add("a block that never began got a delta: SDKs fail on it")
            block.deltas.setdefault(field, []).append(text(delta.get(source)))
        elif kind == "citations_delta":
            block.fields["citations"] = [*objects(block.fields.get("citations")), delta.get("citation")]
        elif kind in ("signature_delta", "compaction_delta"):
            block.fields.update({key: value for key, value in delta.items() if key != "type"})
        else:
            self._strange.add(f"a delta of the unknown type {kind or 'null'} is left out")

    def _use(self, usage: Any) -> None:
        """Take usage: counts of a later event overwrite, null ones do not."""
        found = {key: value for key, value in obj(usage).items() if value is not None}
        if found:
            self._message.usage = {**(self._message.usage or {}), **found}

    def finish(self) -> Message:
        """Return the message; without `message_stop` it was cut."""
        answer = self._message
        blocks = [block.done() for block in self._blocks]
        payload = {**self._start, "content": blocks or self._start.get("content"), **self._end}
        answer.notes += sorted(self._strange)
        answer.model = text(payload.get("model")) or None
        if payload.get("role") or blocks:
            _read(payload, answer)
        if not answer.complete:
            answer.notes.append("the stream was cut: no message_stop was sent")
        answer.complete = answer.complete and not answer.errors
        return answer


def _read(payload: dict[str, Any], answer: Message) -> None:
    """Read a message object into the answer."""
    parts: list[Part] = []
    for block in objects(payload.get("content")):
        parts += block_parts(block)
    finish = text(payload.get("stop_reason")) or None
    choice = choice_of(parts, text(payload.get("role")) or "assistant", finish)
    choice.refusal = choice.refusal or text(obj(payload.get("stop_details")).get("explanation")) or None
    answer.choices = [choice]
