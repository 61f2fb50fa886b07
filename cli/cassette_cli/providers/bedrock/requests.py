"""Requests of Amazon Bedrock, by https://docs.aws.amazon.com/bedrock/latest/APIReference/."""

from typing import Any

from cassette_cli.model.message import Conversation, Part, PartKind, Tool, ToolCall, Turn
from cassette_cli.providers.values import as_text, decoded_size, is_vacant, media, obj, objects, text, turn_of

_MEDIA: dict[str, PartKind] = {"image": "image", "document": "file", "video": "video", "audio": "audio"}


def converse(payload: dict[str, Any]) -> Conversation:
    """Read the body of `POST /model/ID/converse` and `…/converse-stream`, and Nova's of InvokeModel."""
    conversation = Conversation()
    system = payload.get("system")
    if isinstance(system, str) and system:
        conversation.turns.append(Turn("system", [Part("text", system)]))
    elif objects(system):
        conversation.turns.append(Turn("system", _blocks(system)))
    for item in objects(payload.get("messages")):
        content = item.get("content")
        parts = [Part("text", content)] if isinstance(content, str) else _blocks(content)
        conversation.turns.append(turn_of(text(item.get("role")) or "unknown", parts))
    config = obj(payload.get("toolConfig"))
    for tool in objects(config.get("tools")):
        spec = obj(tool.get("toolSpec"))
        if spec:
            schema = obj(spec.get("inputSchema")).get("json", spec.get("inputSchema"))
            conversation.tools.append(Tool(text(spec.get("name")), text(spec.get("description")) or None, schema))
        else:
            name = next(iter(tool), "")
            conversation.tools.append(Tool(text(obj(tool.get(name)).get("name")) or name, parameters=tool.get(name)))
    for key, value in payload.items():
        if key == "toolConfig":
            rest = {k: v for k, v in config.items() if k != "tools"}
            conversation.parameters.update({"toolConfig": rest} if rest else {})
        elif key not in ("messages", "system"):
            conversation.parameters[key] = value
    return conversation


def _blocks(content: Any) -> list[Part]:
    return [part for block in objects(content) for part in block_parts(block)]


def block_parts(block: dict[str, Any]) -> list[Part]:
    """Read one content block, of a request or of an answer; citations follow their text."""
    for key, value in block.items():
        if key == "text":
            return [Part("text", text(value))]
        if key == "toolUse":
            given = obj(value).get("input")
            call = ToolCall(
                text(obj(value).get("toolUseId")) or None,
                text(obj(value).get("name")) or None,
                "" if given is None else as_text(given),
            )
            return [Part("tool_call", tool_call=call)]
        if key == "toolResult":
            call_id = text(obj(value).get("toolUseId")) or None
            content = obj(value).get("content")
            kept = [
                part for item in objects(content) if not item.keys() & {"text", "json"} for part in block_parts(item)
            ]
            return [Part("tool_result", result_words(content), id=call_id), *kept]
        if key == "reasoningContent":
            return _reasoning(obj(value))
        if key == "citationsContent":
            words = "".join(text(item.get("text")) for item in objects(obj(value).get("content")))
            cited = [citation(item) for item in objects(obj(value).get("citations"))]
            return [Part("text", words), *cited]
        if key == "guardContent":
            return [Part("text", text(obj(obj(value).get("text")).get("text")), name="guardContent")]
        if key in _MEDIA:
            return [_medium(_MEDIA[key], key, obj(value))]
        return [Part("data", name=key, data=value)]
    return []


def _reasoning(content: dict[str, Any]) -> list[Part]:
    words = text(obj(content.get("reasoningText")).get("text"))
    parts = [Part("reasoning", words)] if words else []
    if text(content.get("redactedContent")):
        parts.append(Part("data", name="redactedContent", size=decoded_size(content["redactedContent"])))
    return parts


