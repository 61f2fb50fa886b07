"""Requests of Cohere, by https://docs.cohere.com/reference/chat and https://docs.cohere.com/v1/reference/chat."""

from typing import Any

from cassette_cli.model.message import Conversation, Part, Tool, ToolCall, Turn
from cassette_cli.providers.openai import requests as openai
from cassette_cli.providers.values import as_text, obj, objects, text

_ROLES = {"CHATBOT": "assistant", "SYSTEM": "system", "USER": "user", "TOOL": "tool"}


def chat_v2(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /v2/chat`: OpenAI's messages, a plan and documents beside them."""
    conversation = openai.chat(payload)
    for turn, item in zip(conversation.turns, objects(payload.get("messages")), strict=True):
        if text(item.get("tool_plan")):
            turn.parts.insert(0, Part("data", item["tool_plan"], name="tool_plan"))
        if turn.role == "tool":
            documents = [block for block in objects(item.get("content")) if block.get("type") == "document"]
            words = [as_text(obj(block.get("document")).get("data")) for block in documents]
            next(part for part in turn.parts if part.kind == "tool_result").text += "".join(words)
    return conversation


def citation_v2(item: dict[str, Any]) -> Part:
    """Read a citation of version 2: the first source by its title or id, and the words that it backs."""
    source = next(iter(objects(item.get("sources"))), {})
    document = obj(source.get("document"))
    title = text(document.get("title")) or text(source.get("id")) or text(item.get("text"))
    url = text(document.get("url")) or None
    return Part("citation", title, url=url, data={key: item[key] for key in ("start", "end", "text") if key in item})


def chat_v1(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /v1/chat` and `POST /v1/generate`."""
    conversation = Conversation()
    if text(payload.get("preamble")):
        conversation.turns.append(Turn("system", [Part("text", payload["preamble"])]))
    for item in objects(payload.get("chat_history")):
        conversation.turns.append(_turn(item))
    results = [_result(item) for item in objects(payload.get("tool_results"))]
    asked = text(payload.get("message")) or text(payload.get("prompt"))
    if asked:
        conversation.turns.append(Turn("user", [Part("text", asked)]))
    if results:
        conversation.turns.append(Turn("tool", results))
    for tool in objects(payload.get("tools")):
        about = text(tool.get("description")) or None
        conversation.tools.append(Tool(text(tool.get("name")), about, tool.get("parameter_definitions")))
    known = ("preamble", "chat_history", "tool_results", "message", "prompt", "tools")
    conversation.parameters = {key: value for key, value in payload.items() if key not in known}
    return conversation


def _turn(item: dict[str, Any]) -> Turn:
    role = text(item.get("role"))
    words = text(item.get("message")) or text(item.get("text"))
    parts = [Part("text", words)] if words else []
    for call in objects(item.get("tool_calls")):
        arguments = as_text({} if call.get("parameters") is None else call["parameters"])
        parts.append(Part("tool_call", tool_call=ToolCall(None, text(call.get("name")) or None, arguments)))
    parts.extend(_result(result) for result in objects(item.get("tool_results")))
    return Turn(_ROLES.get(role.upper(), role or "unknown"), parts)


def _result(item: dict[str, Any]) -> Part:
    name = text(obj(item.get("call")).get("name")) or None
    return Part("tool_result", as_text(item.get("outputs", "")), name=name)
