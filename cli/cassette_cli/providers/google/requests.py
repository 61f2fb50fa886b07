"""Requests of Google's models, by https://ai.google.dev/api/generate-content and /api/interactions-api.

Proto JSON allows `systemInstruction` and `system_instruction`, and clients write both.
"""

from typing import Any

from cassette_cli.model.message import Conversation, Part, PartKind, Tool, ToolCall, Turn
from cassette_cli.providers.values import as_text, is_vacant, media, obj, objects, text, turn_of


def camel(item: dict[str, Any]) -> dict[str, Any]:
    """Return the object with its own keys in camelCase."""
    return {_camel(key): value for key, value in item.items()}


def _camel(key: str) -> str:
    head, *rest = key.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)


def kind_of(media_type: str) -> PartKind:
    """Return the kind of a part by its media type."""
    family = media_type.partition("/")[0]
    return family if family in ("image", "audio", "video") else "file"  # type: ignore[return-value]


def part_of(part: dict[str, Any]) -> Part:
    """Read one part of a content, in a request or an answer."""
    part = camel(part)
    if isinstance(part.get("text"), str):
        return Part("reasoning" if part.get("thought") is True else "text", part["text"])
    if isinstance(part.get("functionCall"), dict):
        call = part["functionCall"]
        arguments = as_text(call["args"]) if call.get("args") is not None else "{}"
        made = ToolCall(text(call.get("id")) or None, text(call.get("name")) or None, arguments)
        return Part("tool_call", tool_call=made)
    if isinstance(part.get("toolCall"), dict):  # A call of a tool that the provider runs itself.
        call = camel(part["toolCall"])
        arguments = as_text(call["args"]) if call.get("args") is not None else "{}"
        made = ToolCall(text(call.get("id")) or None, text(call.get("toolType")).lower() or None, arguments)
        return Part("tool_call", tool_call=made)
    if isinstance(part.get("functionResponse") or part.get("toolResponse"), dict):
        answer = camel(part.get("functionResponse") or part["toolResponse"])
        words = as_text(answer.get("response")) if answer.get("response") is not None else ""
        name = text(answer.get("name")) or text(answer.get("toolType")).lower() or None
        return Part("tool_result", words, id=text(answer.get("id")) or None, name=name)
    if isinstance(part.get("inlineData"), dict):
        blob = camel(part["inlineData"])
        media_type = text(blob.get("mimeType"))
        return media(
            kind_of(media_type),
            text(blob.get("data")),
            media_type or None,
            text(blob.get("displayName")) or None,
        )
    if isinstance(part.get("fileData"), dict):
        file = camel(part["fileData"])
        media_type = text(file.get("mimeType"))
        return Part(kind_of(media_type), media_type=media_type or None, url=text(file.get("fileUri")) or None)
    if isinstance(part.get("codeExecutionResult"), dict):
        result = part["codeExecutionResult"]
        words, name = text(result.get("output")), text(result.get("outcome")) or None
        return Part("tool_result", words, id=text(result.get("id")) or None, name=name)
    name = next((key for key in part if key not in ("thought", "thoughtSignature")), None)
    return Part("data", name=name, data=part.get(name) if name else part)


def _content(content: Any, role: str) -> Turn:
    if isinstance(content, str):
        return Turn(role, [Part("text", content)])
    content = obj(content)
    parts = content.get("parts")
    pieces = [parts] if isinstance(parts, dict) else objects(parts)
    if isinstance(parts, str):
        pieces = [{"text": parts}]
    return turn_of(text(content.get("role")) or role, [part_of(piece) for piece in pieces])


def generate(payload: dict[str, Any]) -> Conversation:
    """Read the body of `:generateContent` and `:streamGenerateContent`."""
    model = payload.get("model")
    if isinstance(payload.get("request"), dict):  # Code Assist wraps the request as well.
        payload = payload["request"]
    body = camel(payload)
    conversation = Conversation()
    if not is_vacant(body.get("systemInstruction")):
        system = _content(body["systemInstruction"], "system")
        conversation.turns.append(Turn("system", system.parts))
    contents = body.get("contents")
    for content in contents if isinstance(contents, list) else [] if contents is None else [contents]:
        conversation.turns.append(_content(content, "user"))
    tools = body.get("tools")
    for tool in [tools] if isinstance(tools, dict) else objects(tools):
        conversation.tools.extend(_tools(camel(tool)))
    known = ("contents", "systemInstruction", "system_instruction", "tools")
    conversation.parameters = {key: value for key, value in payload.items() if key not in known}
    if model is not None:
        conversation.parameters.setdefault("model", model)
    return conversation


