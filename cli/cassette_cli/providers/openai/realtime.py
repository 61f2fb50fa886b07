"""OpenAI's Realtime API, and the servers that speak it (Azure OpenAI, Azure Voice Live, xAI).

Defined by https://platform.openai.com/docs/api-reference/realtime-server-events and `realtime-client-events`;
the names of its beta (`response.text.delta`, `response.audio.delta`) are read as those of today. Azure's and
xAI's own events: https://learn.microsoft.com/azure/ai-services/speech-service/voice-live-api-reference and
https://docs.x.ai/docs/guides/voice.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from cassette_cli.model.message import Conversation, Message, Part, ToolCall, Turn
from cassette_cli.providers.base import Exchange, StreamProtocol
from cassette_cli.providers.errors import record
from cassette_cli.providers.openai.items import item_parts
from cassette_cli.providers.openai.requests import block_part, offered
from cassette_cli.providers.sessions import add_usage, response_of, sound
from cassette_cli.providers.values import decoded_size, index_of, is_vacant, obj, objects, text
from cassette_cli.streams import websocket
from cassette_cli.streams.frames import Frame

_FAMILIES = ("session.", "conversation.", "input_audio_buffer.", "output_audio_buffer.", "transcription_session.")
_ENDS = ("completed", "cancelled", "incomplete", "failed")
_BETA = {"response.audio": "response.output_audio", "response.text": "response.output_text"}
_UNTOLD = frozenset({"id", "object", "expires_at", "client_secret", "tools", "instructions"})
"""Members of a session that are no settings, or are told elsewhere."""

STATE: Final = frozenset({
    "conversation.created", "conversation.item.delete", "conversation.item.retrieve", "conversation.item.truncate",
    "conversation.item.input_audio_transcription.segment", "input_audio_buffer.cleared", "input_audio_buffer.commit",
    "input_audio_buffer.dtmf_event_received", "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped", "input_audio_buffer.timeout_triggered", "mcp_list_tools.completed",
    "mcp_list_tools.failed", "mcp_list_tools.in_progress", "output_audio_buffer.clear", "output_audio_buffer.cleared",
    "output_audio_buffer.started", "output_audio_buffer.stopped", "ping", "rate_limits.updated", "response.cancel",
    "response.content_part.added", "response.content_part.done", "response.mcp_call.completed",
    "response.mcp_call.failed", "response.mcp_call.in_progress", "response.output_audio.done",
})  # fmt: skip
"""Events that add nothing to what is said: they tell a state, or repeat what other events say."""


def current(kind: str) -> str:
    """Return the name that an event has today."""
    for old, new in _BETA.items():
        if kind.startswith((old + ".", old + "_")):
            return new + kind[len(old) :]
    return kind


class OpenAIRealtime(StreamProtocol):
    """OpenAI's Realtime API."""

    name = "openai-realtime"
    about = "session.*, conversation.*, input_audio_buffer.* or realtime response.* events over a WebSocket"
    paths = ("/realtime",)

    def claims(self, exchange: Exchange, frame: Frame) -> bool:
        """Claim by the type of the event; those of responses have ids here, and numbers in the Responses API."""
        if exchange.framing != websocket.NAME:
            return False
        event = frame.object
        kind = text(event.get("type"))
        if kind == "response.create":
            return "input" not in event and "model" not in event
        if kind.startswith("response."):
            return "event_id" in event or obj(event.get("response")).get("object") == "realtime.response"
        return kind.startswith(_FAMILIES)

    def decoder(self, exchange: Exchange) -> "Decoder":
        """Return a decoder for one connection."""
        return Decoder(exchange)


protocol = OpenAIRealtime()


@dataclass(slots=True)
class _Item:
    """One item of the conversation: what the last event said of it, and the deltas by field and place."""

    value: dict[str, Any] = field(default_factory=dict)
    response: str | None = None
    deltas: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    audio: int = 0
    echoed: bool = False

    @property
    def role(self) -> str:
        kind = text(self.value.get("type"))
        if kind.endswith(("_output", "_response")):
            return "tool"
        return text(self.value.get("role")) or ("assistant" if kind else "user")

    def take(self, value: dict[str, Any]) -> None:
        """Take what an event says of the item; what it leaves empty is as it was."""
        self.value = {**self.value, **{key: one for key, one in value.items() if not is_vacant(one)}}

    def said(self, name: str, place: int) -> str:
        return "".join(self.deltas.get((name, place), ()))


