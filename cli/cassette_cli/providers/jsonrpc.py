"""JSON-RPC 2.0, streamed or whole: the Model Context Protocol, the Agent2Agent protocol, and others.

Defined by https://www.jsonrpc.org/specification; MCP's streamable HTTP transport by
https://modelcontextprotocol.io/specification, A2A's streams by https://a2a-protocol.org/latest/specification.
There is no message to rebuild: each JSON-RPC message is shown as what it is, in order.
"""

from typing import Any

from cassette_cli.model.message import Conversation, Message, Part, ToolCall, Turn
from cassette_cli.providers.base import Exchange, StreamProtocol
from cassette_cli.providers.blocks import choice_of
from cassette_cli.providers.errors import error_text
from cassette_cli.providers.values import as_text, media, obj, objects, text
from cassette_cli.streams.frames import Frame


class JsonRpc(StreamProtocol):
    """JSON-RPC 2.0."""

    name = "jsonrpc"
    about = "JSON-RPC 2.0 messages (MCP, A2A)"

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim by the version that every message states."""
        del exchange
        return payload.get("jsonrpc") == "2.0"

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return read_request(payload)


protocol = JsonRpc()


class Decoder:
    """Lists the messages; the text of MCP results is the text of the answer.

    A stream that answers a request is complete once the message with the request's id has come.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._asked = exchange.request
        self._parts: list[Part] = []
        self._errors: list[str] = []
        self._ids: set[Any] = set()
        self._failed = False

    def feed(self, frame: Frame) -> None:
        """Take a result, an error, a request of the server or a notification."""
        item = frame.object
        if "method" in item:
            self._parts.append(Part("data", name=as_text(item["method"]), data=item.get("params")))
            return
        if "error" in item or "result" in item:
            answered = item.get("id")
            self._ids.add(answered if isinstance(answered, str | int | float | None) else None)
        if "error" in item:
            self._failed = True
            self._errors.append(error_text(item["error"]))
            self._parts.append(Part("data", name="error", data=item["error"]))
        elif "result" in item:
            self._result(item)

    def _result(self, item: dict[str, Any]) -> None:
        result = item["result"]
        fields = obj(result)
        blocks = content_parts(fields.get("content"))
        self._parts.extend(blocks)
        if fields.get("isError") is True:
            self._errors.append("".join(part.text for part in blocks) or "the tool reports an error")
        rest = {key: value for key, value in fields.items() if key not in ("content", "isError")}
        if not blocks:
            self._parts.append(Part("data", name=self._name(item.get("id"), fields), data=result))
        elif rest:
            self._parts.append(Part("data", name="result", data=rest))

    def _name(self, answered: Any, fields: dict[str, Any]) -> str:
        """Name a result: A2A's by its kind, others by the method that was asked for under that id."""
        kind = text(fields.get("kind"))
        if not kind and answered is not None and answered == self._asked.get("id"):
            kind = text(self._asked.get("method"))
        return kind or "result"

    def finish(self) -> Message:
        """Return the messages as the parts of one choice."""
        answer = Message(choices=[choice_of(self._parts)], errors=self._errors)
        asked = self._asked.get("id")
        asked = asked if isinstance(asked, str | int | float) else None
        # An error that answers no id in particular says that the request itself could not be read.
        if asked is not None and "jsonrpc" in self._asked and not {None, asked} & self._ids:
            answer.notes.append("the stream was cut: the request has no answer in it")
            answer.complete = False
        answer.complete = answer.complete and not self._failed
        return answer


def read_request(payload: dict[str, Any]) -> Conversation:
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
