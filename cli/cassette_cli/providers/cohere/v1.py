"""Cohere's version 1: chat and generate, as JSON lines or SSE, and generate as Bedrock streams it.

Defined by https://docs.cohere.com/v1/reference/chat-stream and https://docs.cohere.com/v1/reference/generate.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Choice, Message, Part, ToolCall
from cassette_cli.providers import errors
from cassette_cli.providers.base import ByIndex, Exchange, as_text, index_of, json_positions, obj, objects, text
from cassette_cli.providers.blocks import settle, unstreamed
from cassette_cli.providers.cohere.requests import chat_v1 as conversation
from cassette_cli.streams.frames import Frame

__all__ = ["ABOUT", "NAME", "Decoder", "claims", "claims_whole", "conversation", "empties", "message"]

NAME = "cohere-v1"
ABOUT = "objects with event_type text-generation, stream-end, …, or with text and is_finished"

_EVENTS = frozenset(
    ("stream-start", "text-generation", "search-queries-generation", "search-results", "tool-calls-chunk",
     "tool-calls-generation", "citation-generation", "stream-end", "debug")
)  # fmt: skip
_PATHS = ("/v1/chat", "/v1/generate")


def claims(exchange: Exchange, frame: Frame) -> bool:
    """Claim by the type of the event, else by `is_finished`; an error by the path."""
    chunk = frame.object
    if text(chunk.get("event_type")) in _EVENTS or isinstance(chunk.get("is_finished"), bool):
        return True
    return _is_error(exchange, chunk)


def claims_whole(exchange: Exchange, payload: dict[str, Any]) -> bool:
    """Claim a chat by its text and generation, a generate by its generations; an error by the path."""
    if isinstance(payload.get("text"), str) and "generation_id" in payload:
        return True
    if any("text" in item for item in objects(payload.get("generations"))):
        return True
    return _is_error(exchange, payload)


def _is_error(exchange: Exchange, payload: dict[str, Any]) -> bool:
    return exchange.path.endswith(_PATHS) and isinstance(payload.get("message"), str) and "error" not in payload


class _Answer:
    """One generation under way; chat has exactly one."""

    __slots__ = ("finish", "pieces")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.finish: str | None = None


class Decoder:
    """Joins the text; the response at the end is whole, and counts where it is there."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.message = Message()
        self._answers: ByIndex[_Answer] = ByIndex(_Answer)
        self._calls: list[ToolCall] = []
        self._plan: list[str] = []
        self._citations: list[Part] = []
        self._finish: str | None = None
        self._ended = False

    def feed(self, frame: Frame) -> None:
        """Take an event, or a piece of a generation."""
        event = frame.object
        kind = event.get("event_type")
        if kind == "citation-generation":
            self._citations.extend(map(_citation, objects(event.get("citations"))))
        elif kind == "tool-calls-chunk":
            self._plan.append(text(event.get("text")) or text(obj(event.get("tool_call_delta")).get("text")))
        elif kind == "tool-calls-generation":
            self._calls = list(map(_call, objects(event.get("tool_calls"))))
        elif kind in (None, "text-generation"):
            if isinstance(event.get("text"), str):
                self._answers[index_of(event)].pieces.append(event["text"])
            if kind is None and event.get("finish_reason") and "index" in event:
                self._answers[index_of(event)].finish = text(event["finish_reason"]) or None
        if event.get("is_finished") is True:
            self._end(event)
        if "err" in event or (kind is None and isinstance(event.get("message"), str)):
            errors.record(self.message, event.get("err") or event)

    def _end(self, event: dict[str, Any]) -> None:
        self._ended = True
        self._finish = text(event.get("finish_reason")) or self._finish
        if isinstance(event.get("response"), dict):
            self.whole(event["response"])

    def whole(self, payload: dict[str, Any]) -> None:
        """Take a whole response, streamed last or not streamed at all."""
        for position, item in enumerate(objects(payload.get("generations"))):
            answer = self._answers[item.get("index") if isinstance(item.get("index"), int) else position]
            answer.pieces = [text(item.get("text"))] if text(item.get("text")) else answer.pieces
            answer.finish = text(item.get("finish_reason")) or answer.finish
        if text(payload.get("text")):
            self._answers[0].pieces = [payload["text"]]
        self._calls = list(map(_call, objects(payload.get("tool_calls")))) or self._calls
        self._citations = list(map(_citation, objects(payload.get("citations")))) or self._citations
        self._finish = text(payload.get("finish_reason")) or self._finish
        meta = payload.get("meta")
        if meta and isinstance(meta, dict):
            self.message.usage = {key: value for key, value in meta.items() if key != "api_version"} or None

    def finish(self) -> Message:
        """Return the message; the request names the model."""
        if self._calls or self._citations or self._ended:
            _ = self._answers[0]
        self.message.choices = [
            Choice(index, text="".join(answer.pieces), finish_reason=answer.finish or self._finish)
            for index, answer in self._answers.items()
        ]
        if self.message.choices:
            first = self.message.choices[0]
            first.tool_calls = self._calls
            plan = "".join(self._plan)
            if plan or self._citations:
                first.parts = [Part("data", plan, name="tool_plan")] if plan else []
                first.parts += [Part("text", first.text)] if first.text else []
                first.parts += [
                    *self._citations,
                    *(Part("tool_call", tool_call=call) for call in self._calls),
                ]
        self.message.model = text(self._exchange.request.get("model")) or None
        if (self._finish or "").startswith("ERROR") and not self.message.errors:
            self.message.errors.append(f"the provider ended the stream with {self._finish}")
        return settle(self.message, ended=self._ended, sign="stream-end")


def _call(call: dict[str, Any]) -> ToolCall:
    arguments = call.get("parameters")
    return ToolCall(
        text(call.get("id")) or None,
        text(call.get("name")) or None,
        as_text({} if arguments is None else arguments),
    )


def _citation(item: dict[str, Any]) -> Part:
    sources = item.get("document_ids")
    return Part("citation", text(item.get("text")), data=sources or None)


def message(payload: dict[str, Any]) -> Message:
    """Read an answer that was not streamed."""
    decoder = Decoder(Exchange())
    if isinstance(payload.get("message"), str):
        errors.record(decoder.message, payload)
    decoder.whole(payload)
    return unstreamed(decoder.finish())


def empties(frames: Sequence[Frame]) -> list[int]:
    """Return the pieces of text that are "", neither first nor last."""
    found = []
    for i in json_positions(frames)[1:-1]:
        event = frames[i].object
        unfinished = event.get("is_finished") is False
        if unfinished and event.get("text") == "" and event.keys() <= {"is_finished", "event_type", "text"}:
            found.append(i)
    return [i for i in found if frames[i].object.get("event_type") == "text-generation"]
