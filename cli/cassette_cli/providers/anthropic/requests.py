"""Requests of Anthropic's endpoints, by https://docs.anthropic.com/en/api/messages.

Blocks are the same in requests and in answers, so that `messages` reads its own with
`block_parts` too.
"""

import re
from typing import Any

from cassette_cli.model.message import Conversation, Part, PartKind, Tool, ToolCall, Turn
from cassette_cli.providers.values import as_text, data_url, decoded_size, media, obj, objects, text

_SPEAKERS = re.compile(r"(?:\A|\n\n)(Human|Assistant):")


def messages(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /v1/messages`, and of its twins on Vertex and Bedrock."""
    turns = [Turn("system", content_parts(payload["system"]))] if payload.get("system") else []
    turns += [
        Turn(text(item.get("role")) or "unknown", content_parts(item.get("content")))
        for item in objects(payload.get("messages"))
    ]
    tools = [
        Tool(
            text(tool.get("name")) or text(tool.get("mcp_server_name")) or text(tool.get("type")),
            text(tool.get("description")) or None,
            tool.get("input_schema"),
        )
        for tool in objects(payload.get("tools"))
    ]
    rest = {key: value for key, value in payload.items() if key not in ("system", "messages", "tools")}
    return Conversation(turns, tools, rest)


def complete(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /v1/complete`, whose prompt marks who speaks: `Human:` and `Assistant:`."""
    prompt = text(payload.get("prompt"))
    pieces = _SPEAKERS.split(prompt)
    turns = [Turn("system", [Part("text", pieces[0].strip())])] if pieces[0].strip() and len(pieces) > 1 else []
    for speaker, words in zip(pieces[1::2], pieces[2::2], strict=True):
        if words.strip():
            turns.append(Turn("user" if speaker == "Human" else "assistant", [Part("text", words.strip())]))
    if len(pieces) == 1 and prompt:
        turns.append(Turn("user", [Part("text", prompt)]))
    return Conversation(turns, [], {key: value for key, value in payload.items() if key != "prompt"})


def content_parts(content: Any) -> list[Part]:
    """Read the content of a message: a string, or a list of blocks."""
    if isinstance(content, str):
        return [Part("text", content)] if content else []
    return [part for block in objects(content) for part in block_parts(block)]


def block_parts(block: dict[str, Any]) -> list[Part]:
    """Read one block; `input` may still be the string that was streamed."""
    kind = text(block.get("type"))
    if kind == "text":
        return [
            Part("text", text(block.get("text"))),
            *(_citation(note) for note in objects(block.get("citations"))),
        ]
    if kind == "thinking":
        return [Part("reasoning", text(block.get("thinking")))]
    if kind == "redacted_thinking":
        return [Part("reasoning", name=kind, size=decoded_size(text(block.get("data"))))]
    if kind.endswith("tool_use"):
        given = block.get("input")
        call = ToolCall(text(block.get("id")) or None, text(block.get("name")) or None, as_text(given or {}))
        # Tools that the provider runs itself say so, for the program has nothing to do for them.
        hosted = {key: block[key] for key in ("type", "server_name") if key in block}
        return [Part("tool_call", tool_call=call, data=None if kind == "tool_use" else hosted)]
    if kind.endswith("tool_result"):
        return _result(block, kind)
    if kind in ("image", "document"):
        return [_source(block, "image" if kind == "image" else "file")]
    if kind == "compaction":
        return [Part("data", text(block.get("content")), name=kind, data=block)]
    return [Part("data", name=kind or None, data=block)]


def _result(block: dict[str, Any], kind: str) -> list[Part]:
    """Read a tool's result: its text as one part, then its images and documents; what is neither, as data."""
    content = block.get("content")
    call_id = text(block.get("tool_use_id")) or None
    name = "error" if block.get("is_error") else None if kind == "tool_result" else kind
    if isinstance(content, str):
        return [Part("tool_result", content, id=call_id, name=name)]
    blocks = content_parts([content] if isinstance(content, dict) else content)
    words = "".join([part.text for part in blocks if part.kind == "text"])
    others = [part for part in blocks if part.kind not in ("text", "data")]
    plain = all(part.kind != "data" for part in blocks)
    return [Part("tool_result", words, id=call_id, name=name, data=None if plain else content), *others]


def _source(block: dict[str, Any], kind: PartKind) -> Part:
    """Describe an image or a document by its source: base64, a URL, a stored file, or text in place."""
    source = obj(block.get("source"))
    title = text(block.get("title")) or text(source.get("file_id")) or None
    media_type = text(source.get("media_type")) or None
    if source.get("type") == "base64":
        return media(kind, text(source.get("data")), media_type, title)
    if text(source.get("url")):
        return data_url(kind, source["url"], title)
    words = text(source.get("data")) or "".join([part.text for part in content_parts(source.get("content"))])
    size = len(words.encode("utf-8", "replace")) if words else None
    return Part(kind, words, media_type=media_type, size=size, name=title)


def _citation(note: dict[str, Any]) -> Part:
    """Read a citation: a page or document by its title, else by the words that are cited."""
    words = text(note.get("title")) or text(note.get("document_title")) or text(note.get("cited_text"))
    return Part("citation", words, url=text(note.get("url")) or text(note.get("source")) or None, data=note)
