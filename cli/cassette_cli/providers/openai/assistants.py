"""OpenAI's assistants: runs on threads, streamed as `thread.*` events.

Defined by https://platform.openai.com/docs/api-reference/assistants-streaming/events. A completed
message or step holds its whole content and is the truth; deltas are used where it is missing.
"""

from collections.abc import Sequence
from typing import Any

from cassette_cli.model.message import Conversation, Message, Part, ToolCall
from cassette_cli.providers.base import Coalescing, Exchange, StreamProtocol, fields, whole_frame
from cassette_cli.providers.blocks import choice_of
from cassette_cli.providers.errors import error_message, failure, has_error, record, record_frame
from cassette_cli.providers.openai import requests
from cassette_cli.providers.openai.requests import block_part, citation
from cassette_cli.providers.values import ByIndex, as_text, index_of, obj, objects, text
from cassette_cli.streams.frames import Frame

_ENDED = ("completed", "incomplete", "failed", "cancelled", "expired", "requires_action")
_FAILED = ("failed", "expired", "cancelled")


class OpenAIAssistants(StreamProtocol):
    """OpenAI's assistants."""

    name = "openai-assistants"
    about = "thread.* events, or thread.run and thread.message objects"
    paths = ("/threads", "/threads/**")
    coalescing = (
        Coalescing(
            fields("delta.content.*.text.value", "delta.step_details.tool_calls.*.code_interpreter.input",
                  "delta.step_details.tool_calls.*.function.arguments"),
            equal=fields("id", "object", "delta.content.*.index", "delta.content.*.type", "delta.step_details.type",
                        "delta.step_details.tool_calls.*.index", "delta.step_details.tool_calls.*.type"),
        ),
    )  # fmt: skip

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the name of the event or of its object, else an error at the path of a run."""
        if text(frame.object.get("object")).startswith("thread.") or (frame.event or "").startswith("thread."):
            return True
        return "/threads" in exchange.path and has_error(frame)

    def claims_whole(self, exchange: Exchange, payload: dict[str, Any]) -> bool:
        """Claim a run, a step or a message, lists of them, and what the path answers where it fails."""
        if any(text(item.get("object")).startswith("thread.") for item in [payload, *objects(payload.get("data"))]):
            return True
        return "/threads" in exchange.path and "object" not in payload and error_message(payload) is not None

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one stream."""
        return Decoder(exchange)

    def message(self, payload: dict[str, Any]) -> Message:
        """Read a run, a step, a message, or a list of these (newest first, as the API lists them)."""
        failed = failure(payload) if "object" not in payload else None
        if failed is not None:
            return failed
        items = list(reversed(objects(payload.get("data")))) or [payload]
        decoder = Decoder(Exchange())
        for item in items:
            decoder.feed(whole_frame(item))
        answer = decoder.finish()
        if payload.get("object") != "thread.run":  # Only a run can still be under way.
            answer.complete, answer.notes = not answer.errors, []
            for choice in answer.choices:
                choice.finish_reason = text(payload.get("status")) or None
        return answer

    def conversation(self, payload: dict[str, Any]) -> Conversation:
        """Read the request."""
        return requests.assistants(payload)

    def empties(self, frames: Sequence[Frame]) -> list[int]:
        """Return the deltas without words, whose message is completed later in the stream."""
        whole = {
            text(frame.object.get("id"))
            for frame in frames
            if frame.object.get("object") == "thread.message"
            and frame.object.get("status") in ("completed", "incomplete")
        }
        seen: set[tuple[str, int]] = set()
        found = []
        for i, frame in enumerate(frames):
            if frame.object.get("object") != "thread.message.delta":
                continue
            message_id = text(frame.object.get("id"))
            content = objects(obj(frame.object.get("delta")).get("content"))
            places = {(message_id, index_of(block)) for block in content}
            if (
                places
                and places <= seen
                and message_id in whole
                and all(map(_says_nothing, content))
                and not frame.fields
            ):
                found.append(i)
            else:
                seen |= places
        return found


protocol = OpenAIAssistants()


class _Entry:
    """One message or step under way: as its last whole event has it, and its deltas by index."""

    __slots__ = ("deltas", "whole")

    def __init__(self) -> None:
        self.whole: dict[str, Any] = {}
        self.deltas: ByIndex[dict[str, Any]] = ByIndex(dict)

    def parts(self) -> list[Part]:
        """Return the blocks of a message, or the calls of a step."""
        details = obj(self.whole.get("step_details"))
        given = objects(self.whole.get("content")) or objects(details.get("tool_calls")) or list(self.deltas)
        return [part for item in given for part in _parts(item)]


