"""Conversations as JSON Lines in the chat format, which evaluation and fine-tuning tools read.

A line is `{messages, tools, metadata}`: the messages of the request and, last, the answer, each as a message of
https://platform.openai.com/docs/api-reference/chat/create. A request that was made in that format keeps its messages
and tools as they are; others are written anew from what their protocol says.
"""

import json
import mimetypes
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cassette_cli.model.message import Choice, Conversation, Part, Tool, ToolCall, Turn
from cassette_cli.operations.export.cleaning import Cleaned, Note
from cassette_cli.operations.reading import Reading
from cassette_cli.providers.values import is_vacant, obj, objects

NO_LINE = "left out: "
"""How the note on an answer without a line begins."""
_ROLES = {"model": "assistant", "ai": "assistant", "human": "user", "function": "tool"}


def lines(cleaned: Cleaned) -> Iterator[tuple[dict[str, Any] | None, list[Note]]]:
    """Yield the line of each answer of the chosen interactions, and notes on what it lacks.

    An answer that is empty has notes and no line; what is not a conversation has neither.
    """
    cassette = cleaned.loaded.cassette
    for reading in cleaned.loaded.selection.readings(cassette):
        one = reading.interaction
        found = [*_lines(reading, f"{cassette.path}#{one.index}")]
        for document, lacks in found:
            yield document, [Note(cassette.path, one.index, words) for words in lacks]
        if not found:
            yield None, []
        one.forget()


def _lines(reading: Reading, place: str) -> Iterator[tuple[dict[str, Any] | None, list[str]]]:
    """Yield a line an answer, None for one that is empty, and what is to be said of what the line lacks."""
    message, asked = reading.message, reading.conversation
    if message is None or asked is None:
        return
    written = Written()
    messages = _asked(reading, asked, written)
    if not messages:
        return
    out: dict[str, Any] = {"messages": messages}
    if tools := _tools(reading, asked):
        out["tools"] = tools
    facts = {
        "source": place,
        "protocol": None if reading.protocol is None else reading.protocol.name,
        "model": reading.model,
        "finish_reason": None,
        "complete": message.complete,
    }
    if message.session is not None:  # the answers are among its turns
        yield {**out, "metadata": facts}, _told("conversation", written.lost)
        return
    lacks = _told("request", written.lost)
    for number, choice in enumerate(message.choices):
        own = Written(written.calls.copy(), made=written.made)
        answer = own.answer(choice)
        name = "answer" if len(message.choices) == 1 else f"answer {number}"
        lacks += _told(name, own.lost)
        if answer is None:
            yield None, [*lacks, f"{NO_LINE}its {name} holds nothing that the format has a place for"]
        else:
            about = {**facts, "finish_reason": choice.finish_reason}
            yield {**out, "messages": [*messages, answer], "metadata": about}, lacks
        lacks = []
    if not message.choices:
        yield None, [*lacks, f"{NO_LINE}{'its answer is an error' if message.errors else 'it has no answer'}"]


def _told(where: str, lost: list[str]) -> list[str]:
    """Return what to say of the parts that a line lacks: where they were, and how many of a kind."""
    counts = ((Counter(lost)[name], name) for name in dict.fromkeys(lost))
    names = [name if count == 1 else f"{count} × {name}" for count, name in counts]
    return [f"left out of the {where}: {', '.join(names)}"] if names else []


def _asked(reading: Reading, asked: Conversation, written: "Written") -> list[dict[str, Any]]:
    """Return the messages of a request: as they are where they were sent in the chat format, else written anew."""
    given = objects(reading.exchange.request.get("messages")) if _is_chat(reading) else []
    if len(given) != len(asked.turns):
        return written.conversation(asked)
    messages: list[dict[str, Any]] = []
    for one, turn in zip(given, asked.turns, strict=True):
        messages += [_without_nulls(one)] if _is_message(one) else written.conversation(Conversation([turn]))
    return messages


def _is_chat(reading: Reading) -> bool:
    return reading.protocol is not None and reading.protocol.name == "openai-chat"


def _without_nulls(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if value is not None or key == "content"}


_BLOCKS = {"user": {"text", "image_url", "input_audio", "file"}, "assistant": {"text", "refusal"}}


def _is_message(one: dict[str, Any]) -> bool:
    """Say whether a message is one of the chat format, by its role and the types of its blocks."""
    role, content = one.get("role"), one.get("content")
    if role not in ("system", "developer", "user", "assistant", "tool"):
        return False
    if isinstance(content, list):
        return all(obj(block).get("type") in _BLOCKS.get(role, {"text"}) for block in content)
    return isinstance(content, str) or (content is None and role == "assistant")


def _tools(reading: Reading, asked: Conversation) -> list[dict[str, Any]]:
    given = reading.exchange.request.get("tools")
    if _is_chat(reading) and isinstance(given, list) and all(obj(obj(one).get("function")) for one in given):
        return given
    return [_tool(tool) for tool in asked.tools]


