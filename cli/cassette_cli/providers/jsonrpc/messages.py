"""JSON-RPC 2.0, streamed or whole: the Model Context Protocol, the Agent2Agent protocol, and others.

Defined by https://www.jsonrpc.org/specification; MCP's streamable HTTP transport by
https://modelcontextprotocol.io/specification, A2A's streams by https://a2a-protocol.org/latest/specification.
There is no message to rebuild: each JSON-RPC message is shown as what it is, in order.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Message, Part
from cassette_cli.providers.base import Exchange, as_text, error_text, obj, text
from cassette_cli.providers.choices import choice_of as choice_of_parts
from cassette_cli.providers.jsonrpc.requests import content_parts, conversation
from cassette_cli.streams.frames import Frame

__all__ = ["ABOUT", "NAME", "Decoder", "claims", "claims_whole", "conversation", "empties", "message"]

NAME = "jsonrpc"
ABOUT = "JSON-RPC 2.0 messages (MCP, A2A)"


def claims(exchange: Exchange, frame: Frame) -> bool:
    """Claim by the version that every message states."""
    return claims_whole(exchange, frame.object)


def claims_whole(exchange: Exchange, payload: dict[str, Any]) -> bool:
    """Claim by the version that every message states."""
    del exchange
    return payload.get("jsonrpc") == "2.0"


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
        answer = Message(choices=[choice_of_parts(self._parts)], errors=self._errors)
        asked = self._asked.get("id")
        asked = asked if isinstance(asked, str | int | float) else None
        # An error that answers no id in particular says that the request itself could not be read.
        if asked is not None and "jsonrpc" in self._asked and not {None, asked} & self._ids:
            answer.notes.append("the stream was cut: the request has no answer in it")
            answer.complete = False
        answer.complete = answer.complete and not self._failed
        return answer


def message(payload: dict[str, Any]) -> Message:
    """Read one JSON-RPC message that is the whole body."""
    decoder = Decoder(Exchange())
    decoder.feed(Frame(None, "", (0, 0), parsed=payload))
    return decoder.finish()


def empties(frames: Sequence[Frame]) -> list[int]:
    """Return nothing: each message is one of its own."""
    del frames
    return []
