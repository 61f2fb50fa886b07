"""Vercel's AI SDK: the UI message stream, the provider interface's stream, and the older line protocol.

Defined by https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol and https://github.com/vercel/ai
(`UIMessageChunk`, `LanguageModelV2StreamPart`). The line protocol of version 4 says the same with
one-character codes; its events are renamed and then read alike.
"""

import re
from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Message, PartKind
from cassette_cli.providers.ai_sdk.requests import block_parts, conversation
from cassette_cli.providers.base import Exchange, as_text, error_text, is_done, obj, objects, text
from cassette_cli.providers.blocks import Block, Blocks, choice_of, settle
from cassette_cli.streams import ai_sdk_lines
from cassette_cli.streams.frames import Frame

__all__ = ["ABOUT", "NAME", "Decoder", "claims", "claims_whole", "conversation", "empties", "message"]

NAME = "ai-sdk"
ABOUT = "events of type text-delta, tool-input-…, start-step … (Vercel AI SDK), or lines such as 0:"

_TELLING = re.compile(
    r"(text|reasoning)-(start|delta|end)|(start|finish)-step|stream-start"
    r"|tool-input-(start|delta|available)|tool-output-available"
)
_SILENT = re.compile(
    r"start|(start|finish)-step|stream-start|(text|reasoning|tool-input)-end|raw|message-metadata"
    r"|reasoning-signature|tool-output-denied"
)


def claims(exchange: Exchange, frame: Frame) -> bool:
    """Claim by a type that only this protocol has, by `start` with its message, or by the older framing."""
    if exchange.framing in (None, ai_sdk_lines.NAME) and ai_sdk_lines.as_event(frame):
        return True
    chunk = frame.object
    kind = chunk.get("type")
    return (isinstance(kind, str) and _TELLING.fullmatch(kind) is not None) or (
        kind == "start" and "messageId" in chunk
    )


def claims_whole(exchange: Exchange, payload: dict[str, Any]) -> bool:
    """Claim the provider interface's answer: content blocks and `finishReason`."""
    del exchange
    return isinstance(payload.get("content"), list) and "finishReason" in payload


class Decoder:
    """Builds the blocks in the order in which they start; deltas find theirs by id."""

    def __init__(self, exchange: Exchange) -> None:
        self._lines = exchange.framing in (None, ai_sdk_lines.NAME)
        self._message = Message()
        self._blocks = Blocks()
        self._open: dict[tuple[PartKind, str], Block] = {}
        self._writing: Block | None = None
        self._finish: str | None = None
        self._ended = False

    def feed(self, frame: Frame) -> None:
        """Take an event, or a line of the older protocol."""
        item = (self._lines and ai_sdk_lines.as_event(frame)) or frame.object
        if item:
            self._take(text(item.get("type")), item)
        elif is_done(frame):
            self._ended = True

    def _take(self, kind: str, item: dict[str, Any]) -> None:
        name, _, what = kind.rpartition("-")
        if name in ("text", "reasoning") and what in ("start", "delta"):
            self._words("text" if name == "text" else "reasoning", item)
        elif kind in (
            "tool-call",
            "tool-input-start",
            "tool-input-delta",
            "tool-input-available",
            "tool-input-error",
        ):
            self._call(item)
        elif kind in ("finish", "abort"):
            self._ended = kind == "finish"
            self._finish = _reason(item) or self._finish
            self._message.usage = obj(item.get("usage")) or self._message.usage
        elif kind in ("error", "tool-output-error"):
            self._message.errors.append(error_text(item.get("errorText", item.get("error"))))
        elif kind == "response-metadata":
            self._message.model = self._message.model or text(item.get("modelId")) or None
        elif kind in ("tool-output-available", "tool-result"):
            self._add({**item, "type": "tool-result"})
        elif not _SILENT.fullmatch(kind):
            self._add(item)
        if kind == "finish-step":  # The line protocol may be cut before its `d:`.
            self._finish = self._finish or _reason(item)

    def _add(self, item: dict[str, Any]) -> None:
        self._writing = None
        for part in block_parts(item):
            self._blocks.add(part)

    def _words(self, kind: PartKind, item: dict[str, Any]) -> None:
        name = as_text(item.get("id", ""))
        block = self._open.get((kind, name))
        # Without ids, what follows something else is a new block.
        if block is None or item["type"].endswith("-start") or (not name and block is not self._writing):
            block = self._open[kind, name] = Block(kind)
            self._blocks.blocks.append(block)
        self._writing = block
        block.pieces.append(text(item.get("delta", item.get("textDelta", item.get("text")))))

    def _call(self, item: dict[str, Any]) -> None:
        call_id = text(item.get("toolCallId")) or text(item.get("id"))
        block = self._open.get(("tool_call", call_id))
        if block is None:
            block = self._open["tool_call", call_id] = Block("tool_call")
            block.call_id = call_id or None
            self._blocks.blocks.append(block)
        self._writing = block
        block.name = block.name or text(item.get("toolName")) or None
        whole = item.get("input", item.get("args"))
        if whole is not None:  # The call as it is at last; it repeats what was streamed.
            block.pieces = [as_text(whole)]
        else:
            block.pieces.append(text(item.get("inputTextDelta", item.get("argsTextDelta", item.get("delta")))))

    def finish(self) -> Message:
        """Return the message; it is complete if `finish` or `[DONE]` was sent."""
        answer = self._message
        answer.choices = [choice_of(self._blocks.blocks, role="assistant", finish=self._finish)]
        return settle(answer, ended=self._ended, sign="finish event")


def _reason(item: dict[str, Any]) -> str | None:
    reason = item.get("finishReason")
    return text(reason) or text(obj(reason).get("unified")) or None


def message(payload: dict[str, Any]) -> Message:
    """Read the provider interface's answer: the same blocks, whole."""
    decoder = Decoder(Exchange())
    for block in objects(payload.get("content")):
        decoder.feed(Frame(None, "", (0, 0), parsed=_as_event(block)))
    response = obj(payload.get("response"))
    closing = [{**response, "type": "response-metadata"}, {**payload, "type": "finish"}]
    for item in closing:
        decoder.feed(Frame(None, "", (0, 0), parsed=item))
    return decoder.finish()


def _as_event(block: dict[str, Any]) -> dict[str, Any]:
    kind = text(block.get("type"))
    return {**block, "type": f"{kind}-start"} if kind in ("text", "reasoning") else block


def empties(frames: Sequence[Frame]) -> list[int]:
    """Return the deltas of no text whose part has been opened by its own start event."""
    opened = set()
    found = []
    for i, frame in enumerate(frames):
        chunk = frame.object
        kind = text(chunk.get("type"))
        if kind in ("text-start", "reasoning-start") and isinstance(chunk.get("id"), str):
            opened.add((kind[:-6], chunk["id"]))
        elif kind in ("text-delta", "reasoning-delta") and chunk.get("delta") == "":
            known = isinstance(chunk.get("id"), str) and (kind[:-6], chunk["id"]) in opened
            if known and chunk.keys() == {"type", "id", "delta"}:
                found.append(i)
    return found
