"""Requests of Vercel's AI SDK: what `useChat` posts, and what the provider interface posts to a gateway.

Defined by https://ai-sdk.dev/docs/reference/ai-sdk-core/ui-message and
https://github.com/vercel/ai (`LanguageModelV2Prompt`).
"""

from typing import Any

from cassette_cli.model.message import Conversation, Part, PartKind, Tool, ToolCall, Turn
from cassette_cli.providers.base import as_text, is_vacant, obj, objects, text
from cassette_cli.providers.media import data_url, media


def conversation(payload: dict[str, Any]) -> Conversation:
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
