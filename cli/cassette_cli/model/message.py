"""A conversation as the provider's SDK would hand it to the program.

`Message` is the answer, `Conversation` the request. Both are plain data: decoders build them,
`render` prints them, `show --json` writes them by `Message.as_json`.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

PartKind = Literal[
    "text", "reasoning", "refusal", "tool_call", "tool_result", "image", "audio", "video", "file", "citation", "data"
]


@dataclass(slots=True)
class ToolCall:
    """A call the model asks for; `arguments` is the string as it was streamed, JSON or not."""

    id: str | None = None
    name: str | None = None
    arguments: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return `{id, name, arguments}`."""
        return {"id": self.id, "name": self.name, "arguments": self.arguments}


@dataclass(slots=True)
class Part:
    """One block of a message, in the order in which the provider sent them.

    `text` holds the words of text, reasoning and refusal parts, a tool result's output, the title or
    address of a citation, and the transcript of sound. Media parts state `media_type`, `size` in bytes
    (decoded) and `url` or file name, and sound its `seconds` where they are known; `encoded` is their
    base64 where they stand whole in a request, and no output tells it. `data` is a block that has no better
    name: the provider's own JSON, shown as it is (`name` is the provider's type for it).
    """

    kind: PartKind
    text: str = ""
    tool_call: ToolCall | None = None
    id: str | None = None
    name: str | None = None
    media_type: str | None = None
    size: int | None = None
    url: str | None = None
    data: Any = None
    seconds: float | None = None
    encoded: str | None = field(default=None, repr=False, compare=False)

    def as_json(self) -> dict[str, Any]:
        """Return `{type, …}` with only the fields that this part has."""
        out: dict[str, Any] = {"type": self.kind}
        if self.tool_call is not None:
            out.update(self.tool_call.as_json())
        elif self.text or self.kind in ("text", "reasoning", "refusal", "tool_result"):
            out["text"] = self.text
        for key in ("id", "name", "media_type", "size", "seconds", "url", "data"):
            value = getattr(self, key)
            if value is not None:
                out[key] = value
        return out


@dataclass(slots=True)
class Choice:
    """One answer; protocols that know no choices have exactly one.

    `reasoning` and `refusal` are None where the provider sent none. `parts` is filled where the
    protocol has blocks whose order matters, and empty elsewhere.
    """

    index: int = 0
    role: str | None = None
    text: str = ""
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] = field(default_factory=list)
    finish_reason: str | None = None
    parts: list[Part] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the choice of the `show --json` contract."""
        out = {
            "index": self.index,
            "role": self.role,
            "text": self.text,
            "reasoning": self.reasoning,
            "refusal": self.refusal,
            "tool_calls": [call.as_json() for call in self.tool_calls],
            "finish_reason": self.finish_reason,
        }
        if self.parts:
            out["parts"] = [part.as_json() for part in self.parts]
        return out


@dataclass(slots=True)
class Turn:
    """One message of a request: a role (system, user, assistant, tool, …) and what it holds."""

    role: str
    parts: list[Part] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return `{role, text, parts}`; the text is that of the text parts, a line or more each."""
        text = "\n".join(part.text for part in self.parts if part.kind == "text")
        return {"role": self.role, "text": text, "parts": [part.as_json() for part in self.parts]}


class Tool(NamedTuple):
    """A tool that the request offers; `parameters` is its JSON schema, where it has one."""

    name: str
    description: str | None = None
    parameters: Any = None

    def as_json(self) -> dict[str, Any]:
        """Return `{name, description, parameters}`."""
        return {"name": self.name, "description": self.description, "parameters": self.parameters}


@dataclass(slots=True)
class Conversation:
    """A request as messages by role, the tools it offers, and its other parameters."""

    turns: list[Turn] = field(default_factory=list)
    tools: list[Tool] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return `{settings, tools, turns}`, as `show --json` has it of a session."""
        return {
            "settings": self.parameters,
            "tools": [tool.as_json() for tool in self.tools],
            "turns": [turn.as_json() for turn in self.turns],
        }


@dataclass(slots=True)
class Message:
    """The answer of one interaction.

    `usage` is the provider's own object, as last sent. `complete` is False for a stream that was
    cut. `errors` are the provider's words; `notes` are ours: what a client would have missed, and
    what could not be decoded. Of a session over a WebSocket, `choices` are the responses in their order,
    `usage` is their sum, and `session` is the whole of it: its settings, and the turns of both sides.
    """

    model: str | None = None
    choices: list[Choice] = field(default_factory=list)
    usage: dict[str, Any] | None = None
    complete: bool = True
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    session: Conversation | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the message of the `show --json` contract."""
        out = {
            "model": self.model,
            "choices": [choice.as_json() for choice in self.choices],
            "usage": self.usage,
            "complete": self.complete,
            "errors": self.errors,
            "notes": self.notes,
        }
        return out if self.session is None else {**out, "session": self.session.as_json()}
