"""Vercel's AI SDK: the UI message stream, the provider interface's stream, and the older line protocol.

Defined by https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol and https://github.com/vercel/ai
(`UIMessageChunk`, `LanguageModelV2StreamPart`). The line protocol of version 4 says the same with
one-character codes; its events are renamed and then read alike.
"""

import re
from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Conversation, Message, Part, PartKind, Tool, ToolCall, Turn
from cassette_cli.providers.base import Coalescing, Exchange, StreamProtocol, Usage, fields, mark_end, whole_frame
from cassette_cli.providers.blocks import Block, Blocks, choice_of_blocks
from cassette_cli.providers.deltas import is_done, redundant
from cassette_cli.providers.errors import error_text
from cassette_cli.providers.values import as_text, data_url, is_vacant, media, obj, objects, text
from cassette_cli.streams import ai_sdk_lines
from cassette_cli.streams.frames import NOT_JSON, Frame

_TELLING = re.compile(
    r"(text|reasoning)-(start|delta|end)|(start|finish)-step|stream-start"
    r"|tool-input-(start|delta|available)|tool-output-available"
)
_SILENT = re.compile(
    r"start|(start|finish)-step|stream-start|(text|reasoning|tool-input)-end|raw|message-metadata"
    r"|reasoning-signature|tool-output-denied"
)


_CODES = {
    "0": ("text-delta", "delta"),
    "2": ("data", "data"),
    "3": ("error", "error"),
    "8": ("data-annotations", "data"),
    "9": ("tool-call", None),
    "a": ("tool-result", None),
    "b": ("tool-input-start", None),
    "c": ("tool-input-delta", None),
    "d": ("finish", None),
    "e": ("finish-step", None),
    "f": ("start", None),
    "g": ("reasoning-delta", "delta"),
    "h": ("source", None),
    "i": ("redacted-reasoning", None),
    "j": ("reasoning-signature", None),
    "k": ("file", None),
}
"""The type of event that each code stands for today, and the field of it that the JSON of the line is."""


