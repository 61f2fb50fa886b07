"""An interaction as data for the page of a suite: a row of its list, all of its text, and the words to search.

All recorded text is made inert here, and cut where it is long; the page's script writes it as text.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from math import isfinite
from typing import Any, NamedTuple

from cassette_cli.model.body import Body
from cassette_cli.model.headers import Headers
from cassette_cli.model.message import Choice, Message, Part, Turn
from cassette_cli.operations.html import Exhibit
from cassette_cli.operations.reading import Reading
from cassette_cli.providers.base import host_of
from cassette_cli.render import conversation, frames, layouts
from cassette_cli.render.inert import inert, inert_line
from cassette_cli.render.output import Color, Line, Output
from cassette_cli.render.showing import stack
from cassette_cli.streams.frames import Frame

FIELDS = (
    "path", "index", "method", "url", "host", "status", "format", "protocol", "model", "input", "output", "frames",
    "empty", "ms", "bytes", "recorded", "codes", "asked", "answer", "note",
)  # fmt: skip
"""What a row of the list holds, in this order."""
_FIRST = 160
"""So many characters of question and answer stand in the list."""
_FRAMES = 2000
"""So many frames of a stream are listed."""


class Entry(NamedTuple):
    """A row by `FIELDS`; the text of the interaction as JSON; the words that are searched."""

    row: list[Any]
    detail: str
    words: str


class _Room:
    """What may still be shown of a text; `left_out` counts the characters that found no room."""

    def __init__(self, limit: int | None) -> None:
        self._left = limit
        self.left_out = 0

    def is_full_with(self, text: str) -> bool:
        """Say whether a text is too long to be shown whole."""
        return self._left is not None and len(text) > self._left

    def take(self, text: str) -> str:
        """Return what there is room for, inert."""
        if self._left is not None:
            kept = text[: self._left]
            self.left_out += len(text) - len(kept)
            self._left -= len(kept)
            text = kept
        return inert(text)


def entry(one: Exhibit, limit: int | None) -> Entry:
    """Return an interaction for the page; of a text that is longer than `limit` characters the beginning."""
    room = _Room(limit)
    said = [] if one.reading is None else list(_said(one.reading, room))
    row, when = one.row, one.recorded
    url = inert_line(row.url or "")
    values = [
        inert_line(row.path), row.index, inert_line(row.method or ""), url, inert_line(host_of(row.url or "")),
        row.status,
        inert_line(row.format), row.protocol and inert_line(row.protocol), row.model and inert_line(row.model),
        row.input_tokens, row.output_tokens, row.frames, row.empty_frames, _finite(row.duration_ms), row.body_bytes,
        when and f"{when:%Y-%m-%d %H:%M}", sorted({f"{fault.code.code} {fault.code.name}" for fault in one.faults}),
        *_excerpt(one, said), None,
    ]  # fmt: skip
    detail = {} if one.reading is None else _detail(one.reading, limit)
    if detail.get("talk"):
        detail |= {"said": said, "left_out": room.left_out + detail.get("left_out", 0)}
    detail["faults"] = [[fault.code.code, inert_line(fault.message), fault.line] for fault in one.faults]
    detail["unread"] = [[inert_line(where), inert_line(reason)] for where, reason in one.unread]
    words = "\n".join(text for _, parts in said for _, head, text in parts for text in (head, text) if text)
    return Entry(values, json.dumps(detail, ensure_ascii=False, separators=(",", ":")), words)


def _finite(number: float | None) -> float | None:
    """Return a number that JSON can hold, else None."""
    return None if number is None or not isfinite(number) else round(number, 3)


def note(path: str, text: str) -> Entry:
    """Return the row of a file that is not shown, and why."""
    values: dict[str, Any] = dict.fromkeys(("url", "host", "format", "asked", "answer"), "")
    values |= {"path": inert_line(path), "note": inert_line(text), "codes": ["not read"]}
    return Entry([values.get(name) for name in FIELDS], "null", inert(text))


# What was said: [role, [[kind, head, text], …]] each


def _said(reading: Reading, room: _Room) -> Iterator[list[Any]]:
    """Yield the turns of a request, then the answer; of what is no conversation, both bodies."""
    asked, message, response = reading.conversation, reading.message, reading.interaction.response
    if _is_unclaimed(reading):
        assert reading.framed is not None
        for direction, frames_ in conversation.turns_of(reading.framed.frames[:_FRAMES]):
            yield [direction, [["body", "", room.take(_frame_text(one))] for one in frames_]]
        return
    if asked is not None:
        yield from (_turn(turn, room) for turn in asked.turns)
    elif reading.interaction.request.body.node is not None:
        yield ["request", [["body", "", room.take(_content(reading.interaction.request.body, room)[0])]]]
    if message is not None and message.session is None:
        yield from (_choice(message, choice, room) for choice in message.choices)
    elif message is None and response is not None:
        yield ["response", [["body", "", room.take(_content(response.body, room)[0])]]]


def _frame_text(frame: Frame) -> str:
    return _printed(lambda output: conversation.frame(output, frame))


def _is_unclaimed(reading: Reading) -> bool:
    """Say whether this is a connection that speaks no known protocol."""
    return reading.messages is not None and reading.protocol is None


def _turn(turn: Turn, room: _Room) -> list[Any]:
    return [inert_line(turn.role), [_part(part, room) for part in turn.parts]]


def _choice(message: Message, choice: Choice, room: _Room) -> list[Any]:
    role = choice.role or "assistant"
    role += f" (choice {choice.index})" if len(message.choices) > 1 else ""
    return [inert_line(role), [_part(part, room) for part in conversation.blocks(choice)]]


def _part(part: Part, room: _Room) -> list[Any]:
    """Return (kind, what names it, its text)."""
    call = part.tool_call
    if part.kind == "tool_call" and call is not None:
        head = " ".join(inert_line(word) for word in (call.name or "?", call.id) if word)
        return [part.kind, head, room.take(conversation.laid_out(call.arguments))]
    if part.kind in ("tool_result", "data"):
        head = " ".join(inert_line(word) for word in (part.name, part.id) if word)
        return [part.kind, head, room.take(conversation.laid_out(part.text, part.data))]
    head = "" if part.kind in ("text", "reasoning", "refusal") else conversation.media_facts(part)
    return [part.kind, head, room.take(part.text)]


def _excerpt(one: Exhibit, said: list[Any]) -> tuple[str, str]:
    """Return the first words of the last question and of the answer."""
    if one.reading is None:
        return "", ""
    message = one.reading.message
    answers = 1 if message is None else len(message.choices) if message.session is None else 0
    if _is_unclaimed(one.reading):
        answers = 0
    asked, answered = (said[:-answers], said[-answers:]) if answers else (said, said)
    question = next((turn for turn in reversed(asked) if turn[0] in ("user", "sent")), asked[-1] if asked else None)
    answer = answered[-1] if answered and answered[-1][0] not in ("user", "request", "sent") else None
    failed = one.reading.error or one.reading.interaction.error or ""
    return _first_words(question), _first_words(answer) or inert_line(failed[:_FIRST])


def _first_words(turn: list[Any] | None) -> str:
    for kind, head, text in () if turn is None else turn[1]:
        if kind != "reasoning" and (text or head):
            told = (
                f"{head} {text[: 4 * _FIRST]}" if kind in ("tool_call", "tool_result") else text[: 4 * _FIRST] or head
            )
            return " ".join(told.split())[:_FIRST]
    return ""


# The request and the response


def _detail(reading: Reading, limit: int | None) -> dict[str, Any]:
    request, response, asked, message = (
        reading.interaction.request, reading.interaction.response, reading.conversation, reading.message,
    )  # fmt: skip
    out: dict[str, Any] = {"request": _side(request.headers, request.body, limit)}
    if response is None:
        out["none"] = inert_line(reading.interaction.error or "none was recorded")
    else:
        out["response"] = _side(response.headers, response.body, limit, reading)
        out["reason"] = inert_line(response.reason or "")
    out["talk"] = asked is not None or message is not None
    if asked is not None:
        room = _Room(limit)
        out["tools"] = [
            [inert_line(tool.name), conversation.parameter_names(tool), room.take(tool.description or "")]
            for tool in asked.tools
        ]
        out["parameters"] = [
            [inert_line(name), room.take(json.dumps(value, ensure_ascii=False))]
            for name, value in asked.parameters.items()
        ]
        out["left_out"] = room.left_out
    if message is not None:
        out["end"] = _plain([conversation.totals_line(reading, message)])
        out["errors"] = [inert_line(error) for error in message.errors]
        out["errors"] += [] if message.complete else ["the answer is not complete"]
        told = [conversation.UNCLAIMED] if _is_unclaimed(reading) else message.notes
        out["notes"] = [inert_line(text) for text in told]
    elif reading.error:
        out["errors"] = [inert_line(reading.error)]
    return out


def _side(headers: Headers, body: Body, limit: int | None, reading: Reading | None = None) -> dict[str, Any]:
    """Return one side; the response, that of a `reading`, may be a stream, of which the frames are listed."""
    room = _Room(limit)
    out: dict[str, Any] = {"headers": [[inert_line(line.name), inert_line(line.value)] for line in headers]}
    framed = None if reading is None else reading.framed
    if reading is None or framed is None:
        content, notes = _content(body, room)
        out["body"] = room.take(content)
        out["kind"] = "json" if body.json is not None else ""
    else:
        out["body"] = room.take(_plain(frames.frame_lines(reading, most=_FRAMES)))
        out["kind"] = "columns" if reading.messages is not None else ""
        notes = [*body.notes, *framed.notes]
        if len(framed.frames) > _FRAMES:
            notes.append(f"{len(framed.frames) - _FRAMES:,} more frames")
    out["stack"] = stack(body).strip()
    out["notes"] = [inert_line(text) for text in notes]
    out["left_out"] = room.left_out
    return out


def _content(body: Body, room: _Room) -> tuple[str, list[str]]:
    """Return a body as `show` prints it, and the notes on it; a text that is too long is not laid out."""
    payload = body.payload
    if isinstance(payload, str) and room.is_full_with(payload):
        return payload, body.notes
    notes: list[str] = []
    text = _printed(lambda output: notes.extend(layouts.content(output, body)))
    return text, notes


def _printed(write: Callable[[Output], object]) -> str:
    """Return what is written in plain text."""
    stream = io.StringIO()
    write(Output(Color.NEVER, stream))
    return stream.getvalue().removesuffix("\n")


def _plain(lines: Iterable[Line]) -> str:
    return "\n".join("".join(piece for piece, _ in line) for line in lines)
