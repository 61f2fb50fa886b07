"""JSON-RPC messages as parts: MCP's content blocks, A2A's parts, and anything else as it is.

Defined by https://modelcontextprotocol.io/specification (content blocks) and
https://a2a-protocol.org/latest/specification (message parts).
"""

from typing import Any

from cassette_cli.model.message import Conversation, Part, ToolCall, Turn
from cassette_cli.providers.base import as_text, obj, objects, text
from cassette_cli.providers.media import media


def conversation(payload: dict[str, Any]) -> Conversation:
    """Read a JSON-RPC request or notification: a tool call, a message to an agent, or its parameters."""
    method = text(payload.get("method"))
    params = payload.get("params")
    sent = obj(obj(params).get("message"))
    if method == "tools/call":
        call = ToolCall(None, text(obj(params).get("name")) or None, as_text(obj(params).get("arguments", {})))
        turn = Turn("user", [Part("tool_call", tool_call=call)])
    elif isinstance(sent.get("parts"), list):
        turn = Turn(text(sent.get("role")) or "user", agent_parts(sent))
    else:
        turn = Turn("user", [Part("data", name=method or None, data=params)])
    rest = {key: value for key, value in payload.items() if key != "params"}
    return Conversation(turns=[turn], parameters=rest)


def content_parts(blocks: Any) -> list[Part]:
    """Read the content of an MCP result: text, images, sound, links and embedded resources."""
    parts = []
    for block in objects(blocks):
        kind = block.get("type")
        media_type = text(block.get("mimeType")) or None
        if kind == "text":
            parts.append(Part("text", text(block.get("text"))))
        elif kind in ("image", "audio"):
            parts.append(media(kind, text(block.get("data")), media_type))
        elif kind == "resource_link":
            name = text(block.get("name")) or None
            parts.append(Part("file", url=text(block.get("uri")) or None, name=name, media_type=media_type))
        elif kind == "resource" and isinstance(obj(block.get("resource")).get("blob"), str):
            resource = block["resource"]
            parts.append(
                media(
                    "file",
                    resource["blob"],
                    text(resource.get("mimeType")) or None,
                    text(resource.get("uri")),
                )
            )
        else:
            parts.append(Part("data", name=text(kind) or None, data=block))
    return parts


def agent_parts(message: dict[str, Any]) -> list[Part]:
    """Read the parts of an A2A message: text, files and data, named by `kind` or (from 1.0) by their key."""
    parts = []
    for part in objects(message.get("parts")):
        file = obj(part.get("file"))
        name = text(file.get("name")) or None
        media_type = text(file.get("mimeType")) or None
        if isinstance(part.get("text"), str):
            parts.append(Part("text", part["text"]))
        elif isinstance(file.get("bytes"), str):
            parts.append(media("file", file["bytes"], media_type, name))
        elif file:
            parts.append(Part("file", url=text(file.get("uri")) or None, name=name, media_type=media_type))
        else:
            parts.append(Part("data", data=part.get("data", part)))
    return parts