class Decoder:
    """Gathers messages and steps by id, in the order in which they begin."""

    def __init__(self, exchange: Exchange) -> None:
        self._message = Message(model=text(exchange.request.get("model")) or None, complete=False)
        self._entries: dict[str, _Entry] = {}
        self._run: dict[str, Any] = {}
        self._role: str | None = None

    def feed(self, frame: Frame) -> None:
        """Take an event; the object says what it is, whatever the event is called."""
        item = frame.object
        kind = text(item.get("object"))
        if not kind.startswith("thread."):
            record_frame(self._message, frame)
            return
        if kind == "thread.run":
            self._run = item
        elif kind in ("thread.message", "thread.run.step"):
            self._entry(item).whole = item
            self._role = text(item.get("role")) or self._role
        elif kind in ("thread.message.delta", "thread.run.step.delta"):
            delta = obj(item.get("delta"))
            found = objects(delta.get("content")) or objects(obj(delta.get("step_details")).get("tool_calls"))
            for entry in found:
                _merge(self._entry(item).deltas[index_of(entry)], entry)

    def _entry(self, item: dict[str, Any]) -> _Entry:
        return self._entries.setdefault(text(item.get("id")), _Entry())

    def finish(self) -> Message:
        """Return the message; it is complete when the run has ended and did not fail."""
        parts = [part for entry in self._entries.values() for part in entry.parts()]
        return _read(self._run, parts, self._role, self._message)


def _merge(into: dict[str, Any], delta: dict[str, Any]) -> None:
    """Add a delta to what came before: words are joined, lists grow, the rest is set once."""
    for key, value in delta.items():
        old = into.get(key)
        if isinstance(value, dict):
            _merge(into.setdefault(key, {}) if isinstance(old, dict) or old is None else {}, value)
        elif isinstance(value, list):
            into[key] = [*(old if isinstance(old, list) else []), *value]
        elif isinstance(value, str) and isinstance(old, str) and key in ("value", "input", "arguments", "refusal"):
            into[key] = old + value
        elif value is not None:
            into[key] = value


def _parts(item: dict[str, Any]) -> list[Part]:
    """Read one block of a message, or one call of a step with its output."""
    kind = text(item.get("type"))
    if kind not in ("function", "code_interpreter", "file_search", "retrieval"):
        return [
            block_part(item),
            *(citation(note) for note in objects(obj(item.get("text")).get("annotations"))),
        ]
    inner = obj(item.get(kind))
    call_id = text(item.get("id")) or None
    if kind != "function":
        return [Part("tool_call", tool_call=ToolCall(call_id, kind, as_text(inner)))]
    call = ToolCall(call_id, text(inner.get("name")) or None, as_text(inner.get("arguments") or ""))
    output = inner.get("output")
    result = [] if output is None else [Part("tool_result", as_text(output), id=call_id)]
    return [Part("tool_call", tool_call=call), *result]


def _read(run: dict[str, Any], parts: list[Part], role: str | None, answer: Message) -> Message:
    """Read the state of a run, and what it waits for, into the answer."""
    known = {part.tool_call.id for part in parts if part.tool_call is not None}
    required = obj(obj(run.get("required_action")).get("submit_tool_outputs")).get("tool_calls")
    for call in objects(required):
        if text(call.get("id")) not in known:
            parts += _parts(call)
    status = text(run.get("status"))
    answer.model = text(run.get("model")) or answer.model
    answer.usage = obj(run.get("usage")) or answer.usage
    answer.choices = [choice_of(parts, role or "assistant", status or None)] if parts or status or role else []
    if run.get("last_error"):
        record(answer, run["last_error"])
    reason = text(obj(run.get("incomplete_details")).get("reason"))
    if reason:
        answer.notes.append(f"the run is incomplete: {reason}")
    answer.complete = status in _ENDED and status not in _FAILED and not answer.errors
    if status not in _ENDED:
        answer.notes.append(f"the run has not ended: its last status is {status or 'unknown'}")
    return answer


def _says_nothing(block: dict[str, Any]) -> bool:
    inner = obj(block.get("text"))
    return block.get("type") == "text" and inner.get("value") == "" and not inner.get("annotations")
