"""Bedrock's Converse and ConverseStream.

Defined by https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html.
Nova models send the same events through InvokeModelWithResponseStream: see `invoke`.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Conversation, Message, Part
from cassette_cli.providers import errors
from cassette_cli.providers.base import Coalescing, Exchange, StreamProtocol, Usage, fields, mark_end, without_end
from cassette_cli.providers.bedrock import requests
from cassette_cli.providers.bedrock.requests import block_parts, citation, result_words
from cassette_cli.providers.blocks import Block, choice_of_blocks, name_in_path
from cassette_cli.providers.deltas import redundant
from cassette_cli.providers.values import ByIndex, as_text, decoded_size, index_of, obj, objects, text
from cassette_cli.streams.frames import Frame

EVENTS = frozenset(
    ("messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata")
)


class BedrockConverse(StreamProtocol):
    """Bedrock's Converse and ConverseStream."""

    name = "bedrock-converse"
    about = "AWS messages called messageStart, contentBlockDelta, …, or a path /model/…/converse-stream"
    usage = Usage(("inputTokens",), ("outputTokens",))
    paths = ("/model/*/converse", "/model/*/converse-stream")
    padding = ("p",)
    coalescing = (
        Coalescing(
            fields("delta.text", "delta.toolUse.input", "delta.reasoningContent.text"),
            varying=frozenset(("p",)),
            equal=fields("contentBlockIndex"),
            events=frozenset(("contentBlockDelta",)),
        ),
    )

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the name of the event; an exception by the path."""
        if frame.event in EVENTS and ":message-type" in (frame.fields or {}):
            return True
        return is_failure(frame) and self.is_asked(exchange.path)

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim `output.message`, unless it is Nova's answer to InvokeModel; an error by the path."""
        if isinstance(obj(payload.get("output")).get("message"), dict) and not exchange.path.endswith("/invoke"):
            return True
        return is_error(payload) and self.is_asked(exchange.path)

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read the answer of Converse."""
        decoder = Decoder(Exchange())
        if is_error(payload):
            errors.record(decoder.message, payload)
        decoder.whole(payload)
        return without_end(decoder.finish())

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return requests.converse(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the deltas that add "" to a block, beside others of their block and kind."""
        found = []
        for i, frame in enumerate(frames):
            bare = frame.object.keys() <= {"contentBlockIndex", "delta", "p"}
            if frame.event == "contentBlockDelta" and bare and _is_empty(frame.object.get("delta")):
                found.append(i)
        return redundant(frames, found, _places)


protocol = BedrockConverse()


def is_failure(frame: Frame) -> bool:
    """Say whether an AWS message reports an exception or an error instead of an event."""
    return (frame.fields or {}).get(":message-type") in ("exception", "error")


def is_error(payload: dict[str, Any]) -> bool:
    """Say whether a JSON body is the error of an AWS service: `{message}`, `{Message}` or `{__type}`."""
    return payload.keys() <= {"message", "Message", "__type", "originalStatusCode", "resourceName"} and bool(payload)


def record_failure(message: Message, frame: Frame) -> None:
    """Add an exception or error message to the errors: its name, and what it says."""
    fields = frame.fields or {}
    words = errors.error_message(frame.json) or text(fields.get(":error-message")) or frame.data
    label = frame.event or "error"
    errors.record(message, f"{label}: {words}" if words else label)


