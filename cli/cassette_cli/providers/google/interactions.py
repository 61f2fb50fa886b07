"""Gemini's Interactions: SSE events, or one JSON answer.

Defined by https://ai.google.dev/api/interactions-api. Until May 2026 the events were called
`interaction.start`, `content.start`, `content.delta` and `interaction.complete`, and an answer held
`outputs` where it now holds `steps`; both are read.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Conversation, Message, Part
from cassette_cli.providers import errors
from cassette_cli.providers.base import Coalescing, Exchange, StreamProtocol, Usage, fields, mark_end, without_end
from cassette_cli.providers.blocks import Block, Blocks, choice_of_blocks
from cassette_cli.providers.deltas import json_positions, redundant
from cassette_cli.providers.google import requests
from cassette_cli.providers.google.requests import content_of, result_text
from cassette_cli.providers.values import ByIndex, as_text, index_of, is_vacant, obj, objects, text
from cassette_cli.streams.frames import Frame

_EVENTS = ("interaction.", "step.", "content.")
_ENDS = ("interaction.completed", "interaction.complete")


class GeminiInteractions(StreamProtocol):
    """Gemini's Interactions."""

    name = "gemini-interactions"
    about = "events with event_type interaction.*, step.* or content.*"
    paths = ("/interactions",)
    usage = Usage(("total_input_tokens",), ("total_output_tokens",))
    coalescing = (
        Coalescing(
            fields("delta.text", "delta.arguments"),
            equal=fields("event_type", "index", "delta.type"),
            kind_key="event_type",
            kinds=frozenset(("step.delta", "content.delta")),
        ),
    )

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the event's type; an error by the path."""
        kind = text(frame.object.get("event_type"))
        return kind.startswith(_EVENTS) or (kind == "error" and exchange.path.endswith("/interactions"))

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim an interaction by its name or its parts; an error by the path."""
        if payload.get("object") == "interaction":
            return True
        if exchange.path.endswith("/interactions"):
            return "error" in payload or ("status" in payload and ("steps" in payload or "outputs" in payload))
        return False

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read an interaction that was not streamed."""
        decoder = Decoder(Exchange())
        decoder.feed(Frame(None, "", (0, 0), parsed={"error": payload["error"]} if payload.get("error") else {}))
        decoder.state({key: value for key, value in payload.items() if key != "error"})
        return without_end(decoder.finish())

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return requests.interactions(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the deltas of text and arguments that are "", in a begun step, beside others of their kind."""
        found = []
        begun: set[int] = set()
        for i in json_positions(frames):
            event = frames[i].object
            # An event_id is where a client resumes.
            bare = event.keys() <= {"event_type", "event_id", "index", "delta"} and not event.get("event_id")
            if event.get("event_type") not in ("step.delta", "content.delta"):
                begun.update((index_of(event),) if "step" in event or "content" in event else ())
            elif bare and index_of(event) in begun and _is_empty(event.get("delta")):
                found.append(i)
            else:
                begun.add(index_of(event))
        return redundant(frames, found, _places)


protocol = GeminiInteractions()


class _Step:
    """One step, or one content of the older events, under way."""

    __slots__ = ("_call", "_content", "_result")

    def __init__(self) -> None:
        self._content = Blocks()
        self._call: Block | None = None
        self._result: Block | None = None

    def start(self, step: dict[str, Any]) -> None:
        kind = text(step.get("type"))
        if kind == "user_input":
            return
        if kind == "thought":
            for piece in objects(step.get("summary")):
                self._think(piece)
        elif kind == "model_output":
            for piece in objects(step.get("content")):
                self.delta(piece)
        else:
            self.delta(step)

    def delta(self, delta: dict[str, Any]) -> None:
        kind = text(delta.get("type"))
        if kind == "text":
            self._content.write("text", text(delta.get("text")))
            self._cite(delta)
        elif kind == "thought_summary":
            self._think(obj(delta.get("content")))
        elif kind == "thought":  # The older deltas.
            self._content.write("reasoning", text(delta.get("thought")))
        elif kind == "arguments_delta":
            self._take_call(delta, "")
        elif kind.endswith("_call"):
            self._take_call(delta, kind.removesuffix("_call"))
        elif kind.endswith("_result"):
            self._take_result(delta, kind.removesuffix("_result"))
        elif kind == "text_annotation_delta":
            self._cite(delta)
        elif kind not in ("", "thought_signature"):
            self._content.add(content_of(delta))

    def _think(self, content: dict[str, Any]) -> None:
        if text(content.get("type")) in ("", "text"):
            self._content.write("reasoning", text(content.get("text")))
        else:  # a picture among the thoughts
            self._content.add(content_of(content))

    def _take_call(self, call: dict[str, Any], name: str) -> None:
        block = self._call = self._call or Block("tool_call")
        block.call_id = block.call_id or text(call.get("id")) or None
        block.name = block.name or text(call.get("name")) or (name if name != "function" else None) or None
        arguments = call.get("arguments")
        if not is_vacant(arguments):  # A call starts with {}, its deltas then bring the text.
            block.deltas.append(as_text(arguments))

    def _take_result(self, result: dict[str, Any], name: str) -> None:
        block = self._result = self._result or Block("tool_result")
        block.call_id = block.call_id or text(result.get("call_id")) or None
        block.name = block.name or text(result.get("name")) or (name if name != "function" else None) or None
        block.deltas.append(result_text(result.get("result")))

    def _cite(self, item: dict[str, Any]) -> None:
        for note in objects(item.get("annotations")):
            url = text(note.get("url")) or text(note.get("document_uri")) or text(note.get("source")) or None
            title = text(note.get("title")) or text(note.get("file_name")) or text(note.get("name"))
            self._content.add(Part("citation", title, url=url))

    def blocks(self) -> list[Block]:
        call, result = self._call, self._result
        if call is not None and not call.deltas:
            call.deltas.append("{}")
        return [*self._content.blocks, *(block for block in (call, result) if block is not None)]


class Decoder:
    """Joins the deltas of each step; the last event states status and usage."""

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self._message = Message()
        self._steps: ByIndex[_Step] = ByIndex(_Step)
        self._status: str | None = None
        self._ended = False

    def feed(self, frame: Frame) -> None:
        """Take an event."""
        event = frame.object
        kind = text(event.get("event_type"))
        if kind in ("step.delta", "content.delta"):
            self._steps[index_of(event)].delta(obj(event.get("delta")))
        elif kind in ("step.start", "content.start"):
            self._steps[index_of(event)].start(obj(event.get("step")) or obj(event.get("content")))
        elif kind == "interaction.status_update":
            self.state(event)
        elif kind.startswith("interaction."):
            self.state(obj(event.get("interaction")))
            self._ended = self._ended or kind in _ENDS
        if event.get("error"):
            errors.record(self._message, event["error"])

    def state(self, interaction: dict[str, Any]) -> None:
        """Take the interaction itself; its steps count only where no delta came before."""
        message = self._message
        message.model = message.model or text(interaction.get("model")) or text(interaction.get("agent")) or None
        self._status = text(interaction.get("status")) or self._status
        if interaction.get("usage") and isinstance(interaction["usage"], dict):
            message.usage = interaction["usage"]
        if interaction.get("error"):
            errors.record(message, interaction["error"])
        if not len(self._steps):
            steps = objects(interaction.get("steps")) or objects(interaction.get("outputs"))
            for index, step in enumerate(steps):
                self._steps[index].start(step)

    def finish(self) -> Message:
        """Return the message; its finish reason is the interaction's status."""
        blocks = [block for step in self._steps for block in step.blocks()]
        finish = self._status if self._status not in ("in_progress", "queued") else None
        if blocks or finish:
            self._message.choices = [choice_of_blocks(blocks, finish=finish)]
        if self._status == "failed" and not self._message.errors:
            self._message.errors.append("the interaction failed")
        return mark_end(self._message, ended=self._ended, sign="interaction.completed")


def _places(frame: Frame) -> list[tuple[int, str]]:
    """Return the step and the type of a delta."""
    event = frame.object
    if event.get("event_type") not in ("step.delta", "content.delta"):
        return []
    return [(index_of(event), text(obj(event.get("delta")).get("type")))]


def _is_empty(delta: Any) -> bool:
    return delta in ({"type": "text", "text": ""}, {"type": "arguments_delta", "arguments": ""})