class Decoder:
    """Follows the items of the conversation, and the responses that the server makes of them."""

    def __init__(self, exchange: Exchange) -> None:
        del exchange
        self._message = Message()
        self._session: dict[str, Any] = {}
        self._items: list[_Item] = []
        self._responses: dict[str, dict[str, Any]] = {}
        self._heard = 0  # bytes of sound that were sent, and are in no item so far
        self._asked = False
        self._unknown: dict[str, None] = {}
        self.handlers = self._table()

    def _table(self) -> dict[str, Callable[[dict[str, Any]], None]]:
        """Return what is done with each event that says something."""
        return {
            **dict.fromkeys(("session.created", "session.update", "session.updated"), self._set_session),
            **dict.fromkeys(("transcription_session.update", "transcription_session.updated"), self._set_session),
            "conversation.item.create": self._created,
            **dict.fromkeys(
                (f"conversation.item.{one}" for one in ("created", "added", "done", "retrieved")), self._told
            ),
            **dict.fromkeys(("response.output_item.added", "response.output_item.done"), self._told),
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.clear": self._clear,
            "input_audio_buffer.committed": self._committed,
            "response.create": self._respond,
            **dict.fromkeys(("response.created", "response.done"), self._response),
            **dict.fromkeys((f"{kind}.{end}" for kind in _TEXTS for end in ("delta", "done")), self._words),
            "conversation.item.input_audio_transcription.updated": self._words,
            "conversation.item.input_audio_transcription.completed": self._words,
            "conversation.item.input_audio_transcription.failed": self._not_heard,
            "response.output_audio.delta": self._sound,
            "conversation.item.deleted": self._deleted,
            "conversation.item.truncated": self._truncated,
            "error": self._failed,
        }

    def feed(self, frame: Frame) -> None:
        """Take an event of either side."""
        if frame.event == "closed":
            return
        event = frame.object
        kind = current(text(event.get("type")))
        handler = self.handlers.get(kind)
        if handler is not None:
            handler(event)
        elif kind not in STATE and kind:
            self._unknown[kind] = None

    def _set_session(self, event: dict[str, Any]) -> None:
        self._session = {**self._session, **obj(event.get("session"))}

    def _created(self, event: dict[str, Any]) -> None:
        """Take an item that the client adds: the server will tell it again, with an id."""
        self._items.append(_Item(obj(event.get("item"))))

    def _told(self, event: dict[str, Any]) -> None:
        value = obj(event.get("item"))
        item = self._find(text(value.get("id")), value)
        item.take(value)
        if text(event.get("response_id")):
            item.response = event["response_id"]

    def _find(self, item_id: str, value: dict[str, Any] | None = None) -> _Item:
        """Return the item of an id: a known one, the client's that is told again, or a new one."""
        for item in reversed(self._items):
            if item_id and item.value.get("id") == item_id:
                item.echoed = True
                return item
        own = value or {}
        keys = ("type", "role", "call_id")
        for item in self._items:
            fresh = value is not None and not item.echoed and not item.value.get("id")
            if fresh and all(item.value.get(key) == own.get(key) for key in keys):
                item.echoed = True
                return item
        made = _Item({"id": item_id}, echoed=True)
        self._items.append(made)
        return made

    def _append(self, event: dict[str, Any]) -> None:
        self._heard += decoded_size(text(event.get("audio")))

    def _clear(self, _: dict[str, Any]) -> None:
        self._heard = 0

    def _committed(self, event: dict[str, Any]) -> None:
        item = self._find(text(event.get("item_id")))
        item.take({"type": "message", "role": "user"})
        item.audio += self._heard
        self._heard = 0

    def _respond(self, _: dict[str, Any]) -> None:
        self._asked = True

    def _response(self, event: dict[str, Any]) -> None:
        """Take a response as it begins, or as it ends with all its items."""
        response = obj(event.get("response"))
        key = text(response.get("id"))
        self._asked = False
        if not is_vacant(event.get("usage")) and is_vacant(response.get("usage")):  # xAI tells it beside the response
            response = {**response, "usage": event["usage"]}
        self._responses[key] = {**self._responses.get(key, {}), **response}
        for value in objects(response.get("output")):
            self._told({"item": value, "response_id": key})

    def _words(self, event: dict[str, Any]) -> None:
        """Take a delta, or at its end the whole of what the deltas said."""
        kind, _, last = current(text(event.get("type"))).rpartition(".")
        name = _TEXTS[kind]
        item = self._find(text(event.get("item_id")))
        if text(event.get("response_id")):
            item.response = event["response_id"]
            item.value.setdefault("type", name if name.endswith("_call") else "message")
            if name == "function_call" and text(event.get("name")):
                item.take({"name": event["name"]})
            item.take({"call_id": event.get("call_id")})
        key = (name, index_of(event, "content_index"))
        if last == "delta":
            item.deltas.setdefault(key, []).append(text(event.get("delta")))
            return
        whole = next((event[one] for one in ("transcript", "text", "arguments") if text(event.get(one))), None)
        if whole is not None:
            item.deltas[key] = [whole]

    def _sound(self, event: dict[str, Any]) -> None:
        item = self._find(text(event.get("item_id")))
        item.response = text(event.get("response_id")) or item.response
        item.audio += decoded_size(text(event.get("delta")))

    def _not_heard(self, event: dict[str, Any]) -> None:
        words = text(obj(event.get("error")).get("message")) or "no reason is given"
        self._message.notes.append(f"what the user said was not transcribed: {words}")

    def _deleted(self, event: dict[str, Any]) -> None:
        self._message.notes.append(f"the item {text(event.get('item_id'))} was deleted from the conversation")

    def _truncated(self, event: dict[str, Any]) -> None:
        ms = event.get("audio_end_ms")
        self._message.notes.append(f"the item {text(event.get('item_id'))} was played up to {ms} ms")

    def _failed(self, event: dict[str, Any]) -> None:
        self._asked = False
        record(self._message, event.get("error") or event)

    def finish(self) -> Message:
        """Return the session; it is complete if every response that began, or was asked for, came to its end."""
        message = self._message
        settings = {key: one for key, one in self._session.items() if key not in _UNTOLD and not is_vacant(one)}
        message.session = Conversation(self._turns(), offered(self._session.get("tools")), settings)
        message.model = text(self._session.get("model")) or None
        cut = self._asked
        for key, response in self._responses.items():
            status = text(response.get("status"))
            parts = [part for item in self._items if item.response == key for part in self._parts(item)]
            message.choices.append(response_of(len(message.choices), parts, status if status in _ENDS else None))
            if isinstance(response.get("usage"), dict):
                message.usage = add_usage(message.usage or {}, response["usage"])
            details = obj(response.get("status_details"))
            if details.get("error"):
                record(message, details["error"])
            elif text(details.get("reason")):
                message.notes.append(f"response {len(message.choices) - 1} is {status}: {details['reason']}")
            cut = cut or status not in _ENDS
        if self._unknown:
            message.notes.append("events of unknown types are left out: " + ", ".join(self._unknown))
        if cut and not message.errors:
            message.notes.append("the connection ended before response.done")
        message.complete = not cut and not message.errors
        return message

    def _turns(self) -> list[Turn]:
        """Return what was said by role; the items of one response are one turn."""
        turns: list[Turn] = []
        if text(self._session.get("instructions")):
            turns.append(Turn("system", [Part("text", self._session["instructions"])]))
        last: str | None = None
        for item in self._items:
            parts = self._parts(item)
            if item.response is not None and item.response == last:
                turns[-1].parts += parts
            elif parts:
                turns.append(Turn(item.role, parts))
            else:
                continue
            last = item.response
        if self._heard:
            turns.append(Turn("user", [self._sound_of("input", self._heard, "")]))
        return turns

    def _parts(self, item: _Item) -> list[Part]:
        kind = text(item.value.get("type")) or "message"
        if kind == "function_call":
            arguments = text(item.value.get("arguments")) or item.said(kind, 0)
            made = ToolCall(text(item.value.get("call_id")) or None, text(item.value.get("name")) or None, arguments)
            return [Part("tool_call", tool_call=made)]
        if kind == "message":
            return self._content(item)
        if kind == "mcp_list_tools":
            return []
        return item_parts(item.value)

    def _content(self, item: _Item) -> list[Part]:
        """Read the blocks of a message; what the deltas said stands in for those that are empty or missing."""
        blocks = objects(item.value.get("content"))
        side = "input" if item.role == "user" else "output"
        parts: list[Part] = []
        audio = item.audio
        for at in range(max([len(blocks), *(place + 1 for _, place in item.deltas)])):
            block = blocks[at] if at < len(blocks) else {}
            kind = text(block.get("type")) or ("text" if ("text", at) in item.deltas else "audio")
            if kind in ("audio", "input_audio", "output_audio"):
                words = text(block.get("transcript")) or item.said("transcript", at)
                parts.append(self._sound_of(side, decoded_size(text(block.get("audio"))) or audio, words))
                audio = 0
            elif kind in ("text", "input_text", "output_text"):
                parts.append(Part("text", text(block.get("text")) or item.said("text", at)))
            else:
                parts.append(block_part(block))
        return [*parts, self._sound_of(side, audio, "")] if audio else parts

    def _sound_of(self, side: str, size: int, transcript: str) -> Part:
        """Describe sound in the format that the session has for a side; that is 24 kHz unless it is said."""
        new = obj(obj(obj(self._session.get("audio")).get(side)).get("format"))
        kind = text(new.get("type")) or text(self._session.get(f"{side}_audio_format")) or "pcm16"
        rate = new.get("rate")
        return sound(kind, size, transcript, rate=rate if isinstance(rate, int) and rate > 0 else 24000)


_TEXTS = {
    "response.output_text": "text",
    "response.output_audio_transcript": "transcript",
    "response.function_call_arguments": "function_call",
    "response.mcp_call_arguments": "mcp_call",
    "conversation.item.input_audio_transcription": "transcript",
}
"""Events whose deltas say something: the field that they add to, or the type of the call."""