class Decoder:
    """Joins the deltas of each content block."""

    def __init__(self, exchange: Exchange) -> None:
        self.message = Message(model=name_in_path(exchange.path, "model"))
        self._blocks: ByIndex[Block] = ByIndex(Block)
        self._role: str | None = None
        self._stop: str | None = None

    def feed(self, frame: Frame) -> None:
        """Take an AWS message."""
        if is_failure(frame):
            record_failure(self.message, frame)
        elif frame.event:
            self.take(frame.event, frame.object)

    def take(self, event: str, body: dict[str, Any]) -> None:
        """Take an event by its name."""
        if event == "contentBlockDelta":
            self._delta(self._blocks[index_of(body, "contentBlockIndex")], obj(body.get("delta")))
        elif event == "contentBlockStart":
            _start(self._blocks[index_of(body, "contentBlockIndex")], obj(body.get("start")))
        elif event == "messageStart":
            self._role = text(body.get("role")) or self._role
        elif event == "messageStop":
            self._stop = text(body.get("stopReason")) or self._stop
        elif event == "metadata" and isinstance(body.get("usage"), dict):
            self.message.usage = body["usage"]

    def _delta(self, block: Block, delta: dict[str, Any]) -> None:
        for key, value in delta.items():
            if key == "text":
                block.deltas.append(text(value))
            elif key == "toolUse":
                block.kind = "tool_call"
                arguments = obj(value).get("input")
                block.deltas.append("" if arguments is None else as_text(arguments))
            elif key == "reasoningContent":
                _reason(block, obj(value))
            elif key == "citation":
                block.extras.append(citation(obj(value)))
            elif key == "toolResult":
                block.kind = "tool_result"
                block.deltas.append(result_words(value))
            elif key == "image":
                self._image(block, obj(value))
            else:
                block.extras.append(Part("data", name=key, data=value))

    def _image(self, block: Block, delta: dict[str, Any]) -> None:
        block.whole = block.whole or Part("image", size=0)
        block.whole.size = (block.whole.size or 0) + decoded_size(text(obj(delta.get("source")).get("bytes")))
        if delta.get("error"):
            errors.record(self.message, delta["error"])

    def whole(self, payload: dict[str, Any]) -> None:
        """Take an answer that was not streamed."""
        answer = obj(obj(payload.get("output")).get("message"))
        self.take("messageStart", answer)
        for index, item in enumerate(objects(answer.get("content"))):
            for n, part in enumerate(block_parts(item)):
                block = self._blocks[index]
                if n == 0:
                    block.whole = part
                else:
                    block.extras.append(part)
        self.take("messageStop", payload)
        self.take("metadata", payload)

    def finish(self) -> Message:
        """Return the message; it is complete if it has a stop reason."""
        if len(self._blocks) or self._role or self._stop:
            self.message.choices = [choice_of_blocks(self._blocks, role=self._role, finish=self._stop)]
        return mark_end(self.message, ended=self._stop is not None, sign="messageStop")


def _start(block: Block, start: dict[str, Any]) -> None:
    if isinstance(start.get("toolUse"), dict):
        block.kind = "tool_call"
        block.call_id = text(start["toolUse"].get("toolUseId")) or None
        block.name = text(start["toolUse"].get("name")) or None
    elif isinstance(start.get("toolResult"), dict):
        block.kind = "tool_result"
        block.call_id = text(start["toolResult"].get("toolUseId")) or None
    elif isinstance(start.get("image"), dict):
        kind = text(start["image"].get("format"))
        block.whole = Part("image", media_type=f"image/{kind}" if kind else None, size=0)


def _reason(block: Block, delta: dict[str, Any]) -> None:
    block.kind = "reasoning"
    block.deltas.append(text(delta.get("text")))
    if text(delta.get("redactedContent")):
        size = decoded_size(delta["redactedContent"])
        block.extras.append(Part("data", name="redactedContent", size=size))


def _places(frame: Frame) -> list[tuple[Any, ...]]:
    """Return the block and the kinds of a delta, of reasoning whether it is text or its signature."""
    if frame.event != "contentBlockDelta":
        return []
    index = index_of(frame.object, "contentBlockIndex")
    return [(index, key, *obj(inner)) for key, inner in obj(frame.object.get("delta")).items()]


def _is_empty(delta: Any) -> bool:
    return delta in ({"text": ""}, {"toolUse": {"input": ""}}, {"reasoningContent": {"text": ""}})
