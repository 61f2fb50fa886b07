"""Cohere's chat, version 2: SSE events, or one JSON answer.

Defined by https://docs.cohere.com/reference/chat-stream.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Conversation, Message, Part
from cassette_cli.providers import errors
from cassette_cli.providers.base import Coalescing, Exchange, StreamProtocol, Usage, fields, mark_end, without_end
from cassette_cli.providers.blocks import Block, choice_of_blocks
from cassette_cli.providers.cohere import requests
from cassette_cli.providers.cohere.requests import citation_v2
from cassette_cli.providers.deltas import json_positions, redundant
from cassette_cli.providers.values import ByIndex, as_text, index_of, obj, objects, text
from cassette_cli.streams.frames import Frame

_EVENTS = frozenset(
    ("message-start", "content-start", "content-delta", "content-end", "tool-plan-delta", "tool-call-start",
     "tool-call-delta", "tool-call-end", "citation-start", "citation-end", "message-end", "debug")
)  # fmt: skip


class CohereV2(StreamProtocol):
    """Cohere's chat, version 2."""

    name = "cohere-v2"
    about = "events of type message-start, content-delta, tool-call-delta, …, or a path /v2/chat"
    paths = ("/v2/chat",)
    usage = Usage(within=("tokens", "billed_units"))
    coalescing = (
        Coalescing(
            fields("delta.message.content.text", "delta.message.content.thinking", "delta.message.tool_plan",
                  "delta.message.tool_calls.function.arguments"),
            equal=fields("type", "index"),
            kinds=frozenset(("content-delta", "tool-plan-delta", "tool-call-delta")),
        ),
    )  # fmt: skip

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the type of the event; an error by the path."""
        chunk = frame.object
        return text(chunk.get("type")) in _EVENTS or _is_error(exchange, chunk)

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim a message beside a finish reason; an error by the path."""
        if isinstance(payload.get("message"), dict) and "finish_reason" in payload and "choices" not in payload:
            return True
        return _is_error(exchange, payload)

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read an answer that was not streamed."""
        decoder = Decoder(Exchange())
        if isinstance(payload.get("message"), str):
            errors.record(decoder.message, payload)
        decoder.whole(payload)
        return without_end(decoder.finish())

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return requests.chat_v2(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the deltas that add "" to a content, a call or a plan that has begun, beside others of their kind."""
        found = []
        begun: set[tuple[str, int]] = set()
        for i in json_positions(frames):
            event = frames[i].object
            family, _, stage = text(event.get("type")).rpartition("-")
            place = (family, index_of(event))
            bare = event.keys() <= {"type", "index", "delta"} and _is_empty(event.get("delta"))
            if stage == "delta" and place in begun and bare:
                found.append(i)
            elif stage == "start" or family == "tool-plan":
                begun.add(place)
        return redundant(frames, found, _places)


protocol = CohereV2()


def _is_error(exchange: Exchange, payload: dict[str, Any]) -> bool:
    return exchange.path.endswith("/v2/chat") and isinstance(payload.get("message"), str)


class Decoder:
    """Joins contents and tool calls, each by its own index."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.message = Message()
        self._plan: list[str] = []
        self._contents: ByIndex[Block] = ByIndex(Block)
        self._calls: ByIndex[Block] = ByIndex(Block)
        self._citations: ByIndex[Block] = ByIndex(Block)
        self._role: str | None = None
        self._finish: str | None = None

    def feed(self, frame: Frame) -> None:
        """Take an event."""
        event = frame.object
        kind = text(event.get("type"))
        delta = obj(event.get("delta"))
        inner = obj(delta.get("message"))
        if kind in ("content-delta", "content-start"):
            self._content(self._contents[index_of(event)], obj(inner.get("content")))
        elif kind in ("tool-call-delta", "tool-call-start"):
            self._call(self._calls[index_of(event)], obj(inner.get("tool_calls")))
        elif kind == "tool-plan-delta":
            self._plan.append(text(inner.get("tool_plan")))
        elif kind == "citation-start":
            cited = inner.get("citations")
            for item in [cited] if isinstance(cited, dict) else objects(cited):
                self._citations[index_of(event)].extras.append(citation_v2(item))
        elif kind == "message-start":
            self._role = text(inner.get("role")) or self._role
        elif kind == "message-end":
            self.end(delta)
        elif "message" in event and kind not in _EVENTS:
            errors.record(self.message, event)

    def _content(self, block: Block, content: dict[str, Any]) -> None:
        if isinstance(content.get("thinking"), str):
            block.kind = "reasoning"
            block.deltas.append(content["thinking"])
        elif content.get("type") == "thinking":
            block.kind = "reasoning"
        block.deltas.append(text(content.get("text")))

    def _call(self, block: Block, call: dict[str, Any]) -> None:
        function = obj(call.get("function"))
        block.kind = "tool_call"
        block.call_id = block.call_id or text(call.get("id")) or None
        block.name = block.name or text(function.get("name")) or None
        arguments = function.get("arguments")
        block.deltas.append("" if arguments is None else as_text(arguments))

    def end(self, delta: dict[str, Any]) -> None:
        """Take what a message ends with."""
        self._finish = text(delta.get("finish_reason")) or self._finish
        if delta.get("usage") and isinstance(delta["usage"], dict):
            self.message.usage = delta["usage"]
        if delta.get("error"):
            errors.record(self.message, delta["error"])

    def whole(self, payload: dict[str, Any]) -> None:
        """Take an answer that was not streamed."""
        answer = obj(payload.get("message"))
        self._role = text(answer.get("role")) or None
        self._plan.append(text(answer.get("tool_plan")))
        for index, item in enumerate(objects(answer.get("content"))):
            self._content(self._contents[index], item)
        for index, item in enumerate(objects(answer.get("tool_calls"))):
            self._call(self._calls[index], item)
        for item in objects(answer.get("citations")):
            self._citations[0].extras.append(citation_v2(item))
        self.end(payload)

    def finish(self) -> Message:
        """Return the message; the request names the model, the plan is a part of its own."""
        plan = Block("data")
        if any(self._plan):
            plan.whole = Part("data", "".join(self._plan), name="tool_plan")
        blocks = [plan, *self._contents, *self._citations, *self._calls]
        if self._role or self._finish or len(self._contents) or len(self._calls):
            self.message.choices = [choice_of_blocks(blocks, role=self._role, finish=self._finish)]
        self.message.model = text(self._exchange.request.get("model")) or None
        if self._finish in ("ERROR", "TIMEOUT") and not self.message.errors:
            self.message.errors.append(f"the provider ended the stream with {self._finish}")
        return mark_end(self.message, ended=self._finish is not None, sign="message-end")


def _places(frame: Frame) -> list[tuple[str, int, str]]:
    """Return the kind of a delta, its index, and which text of a content it adds to."""
    event = frame.object
    kind = text(event.get("type"))
    if not kind.endswith("-delta"):
        return []
    message = obj(obj(event.get("delta")).get("message"))
    return [(kind, index_of(event), key) for key in obj(message.get("content")) or message]


def _is_empty(delta: Any) -> bool:
    return delta in (
        {"message": {"content": {"text": ""}}},
        {"message": {"content": {"thinking": ""}}},
        {"message": {"tool_plan": ""}},
        {"message": {"tool_calls": {"function": {"arguments": ""}}}},
    )
