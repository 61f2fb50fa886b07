"""One choice of an OpenAI-like answer under way: what `chat` and its kin join deltas into.

Field by field by https://platform.openai.com/docs/api-reference/chat-streaming, with the additions
of Mistral (content as blocks), OpenRouter (`reasoning_details`, `images`), DeepSeek and vLLM
(`reasoning_content`), Groq (`executed_tools`) and Perplexity (`reasoning_steps`).
"""

import json
from typing import Any

from cassette_cli.model.message import Choice, Part, ToolCall
from cassette_cli.providers.openai.requests import block_part, citation
from cassette_cli.providers.values import as_text, decoded_size, obj, objects, text

_THOUGHTS = ("reasoning_content", "reasoning", "reasoning_text")


class Call:
    """One tool call under way; `index` is the provider's, None where it sends none."""

    __slots__ = ("arguments", "id", "index", "name")

    def __init__(self, index: int | None = None) -> None:
        self.index = index
        self.id: str | None = None
        self.name: str | None = None
        self.arguments: list[str] = []

    def add(self, call_id: str | None, function: dict[str, Any]) -> None:
        """Take a delta: the first id and name count, arguments (or a custom tool's input) are joined."""
        self.id = self.id or call_id
        self.name = self.name or text(function.get("name")) or None
        arguments = function.get("arguments", function.get("input"))
        if arguments is not None:
            # Some servers stream the arguments as an object; the SDK would fail on it.
            self.arguments.append(as_text(arguments))

    def is_followed_by(self, call_id: str, name: str) -> bool:
        """Say whether a delta under this index starts another call: a new id and a name after a whole call."""
        if not (call_id and name and self.id) or call_id == self.id:
            return False
        try:
            json.loads("".join(self.arguments))
        except (ValueError, RecursionError):
            return not any(self.arguments) and name != self.name
        return True

    def done(self) -> ToolCall:
        """Return the call."""
        return ToolCall(self.id, self.name, "".join(self.arguments))


class Answer:
    """One choice under way; `notes` are for the reader of the message."""

    __slots__ = (
        "audio", "calls", "citations", "extras", "finish", "last", "legacy", "logprobs", "media", "notes",
        "reasoning", "refusal", "role", "text",
    )  # fmt: skip

    def __init__(self) -> None:
        self.role: str | None = None
        self.text: list[str] = []
        self.reasoning: list[str] = []
        self.refusal: list[str] = []
        self.calls: list[Call] = []
        self.last: Call | None = None
        self.legacy: Call | None = None
        self.audio: dict[str, list[str]] = {}
        self.media: list[Part] = []
        self.citations: list[Part] = []
        self.extras: dict[str, list[Any]] = {}
        self.finish: str | None = None
        self.logprobs = 0
        self.notes: list[str] = []

    def add(self, delta: dict[str, Any]) -> None:
        """Take a delta, or a whole message, which has the same fields."""
        thought = ""
        for key, value in delta.items():
            if not value:
                continue
            if key == "content":
                if isinstance(value, str):
                    self.text.append(value)
                else:
                    self._blocks(value)
            elif key == "role":
                self.role = self.role or text(value) or None
            elif key in _THOUGHTS:
                thought = thought or text(value)
            elif key == "tool_calls":
                for call in objects(value):
                    self._call(call)
            elif key != "reasoning_details":
                self._rarity(key, value)
        if not thought and "reasoning_details" in delta:  # It repeats `reasoning` wherever both are sent.
            details = objects(delta["reasoning_details"])
            thought = "".join([text(d.get("text")) or text(d.get("summary")) for d in details])
        if thought:
            self.reasoning.append(thought)

    def _rarity(self, key: str, value: Any) -> None:
        """Take a field that few deltas have; an unknown one is kept as it is, if it has a structure."""
        if key == "refusal":
            self.refusal.append(text(value))
        elif key == "function_call":
            self.legacy = self.legacy or Call()
            self.legacy.add(None, obj(value))
        elif key == "audio":
            for name, piece in obj(value).items():
                self.audio.setdefault(name, []).append(as_text(piece))
        elif key == "annotations":
            self.citations += [citation(note) for note in objects(value)]
        elif key == "images":
            self.media += [block_part(image) for image in objects(value)]
        elif isinstance(value, (dict, list)):
            self.extras.setdefault(key, []).append(value)

    def _blocks(self, content: Any) -> None:
        """Take content given as a list of blocks, as Mistral's reasoning models send it."""
        for block in objects(content):
            part = block_part(block)
            if part.kind == "reasoning":
                self.reasoning.append(part.text)
            elif part.kind == "refusal":
                self.refusal.append(part.text)
            elif part.kind == "text" or text(block.get("text")):
                self.text.append(part.text or text(block.get("text")))
            else:
                self.media.append(part)

    def _call(self, piece: dict[str, Any]) -> None:
        index = piece.get("index")
        index = index if isinstance(index, int) else None
        call_id = text(piece.get("id"))
        function = obj(piece.get("function")) or obj(piece.get("custom"))
        call = self.last
        if index is not None:
            if call is None or call.index != index:
                call = next((one for one in reversed(self.calls) if one.index == index), None)
            if call is not None and call.is_followed_by(call_id, text(function.get("name"))):
                self.notes.append(
                    f"tool call {call_id} was sent under index {index}, which {call.id} has already:"
                    " SDKs join the two into one"
                )
                call = None
        elif call_id and (call is None or call.id not in (None, call_id)):
            # Mistral sends no index: each new id is a new call.
            call = next((one for one in self.calls if one.id == call_id), None)
        if call is None:
            call = Call(index)
            self.calls.append(call)
        self.last = call
        call.add(call_id or None, function)

    def done(self, index: int) -> Choice:
        """Return the choice; it has parts only where there is more than text, reasoning and calls."""
        if all(call.index is not None for call in self.calls):
            self.calls.sort(key=lambda call: call.index or 0)
        calls = [call.done() for call in self.calls]
        if self.legacy is not None:
            calls.append(self.legacy.done())
        body = "".join(self.text)
        reasoning = "".join(self.reasoning) or None
        refusal = "".join(self.refusal) or None
        parts = [*self.media, *self._sound(), *self.citations, *self._unknown()]
        if parts:
            head = [Part("reasoning", reasoning)] if reasoning else []
            head += [Part("text", body)] if body else []
            head += [Part("refusal", refusal)] if refusal else []
            parts = [*head, *parts, *(Part("tool_call", tool_call=call) for call in calls)]
        return Choice(index, self.role, body, reasoning, refusal, calls, self.finish, parts)

    def _sound(self) -> list[Part]:
        if not self.audio:
            return []
        pieces = {name: "".join(values) for name, values in self.audio.items()}
        size = decoded_size(pieces.get("data", "").replace("=", ""))
        return [Part("audio", pieces.get("transcript", ""), id=pieces.get("id"), size=size)]

    def _unknown(self) -> list[Part]:
        return [
            Part("data", name=key, data=values[0] if len(values) == 1 else values)
            for key, values in self.extras.items()
        ]