def _tools(tool: dict[str, Any]) -> list[Tool]:
    made = []
    for function in map(camel, objects(tool.get("functionDeclarations"))):
        schema = function.get("parameters", function.get("parametersJsonSchema"))
        made.append(Tool(text(function.get("name")), text(function.get("description")) or None, schema))
    made.extend(Tool(key, parameters=value or None) for key, value in tool.items() if key != "functionDeclarations")
    return made


def interactions(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /interactions`: its input is text, contents, turns or steps."""
    conversation = Conversation()
    if not is_vacant(payload.get("system_instruction")):
        conversation.turns.append(Turn("system", [Part("text", as_text(payload["system_instruction"]))]))
    given = payload.get("input")
    if isinstance(given, str):
        conversation.turns.append(Turn("user", [Part("text", given)]))
    loose: list[Part] = []
    for item in [given] if isinstance(given, dict) else objects(given):
        turn = _interaction_turn(item)
        if turn is None:
            loose.append(content_of(item))
        else:
            conversation.turns.append(turn)
    if loose:
        conversation.turns.append(turn_of("user", loose))
    for tool in objects(payload.get("tools")):
        name = text(tool.get("name")) or text(tool.get("type"))
        schema = tool.get("parameters")
        conversation.tools.append(Tool(name, text(tool.get("description")) or None, schema))
    known = ("input", "system_instruction", "tools")
    conversation.parameters = {key: value for key, value in payload.items() if key not in known}
    return conversation


def _interaction_turn(item: dict[str, Any]) -> Turn | None:
    """Read a turn (`role`) or a step (`user_input`, `model_output`, `thought`); None for a bare content."""
    kind = text(item.get("type"))
    if text(item.get("role")):
        role = item["role"]
    elif kind in ("user_input", "model_output", "thought"):
        role = "user" if kind == "user_input" else "model"
    else:
        return None
    content = item.get("content", item.get("summary"))
    if isinstance(content, str):
        parts = [Part("text", content)]
    else:
        parts = [content_of(piece) for piece in ([content] if isinstance(content, dict) else objects(content))]
    if kind == "thought":
        parts = [Part("reasoning", part.text) for part in parts]
    return turn_of(role, parts)


def content_of(item: dict[str, Any]) -> Part:
    """Read one content of an interaction: text, media, or a call of a tool and its result."""
    kind = text(item.get("type"))
    if kind == "text":
        return Part("text", text(item.get("text")))
    if kind in ("image", "audio", "video", "document"):
        media_type = text(item.get("mime_type")) or None
        named: PartKind = "file" if kind == "document" else kind  # type: ignore[assignment]
        if text(item.get("data")):
            return media(named, item["data"], media_type)
        return Part(named, media_type=media_type, url=text(item.get("uri")) or None)
    call_id = text(item.get("id")) or None
    if kind.endswith("_call"):
        arguments = as_text(item["arguments"]) if item.get("arguments") is not None else "{}"
        return Part(
            "tool_call",
            tool_call=ToolCall(call_id, text(item.get("name")) or kind.removesuffix("_call"), arguments),
        )
    if kind.endswith("_result"):
        name = text(item.get("name")) or kind.removesuffix("_result")
        return Part("tool_result", result_text(item.get("result")), id=text(item.get("call_id")) or call_id, name=name)
    return Part("data", name=kind or None, data=item)


def result_text(result: Any) -> str:
    """Return a tool's result as text: the texts of its contents, else its JSON."""
    contents = objects(result)
    if contents and all(text(piece.get("type")) == "text" for piece in contents):
        return "".join(text(piece.get("text")) for piece in contents)
    return "" if result is None else as_text(result)