def _medium(kind: PartKind, key: str, value: dict[str, Any]) -> Part:
    source = obj(value.get("source"))
    style = text(value.get("format"))
    media_type = (style if key == "document" else f"{key}/{style}") if style else None
    name = text(value.get("name")) or None
    if isinstance(source.get("bytes"), str):
        return media(kind, source["bytes"], media_type, name)
    if isinstance(source.get("text"), str):
        return Part(kind, media_type=media_type, size=len(source["text"].encode()), name=name)
    return Part(kind, media_type=media_type, name=name, url=text(obj(source.get("s3Location")).get("uri")) or None)


def citation(item: dict[str, Any]) -> Part:
    """Read a citation of Converse: the title of the source, its address where it has one."""
    location = obj(item.get("location"))
    url = text(obj(location.get("web")).get("url")) or text(item.get("source")) or None
    title = text(item.get("title")) or "".join(text(piece.get("text")) for piece in objects(item.get("sourceContent")))
    return Part("citation", title, url=url, data=location or None)


def result_words(content: Any) -> str:
    """Return the text and JSON of a tool's result."""
    words = []
    for item in objects(content):
        if isinstance(item.get("text"), str):
            words.append(item["text"])
        elif "json" in item:
            words.append(as_text(item["json"]))
    return "".join(words)


def agent(payload: dict[str, Any]) -> Conversation:
    """Read the body of InvokeAgent, InvokeInlineAgent, RetrieveAndGenerate and InvokeFlow."""
    conversation = Conversation()
    known = {"inputText", "input", "instruction", "inputs"}
    if text(payload.get("instruction")):
        conversation.turns.append(Turn("system", [Part("text", payload["instruction"])]))
    state = obj(payload.get("sessionState")) or obj(payload.get("inlineSessionState"))
    for item in objects(obj(state.get("conversationHistory")).get("messages")):
        conversation.turns.append(turn_of(text(item.get("role")) or "unknown", _blocks(item.get("content"))))
    results = [_returned(item, state) for item in objects(state.get("returnControlInvocationResults"))]
    if results:
        conversation.turns.append(Turn("tool", results))
    asked = payload.get("inputText", obj(payload.get("input")).get("text"))
    if not is_vacant(asked):
        conversation.turns.append(Turn("user", [Part("text", as_text(asked))]))
    for item in objects(payload.get("inputs")):
        document = obj(item.get("content")).get("document")
        conversation.turns.append(Turn("user", [Part("text", "" if document is None else as_text(document))]))
    for group in objects(payload.get("actionGroups")):
        for function in objects(obj(group.get("functionSchema")).get("functions")):
            name, about = text(function.get("name")), text(function.get("description"))
            conversation.tools.append(Tool(name, about or None, function.get("parameters")))
    conversation.parameters = {key: value for key, value in payload.items() if key not in known}
    return conversation


def _returned(item: dict[str, Any], state: dict[str, Any]) -> Part:
    """Read what the program hands back after the agent gave it control."""
    result = next((obj(value) for value in item.values()), {})
    body = next((text(obj(value).get("body")) for value in obj(result.get("responseBody")).values()), "")
    name = text(result.get("function")) or text(result.get("apiPath")) or None
    return Part("tool_result", body, id=text(state.get("invocationId")) or None, name=name)


_PROMPTS = ("prompt", "inputText", "message")


def invoke(payload: dict[str, Any]) -> Conversation:
    """Read the body of InvokeModel for a model that takes one prompt, as Titan, Llama and Mistral do."""
    conversation = Conversation()
    key = next((key for key in _PROMPTS if isinstance(payload.get(key), str)), None)
    if key:
        conversation.turns.append(Turn("user", [Part("text", payload[key])]))
    listed = payload.get("images")
    images = [
        media("image", item, None) for item in (listed if isinstance(listed, list) else []) if isinstance(item, str)
    ]
    if images:
        conversation.turns.append(Turn("user", images))
    conversation.parameters = {k: v for k, v in payload.items() if k not in (key, "images")}
    return conversation
