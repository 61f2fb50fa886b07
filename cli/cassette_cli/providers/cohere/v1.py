"""Cohere's version 1: chat and generate, as JSON lines or SSE, and generate as Bedrock streams it.

Defined by https://docs.cohere.com/v1/reference/chat-stream and https://docs.cohere.com/v1/reference/generate.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Choice, Conversation, Message, Part, ToolCall
from cassette_cli.providers import errors
from cassette_cli.providers.base import Coalescing, Exchange, StreamProtocol, Usage, fields, mark_end, without_end
from cassette_cli.providers.cohere import requests
from cassette_cli.providers.deltas import json_positions, redundant
from cassette_cli.providers.values import ByIndex, as_text, index_of, obj, objects, text
from cassette_cli.streams.frames import Frame

_EVENTS = frozenset(
    ("stream-start", "text-generation", "search-queries-generation", "search-results", "tool-calls-chunk",
     "tool-calls-generation", "citation-generation", "stream-end", "debug")
)  # fmt: skip
_PATHS = ("/v1/chat", "/v1/generate")


class CohereV1(StreamProtocol):
    """Cohere's version 1."""

    name = "cohere-v1"
    about = "objects with event_type text-generation, stream-end, …, or with text and is_finished"
    paths = ("/v1/chat",)
    usage = Usage(within=("tokens", "billed_units"))
    coalescing = (
        Coalescing(
            fields("text"),
            equal=fields("is_finished", "event_type"),
            kind_key="event_type",
            kinds=frozenset(("text-generation",)),
        ),
    )

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the type of the event, else by `is_finished`; an error by the path."""
        chunk = frame.object
        if text(chunk.get("event_type")) in _EVENTS or isinstance(chunk.get("is_finished"), bool):
            return True
        return _is_error(exchange, chunk)

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim a chat by its text and generation, a generate by its generations; an error by the path."""
        if isinstance(payload.get("text"), str) and "generation_id" in payload:
            return True
        if any("text" in item for item in objects(payload.get("generations"))):
            return True
        return _is_error(exchange, payload)

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read an answer that was not streamed."""
        decoder = Decoder(Exchange())
        if isinstance(payload.get("message"), str):
            errors.record(decoder.message, payload)
        decoder.whole(payload)
        return without_end(decoder.finish())

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return requests.chat_v1(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the deltas of text that are "", beside others, neither first nor last."""
        found = []
        for i in json_positions(frames)[1:-1]:
            event = frames[i].object
            bare = event.get("is_finished") is False and event.keys() <= {"is_finished", "event_type", "text"}
            if bare and event.get("text") == "" and event.get("event_type") == "text-generation":
                found.append(i)
        return redundant(frames, found, lambda frame: ["text"] * (frame.object.get("event_type") == "text-generation"))


protocol = CohereV1()


def _is_error(exchange: Exchange, payload: dict[str, Any]) -> bool:
    return exchange.path.endswith(_PATHS) and isinstance(payload.get("message"), str) and "error" not in payload


class _Answer:
    """One generation under way; chat has exactly one."""

    __slots__ = ("deltas", "finish")

    def __init__(self) -> None:
        self.deltas: list[str] = []
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
        """Take an event, or a delta of a generation."""
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
                self._answers[index_of(event)].deltas.append(event["text"])
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
            answer.deltas = [text(item.get("text"))] if text(item.get("text")) else answer.deltas
            answer.finish = text(item.get("finish_reason")) or answer.finish
        if text(payload.get("text")):
            self._answers[0].deltas = [payload["text"]]
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
            Choice(index, text="".join(answer.deltas), finish_reason=answer.finish or self._finish)
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
        return mark_end(self.message, ended=self._ended, sign="stream-end")


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