def _tool(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    if isinstance(tool.parameters, dict):
        function["parameters"] = tool.parameters
    return {"type": "function", "function": function}


@dataclass
class Written:
    """Writes turns as messages; `calls` are the ids and names of tool calls without a result, for those that name none.

    `made` counts the calls. `lost` names what the chat format has no place for, or whose bytes are not at hand.
    """

    calls: list[tuple[str, str]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    made: int = 0

    def conversation(self, conversation: Conversation) -> list[dict[str, Any]]:
        """Return the messages of a request; what the assistant said in turns of its own is one message."""
        messages: list[dict[str, Any]] = []
        for turn in conversation.turns:
            for message in self.turn(turn):
                if messages and message["role"] == messages[-1]["role"] == "assistant":
                    messages[-1] = _joined(messages[-1], message)
                else:
                    messages.append(message)
        return messages

    def answer(self, choice: Choice) -> dict[str, Any] | None:
        """Return an answer as a message, None where it is empty."""
        self.lost += [_named(part) for part in choice.parts if part.kind not in _OF_ANSWERS]
        return self._assistant(choice.text, choice.refusal, choice.reasoning, choice.tool_calls)

    def turn(self, turn: Turn) -> Iterator[dict[str, Any]]:
        """Yield a turn as messages: a tool's results are one each."""
        role = _ROLES.get(turn.role, turn.role)
        if role == "assistant":
            words = {
                kind: "\n".join(part.text for part in turn.parts if part.kind in (kind, also) and part.text)
                for kind, also in (("text", "audio"), ("refusal", ""), ("reasoning", ""))
            }
            calls = [part.tool_call for part in turn.parts if part.tool_call is not None]
            self.lost += [_named(part) for part in turn.parts if part.kind not in _OF_ANSWERS]
            message = self._assistant(words["text"], words["refusal"], words["reasoning"], calls)
            if message:
                yield message
            return
        for part in turn.parts:
            if part.kind == "tool_result":
                yield {"role": "tool", "tool_call_id": self._result_of(part), "content": _said(part)}
        content = [block for part in turn.parts if part.kind != "tool_result" for block in self._block(part)]
        if content:
            role = role if role in ("system", "developer") else "user"
            is_words = all(block["type"] == "text" for block in content)
            yield {"role": role, "content": "\n".join(block["text"] for block in content) if is_words else content}

    def _assistant(
        self, text: str, refusal: str | None, reasoning: str | None, calls: list[ToolCall]
    ) -> dict[str, Any] | None:
        if not (text or refusal or reasoning or calls):
            return None
        out: dict[str, Any] = {"role": "assistant", "content": text or None}
        if refusal:
            out["refusal"] = refusal
        if reasoning:
            out["reasoning_content"] = reasoning
        if calls:
            out["tool_calls"] = [self._call(call) for call in calls]
        return out

    def _call(self, call: ToolCall) -> dict[str, Any]:
        name = call.name or "unknown"
        call_id = call.id or f"call_{self.made}"
        self.made += 1
        self.calls.append((call_id, name))
        return {"id": call_id, "type": "function", "function": {"name": name, "arguments": call.arguments or "{}"}}

    def _result_of(self, part: Part) -> str:
        """Return the id of the call that a result is of: its own, else that of the first call of its name."""
        for at, (call_id, name) in enumerate(self.calls):
            if part.id == call_id or (not part.id and part.name in (None, name)):
                del self.calls[at]
                return call_id
        return part.id or "unknown"

    def _block(self, part: Part) -> Iterator[dict[str, Any]]:
        if part.kind in ("text", "refusal") and part.text:
            yield {"type": "text", "text": part.text}
        elif block := _media(part):
            yield block
        elif part.kind in ("image", "audio", "video", "file"):
            self.lost.append(_named(part))
            yield {"type": "text", "text": part.text or f"[{_named(part)}]"}
        elif part.kind == "data" and not is_vacant(part.data):
            self.lost.append(_named(part))


def _joined(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return two messages of the assistant as one."""
    out = {**first, **second}
    for key in ("content", "refusal", "reasoning_content"):
        texts = [one[key] for one in (first, second) if one.get(key)]
        if texts:
            out[key] = "\n\n".join(texts)
    if calls := [call for one in (first, second) for call in one.get("tool_calls", ())]:
        out["tool_calls"] = calls
    return out


_OF_ANSWERS = frozenset(("text", "refusal", "reasoning", "tool_call", "citation"))


_SIGNS = {"iVBORw0KGgo": "image/png", "/9j/": "image/jpeg", "R0lGOD": "image/gif", "UklGR": "image/webp"}
"""How base64 of pictures begins, for the protocols that do not name their type."""
_SOUNDS = {"wav": "wav", "x-wav": "wav", "wave": "wav", "mp3": "mp3", "mpeg": "mp3"}


def _media(part: Part) -> dict[str, Any] | None:
    """Return a block of an image, sound or a file, None for one whose bytes or type are not at hand."""
    if part.kind == "image" and part.url:
        return {"type": "image_url", "image_url": {"url": part.url}}
    if not part.encoded:
        return None
    media_type = part.media_type or next((kind for sign, kind in _SIGNS.items() if part.encoded.startswith(sign)), "")
    if media_type and "/" not in media_type:  # Bedrock names formats: png, pdf
        media_type = mimetypes.guess_type(f"a.{media_type}")[0] or ""
    address = f"data:{media_type};base64,{part.encoded}"
    if part.kind == "audio":
        sound = _SOUNDS.get(media_type.partition("/")[2].partition(";")[0])
        return {"type": "input_audio", "input_audio": {"data": part.encoded, "format": sound}} if sound else None
    if part.kind == "image" and media_type:
        return {"type": "image_url", "image_url": {"url": address}}
    if part.kind == "file" and media_type:
        return {"type": "file", "file": {"filename": part.name or "file", "file_data": address}}
    return None


def _said(part: Part) -> str:
    return part.text or ("" if part.data is None else json.dumps(part.data, ensure_ascii=False))


def _named(part: Part) -> str:
    """Return what a part is, in words: `file (application/pdf, 257 bytes)`, `data (tool_plan)`."""
    size = "" if part.size is None else f"{part.size:,} bytes"
    facts = ", ".join(filter(None, (part.media_type or part.name or part.url, size)))
    kind = part.kind.replace("_", " ")
    return f"{kind} ({facts})" if facts else kind
