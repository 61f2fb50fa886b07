"""Requests of OpenAI's endpoints, by https://platform.openai.com/docs/api-reference.

The Responses API has items in place of messages: see `items`.
"""

from typing import Any

from cassette_cli.model.message import Conversation, Part, PartKind, Tool, ToolCall, Turn
from cassette_cli.providers.values import as_text, data_url, media, obj, objects, text


def chat(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /chat/completions`."""
    return Conversation(
        [_turn(item) for item in objects(payload.get("messages"))],
        offered(payload.get("tools")) + offered(payload.get("functions")),
        _rest(payload, "messages", "tools", "functions"),
    )


def completions(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /completions`: each prompt is a turn; prompts as token numbers are counted."""
    prompt = payload.get("prompt")
    prompts = prompt if isinstance(prompt, list) and not _is_tokens(prompt) else [] if prompt is None else [prompt]
    return Conversation([Turn("user", [_prompt(item)]) for item in prompts], [], _rest(payload, "prompt"))


def assistants(payload: dict[str, Any]) -> Conversation:
    """Read the body of any `POST` under /threads: a thread, a message, a run, or tool outputs."""
    turns = [
        Turn("system", [Part("text", text(payload[key]))])
        for key in ("instructions", "additional_instructions")
        if text(payload.get(key))
    ]
    listed = (
        obj(payload.get("thread")).get("messages"),
        payload.get("messages"),
        payload.get("additional_messages"),
    )
    for messages in listed:
        turns += [_turn(item) for item in objects(messages)]
    if "role" in payload and "content" in payload:
        turns.append(_turn(payload))
    for output in objects(payload.get("tool_outputs")):
        result = Part("tool_result", as_text(output.get("output", "")), id=text(output.get("tool_call_id")) or None)
        turns.append(Turn("tool", [result]))
    known = ("instructions", "additional_instructions", "messages", "additional_messages", "role", "content")
    return Conversation(turns, offered(payload.get("tools")), _rest(payload, *known, "tool_outputs", "tools"))


def transcription(payload: dict[str, Any]) -> Conversation:
    """Read the fields of `POST /audio/transcriptions`; the sound itself is in a multipart body."""
    prompt = text(payload.get("prompt"))
    turns = [Turn("user", [Part("text", prompt)])] if prompt else []
    return Conversation(turns, [], _rest(payload, "prompt"))


def offered(tools: Any) -> list[Tool]:
    """Read a list of tools or functions, flat or nested under `function`; a hosted tool goes by its type."""
    found = []
    for tool in objects(tools):
        inner = obj(tool.get("function")) or obj(tool.get("custom")) or tool
        name = text(inner.get("name")) or text(tool.get("server_label")) or text(tool.get("type"))
        found.append(Tool(name, text(inner.get("description")) or None, inner.get("parameters")))
    return found


def _rest(payload: dict[str, Any], *known: str) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key not in known}


def _is_tokens(prompt: list[Any]) -> bool:
    return bool(prompt) and all(isinstance(item, int) for item in prompt)


def _prompt(item: Any) -> Part:
    if isinstance(item, list) and _is_tokens(item):
        return Part("data", name=f"{len(item)} token numbers", data=item)
    return Part("text", as_text(item))


def _turn(item: dict[str, Any]) -> Turn:
    role = text(item.get("role")) or "unknown"
    content = item.get("content")
    if role in ("tool", "function"):
        name = text(item.get("name")) or None
        return Turn(role, tool_result(content, text(item.get("tool_call_id")) or None, name))
    parts: list[Part] = []
    thought = text(item.get("reasoning_content")) or text(item.get("reasoning"))
    if thought:
        parts.append(Part("reasoning", thought))
    parts += content_parts(content)
    if text(item.get("refusal")):
        parts.append(Part("refusal", item["refusal"]))
    for call in objects(item.get("tool_calls")):
        parts.append(_called(text(call.get("id")) or None, obj(call.get("function")) or obj(call.get("custom"))))
    if isinstance(item.get("function_call"), dict):
        parts.append(_called(None, item["function_call"]))
    if isinstance(item.get("audio"), dict):
        parts.append(Part("audio", id=text(item["audio"].get("id")) or None))
    return Turn(role, parts)


def _called(call_id: str | None, function: dict[str, Any]) -> Part:
    arguments = function.get("arguments", function.get("input", ""))
    return Part("tool_call", tool_call=ToolCall(call_id, text(function.get("name")) or None, as_text(arguments)))


def content_parts(content: Any) -> list[Part]:
    """Read the content of a message: a string, a list of blocks, or null."""
    if isinstance(content, str):
        return [Part("text", content)] if content else []
    blocks = content if isinstance(content, list) else []
    return [Part("text", block) if isinstance(block, str) else block_part(obj(block)) for block in blocks]


def tool_result(content: Any, call_id: str | None, name: str | None = None) -> list[Part]:
    """Read a tool's output: its text, and the pictures and files that it may come with."""
    if not isinstance(content, list):
        return [Part("tool_result", "" if content is None else as_text(content), id=call_id, name=name)]
    blocks = content_parts(content)
    words = "".join([part.text for part in blocks if part.kind == "text"])
    return [
        Part("tool_result", words, id=call_id, name=name),
        *(part for part in blocks if part.kind != "text"),
    ]


def block_part(block: dict[str, Any]) -> Part:
    """Read one content block of a message: text, an image, audio, a file, or what has no better name."""
    kind = text(block.get("type"))
    if kind in ("text", "input_text", "output_text", "summary_text"):
        inner = block.get("text")
        return Part("text", text(inner) or text(obj(inner).get("value")))
    if kind in ("image_url", "input_image", "image_file", "video_url"):
        image = block.get("image_url") or block.get("video_url") or block.get("image_file")
        address = text(image) or text(obj(image).get("url"))
        name = text(block.get("file_id")) or text(obj(image).get("file_id"))
        return _address("video" if kind == "video_url" else "image", address, name or None)
    if kind == "input_audio":
        audio = obj(block.get("input_audio")) or block
        sound = text(audio.get("format"))
        return media("audio", text(audio.get("data")), f"audio/{sound}" if sound else None)
    if kind in ("file", "input_file", "document_url"):
        file = obj(block.get("file")) or block
        name = text(file.get("filename")) or text(file.get("file_id")) or text(file.get("document_name"))
        address = text(file.get("file_data")) or text(file.get("file_url")) or text(file.get("document_url"))
        return _address("file", address, name or None)
    if kind == "refusal":
        return Part("refusal", text(block.get("refusal")))
    if kind in ("thinking", "reasoning_text"):
        thinking = block.get("thinking") or block.get("text")
        return Part("reasoning", "".join(text(t.get("text")) for t in objects(thinking)) or text(thinking))
    return Part("data", name=kind or None, data=block)


def _address(kind: PartKind, address: str, name: str | None) -> Part:
    """Describe a URL, a data URL, or base64 that stands there bare, as some clients send it."""
    bare = len(address) > 256 and ":" not in address[:16]
    return media(kind, address, None, name) if bare else data_url(kind, address, name)


def citation(note: Any) -> Part:
    """Read an annotation: a web page by title and address, a file by name and id, or a bare address."""
    if isinstance(note, str):
        return Part("citation", url=note)
    inner = obj(note.get("url_citation")) or obj(note.get("file_citation")) or obj(note.get("file_path")) or note
    words = text(inner.get("title")) or text(inner.get("filename")) or text(inner.get("quote"))
    return Part("citation", words, id=text(inner.get("file_id")) or None, url=text(inner.get("url")) or None)