class AiSdk(StreamProtocol):
    """Vercel's AI SDK."""

    name = "ai-sdk"
    about = "events of type text-delta, tool-input-…, start-step … (Vercel AI SDK), or lines such as 0:"
    usage = Usage(
        ("prompt_tokens", "input_tokens", "inputTokens", "promptTokens"),
        ("completion_tokens", "output_tokens", "outputTokens", "completionTokens"),
    )
    coalescing = (
        Coalescing(
            fields("delta"),
            equal=fields("type", "id", "toolCallId"),
            kinds=frozenset(("text-delta", "reasoning-delta")),
        ),
        Coalescing(fields(""), events=frozenset(("0", "g"))),
        Coalescing(
            fields("inputTextDelta"), equal=fields("type", "toolCallId"), kinds=frozenset(("tool-input-delta",))
        ),
    )

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by a type that only this protocol has, by `start` with its message, or by the older framing."""
        if exchange.framing in (None, ai_sdk_lines.NAME) and _line_event(frame):
            return True
        chunk = frame.object
        kind = chunk.get("type")
        return (isinstance(kind, str) and _TELLING.fullmatch(kind) is not None) or (
            kind == "start" and "messageId" in chunk
        )

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim the provider interface's answer: content blocks and `finishReason`."""
        del exchange
        return isinstance(payload.get("content"), list) and "finishReason" in payload

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read the provider interface's answer: the same blocks, whole."""
        decoder = Decoder(Exchange())
        for block in objects(payload.get("content")):
            decoder.feed(Frame(None, "", (0, 0), parsed=_as_event(block)))
        response = obj(payload.get("response"))
        closing = [{**response, "type": "response-metadata"}, {**payload, "type": "finish"}]
        for item in closing:
            decoder.feed(whole_frame(item))
        return decoder.finish()

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return read_request(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the deltas of no text beside others of their block, which its own start event has opened."""
        opened = set()
        found = []
        for i, frame in enumerate(frames):
            chunk = frame.object
            kind = text(chunk.get("type"))
            if kind in ("text-start", "reasoning-start") and isinstance(chunk.get("id"), str):
                opened.add((kind[:-6], chunk["id"]))
            elif chunk.keys() == {"type", "id", "delta"} and chunk["delta"] == "":
                places = _places(frame)
                if places and opened.issuperset(places):
                    found.append(i)
        return redundant(frames, found, _places)


protocol = AiSdk()


def _line_event(frame: Frame) -> dict[str, Any]:
    """Return the line as an event of today's protocol, empty if its code is unknown or it is cut."""
    kind, key = _CODES.get(frame.event or "", ("", None))
    if not kind or frame.json is NOT_JSON:
        return {}
    return {"type": kind, key: frame.json} if key else {**frame.object, "type": kind}


def _places(frame: Frame) -> list[tuple[str, str]]:
    """Return the kind and the id of the block that a delta adds to."""
    kind, identity = text(frame.object.get("type")), frame.object.get("id")
    if kind in ("text-delta", "reasoning-delta") and isinstance(identity, str):
        return [(kind[:-6], identity)]
    return []


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
        item = (self._lines and _line_event(frame)) or frame.object
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
        block.deltas.append(text(item.get("delta", item.get("textDelta", item.get("text")))))

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
            block.deltas = [as_text(whole)]
        else:
            block.deltas.append(text(item.get("inputTextDelta", item.get("argsTextDelta", item.get("delta")))))

    def finish(self) -> Message:
        """Return the message; it is complete if `finish` or `[DONE]` was sent."""
        answer = self._message
        answer.choices = [choice_of_blocks(self._blocks.blocks, role="assistant", finish=self._finish)]
        return mark_end(answer, ended=self._ended, sign="finish event")


def _reason(item: dict[str, Any]) -> str | None:
    reason = item.get("finishReason")
    return text(reason) or text(obj(reason).get("unified")) or None


def _as_event(block: dict[str, Any]) -> dict[str, Any]:
    kind = text(block.get("type"))
    return {**block, "type": f"{kind}-start"} if kind in ("text", "reasoning") else block


def read_request(payload: dict[str, Any]) -> Conversation:
    """Read `messages` (UI) or `prompt` (provider interface), and the tools offered."""
    key = "messages" if isinstance(payload.get("messages"), list) else "prompt"
    turns = [_turn(item) for item in objects(payload.get(key))]
    if isinstance(payload.get("prompt"), str) and key == "prompt":
        turns = [Turn("user", [Part("text", payload["prompt"])])]
    tools = [
        Tool(
            text(tool.get("name")) or text(tool.get("id")),
            text(tool.get("description")) or None,
            tool.get("inputSchema", tool.get("parameters")),
        )
        for tool in objects(payload.get("tools"))
    ]
    rest = {name: value for name, value in payload.items() if name not in (key, "tools")}
    return Conversation(turns, tools, rest)


def _turn(item: dict[str, Any]) -> Turn:
    turn = Turn(text(item.get("role")) or "unknown")
    content = item.get("parts", item.get("content"))
    if isinstance(content, str):
        turn.parts.append(Part("text", content))
    for block in objects(content):
        turn.parts.extend(block_parts(block))
    return turn


def block_parts(block: dict[str, Any]) -> list[Part]:
    """Read one block of a message; a tool's block in the UI's form holds its call and its result."""
    kind = text(block.get("type"))
    if kind == "text":
        return [Part("text", text(block.get("text")))]
    if kind == "reasoning":
        return [Part("reasoning", text(block.get("text")) or text(block.get("reasoning")))]
    if kind in ("file", "image"):
        return [_file(block)]
    if kind in ("source-url", "source"):
        source = obj(block.get("source")) or block
        return [Part("citation", text(source.get("title")), url=text(source.get("url")) or None)]
    if kind == "tool-result":
        return [_result(block, block.get("output", block.get("result")))]
    if kind.startswith("tool-") or kind in ("dynamic-tool", "tool-invocation"):
        return _call(obj(block.get("toolInvocation")) or block, kind)
    return [] if kind == "step-start" else [Part("data", name=kind or None, data=block)]


def _call(block: dict[str, Any], kind: str) -> list[Part]:
    name = text(block.get("toolName")) or kind.removeprefix("tool-")
    sent = block.get("input", block.get("args"))
    arguments = "" if sent is None else as_text(sent)
    parts = [Part("tool_call", tool_call=ToolCall(text(block.get("toolCallId")) or None, name, arguments))]
    output = block.get("output", block.get("result", block.get("errorText")))
    return parts if is_vacant(output) else [*parts, _result(block, output)]


def _result(block: dict[str, Any], output: Any) -> Part:
    value = obj(output).get("value") if obj(output).get("type") in ("text", "json", "error-text") else output
    name = text(block.get("toolName")) or None
    return Part("tool_result", as_text(value), id=text(block.get("toolCallId")) or None, name=name)


def _file(block: dict[str, Any]) -> Part:
    media_type = text(block.get("mediaType")) or text(block.get("mimeType")) or None
    kind: PartKind = "image" if (media_type or text(block.get("type"))).startswith("image") else "file"
    data = text(block.get("url")) or text(block.get("data")) or text(block.get("image"))
    name = text(block.get("filename")) or None
    if data.startswith(("http:", "https:", "data:")):
        part = data_url(kind, data, name)
        part.media_type = part.media_type or media_type
        return part
    return media(kind, data, media_type, name)
