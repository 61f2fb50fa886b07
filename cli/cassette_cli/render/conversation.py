"""`cassette show --reassemble`: the request as messages by role, the answer as the SDK would hand it over."""

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from cassette_cli.model.message import Choice, Conversation, Message, Part, PartKind, Tool, ToolCall
from cassette_cli.operations.reading import Reading
from cassette_cli.render import bodies, layouts
from cassette_cli.render.inert import inert, inert_line
from cassette_cli.render.output import Line, Output, human_size, human_time
from cassette_cli.streams.frames import NOT_JSON, Frame

_ROLES = {"system": "magenta", "developer": "magenta", "user": "blue", "assistant": "green", "tool": "yellow"}


def write(output: Output, reading: Reading, *, headers: bool, sides: tuple[bool, bool]) -> None:
    """Write both sides of one interaction."""
    request, response = reading.interaction.request, reading.interaction.response
    if reading.message is not None and reading.message.session is not None:
        _session(output, reading, reading.message, headers=headers, sides=sides)
        return
    if reading.messages is not None and reading.protocol is None:
        _connection(output, reading, headers=headers, sides=sides)
        return
    if sides[0]:
        if headers:
            output.lines([[]])
            bodies.header_lines(output, request.headers)
        if reading.conversation is not None:
            output.lines(conversation_lines(reading.conversation))
        elif (request.body.node is not None and request.body.payload) or layouts.asked_in(request.url):
            output.lines([[], [("── request", "bold cyan")]])
            layouts.request_body(output, request)
    if not sides[1]:
        return
    if response is None:
        output.lines(no_response(reading))
        return
    if headers:
        output.lines([[]])
        bodies.header_lines(output, response.headers)
    if reading.message is not None:
        output.lines(message_lines(reading.message))
        output.lines([[], totals_line(reading, reading.message)])
    else:
        output.lines([[], [("── response", "bold cyan")]])
        if reading.error:
            output.lines([[(f"error: {inert_line(reading.error)}", "bold red")]])
        layouts.body(output, response.body)


def _session(output: Output, reading: Reading, message: Message, *, headers: bool, sides: tuple[bool, bool]) -> None:
    """Write a session over a WebSocket: its settings and tools, then the turns of both sides in their order."""
    session = message.session
    assert session is not None
    if headers:
        output.lines([[]])
        bodies.header_lines(output, reading.interaction.request.headers)
    if sides[0]:
        output.lines(conversation_lines(Conversation(tools=session.tools, parameters=session.parameters)))
    turns = [turn for turn in session.turns if sides[turn.role == "assistant"]]
    output.lines(conversation_lines(Conversation(turns)))
    if sides[1]:
        output.lines(message_lines(Message(complete=message.complete, errors=message.errors, notes=message.notes)))
        output.lines([[], totals_line(reading, message)])


def _connection(output: Output, reading: Reading, *, headers: bool, sides: tuple[bool, bool]) -> None:
    """Write a connection that speaks no known protocol: what each side said in turn, whole."""
    framed, message = reading.framed, reading.message
    assert framed is not None
    assert message is not None
    if headers:
        output.lines([[]])
        bodies.header_lines(output, reading.interaction.request.headers)
    for direction, frames in turns_of(framed.frames, sides):
        first = (frames[0].fields or {}).get("ms")
        time = "" if first is None else f"  {human_time(first)}"
        output.lines([[], [(f"── {direction}", f"bold {_DIRECTIONS[direction]}"), (time, "dim")]])
        for one in frames:
            frame(output, one)
    if sides[1]:
        output.lines([[]])
        output.lines(message_lines(Message(complete=message.complete, errors=message.errors, notes=[UNCLAIMED])))
        output.lines([totals_line(reading, message)])


def turns_of(frames: Iterable[Frame], sides: tuple[bool, bool] = (True, True)) -> Iterator[tuple[str, list[Frame]]]:
    """Yield what each side of a connection said in turn: its direction, and the messages."""
    said = [one for one in frames if sides[one.event != "sent"]]
    for direction, turn in groupby(said, key=lambda one: one.event or "received"):
        yield direction, list(turn)


UNCLAIMED = "no known protocol claimed this connection: its messages are shown as they were recorded"
_DIRECTIONS = {"sent": "blue", "received": "green", "closed": "yellow"}


def frame(output: Output, one: Frame) -> None:
    """Write one message of a connection: JSON pretty, text as it is, bytes described."""
    value = one.json
    if value is NOT_JSON or not isinstance(value, str):
        output.lines(bodies.plain_lines(one.data)) if value is NOT_JSON else bodies.json_text(output, value)
    elif (one.fields or {}).get("kind") == "base64":
        output.lines([[(bodies.described(b64decode(value), ""), "magenta")]])
    else:
        output.lines(bodies.plain_lines(value))


def no_response(reading: Reading) -> list[Line]:
    """Return the lines that stand where a response would."""
    return [[], [(f"── no response: {inert_line(reading.interaction.error or 'none was recorded')}", "bold red")]]


def conversation_lines(conversation: Conversation) -> list[Line]:
    """Return the request: its messages by role, the tools it offers, its other parameters."""
    lines: list[Line] = []
    for turn in conversation.turns:
        lines += [[], _role(turn.role)]
        for part in turn.parts:
            lines += part_lines(part)
    if conversation.tools:
        lines += [[], [("── tools offered", "bold cyan")]]
        lines += [_tool(tool) for tool in conversation.tools]
    if conversation.parameters:
        lines += [[], [("── parameters", "bold cyan")]]
        for name, value in conversation.parameters.items():
            text = json.dumps(value, ensure_ascii=False)
            lines.append([(f"{inert_line(name)}: ", "blue"), (inert_line(text), "")])
    return lines


def message_lines(message: Message) -> list[Line]:
    """Return the answer: every choice, then what went wrong with it."""
    lines: list[Line] = []
    for choice in message.choices:
        lines += [[], _role(choice.role or "assistant", _which(message, choice))]
        lines += choice_lines(choice)
    lines += [[(f"error: {inert_line(error)}", "bold red")] for error in message.errors]
    if not message.complete:
        lines.append([("the answer is not complete", "bold red")])
    lines += [[(f"note: {inert_line(note)}", "yellow")] for note in message.notes]
    return lines


def _which(message: Message, choice: Choice) -> str:
    return f" (choice {choice.index})" if len(message.choices) > 1 else ""


def choice_lines(choice: Choice) -> list[Line]:
    """Return one answer."""
    return [line for part in blocks(choice) for line in part_lines(part)]


def blocks(choice: Choice) -> list[Part]:
    """Return the blocks of an answer: in their order where the protocol has blocks, else made of its fields."""
    if choice.parts:
        return choice.parts
    texts: tuple[tuple[PartKind, str | None], ...] = (
        ("reasoning", choice.reasoning), ("text", choice.text), ("refusal", choice.refusal),
    )  # fmt: skip
    found = [Part(kind, text) for kind, text in texts if text]
    return found + [Part("tool_call", tool_call=call) for call in choice.tool_calls]


def part_lines(part: Part) -> list[Line]:
    """Return one block of a message."""
    if part.kind == "text":
        return _text(part.text)
    if part.kind == "reasoning":
        return [[("reasoning", "dim italic")], *_text(part.text, "dim"), [("end of reasoning", "dim italic")]]
    if part.kind == "refusal":
        return [[("refusal", "bold red")], *_text(part.text)]
    if part.kind == "tool_call" and part.tool_call is not None:
        return _call(part.tool_call)
    if part.kind == "tool_result":
        label = " ".join(inert_line(word) for word in (part.name, part.id) if word)
        return [[("tool result ", "yellow"), (label, "dim")], *_value(part.text, part.data)]
    if part.kind == "citation":
        return [[("citation ", "cyan"), (inert_line(" ".join(w for w in (part.text, part.url) if w)), "")]]
    if part.kind == "data":
        return [[(inert_line(part.name or "data"), "cyan")], *_value(part.text, part.data)]
    return [_media(part)] + (_text(part.text) if part.text else [])


def _call(call: ToolCall) -> list[Line]:
    head: Line = [("tool call ", "yellow"), (inert_line(call.name or "?"), "bold")]
    if call.id:
        head.append((f"  {inert_line(call.id)}", "dim"))
    return [head, *_value(call.arguments, None)]


def _value(text: str, data: Any) -> list[Line]:
    shown = laid_out(text, data)
    return _text(shown) if shown else []


def laid_out(text: str, data: Any = None) -> str:
    """Return JSON pretty, be it parsed or text; other text as it is."""
    if data is None and text.lstrip()[:1] in ("{", "["):
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text if data is None else json.dumps(data, ensure_ascii=False, indent=2)


def _media(part: Part) -> Line:
    return [(f"[{part.kind}] ", "cyan"), (media_facts(part), "")]


def media_facts(part: Part) -> str:
    """Return what is known of an image, sound or file, on one line."""
    facts = [inert_line(fact) for fact in (part.media_type, part.name, part.url) if fact]
    if part.size is not None:
        facts.insert(1 if part.media_type else 0, human_size(part.size))
    if part.seconds is not None:
        facts.insert(1 if part.media_type else 0, f"{part.seconds:g} s")
    return " · ".join(facts)


def _role(role: str, suffix: str = "") -> Line:
    return [(f"── {inert_line(role)}{suffix}", f"bold {_ROLES.get(role, 'cyan')}")]


def _text(text: str, style: str = "") -> list[Line]:
    return [[(line, style)] for line in inert(text).split("\n")]


def _tool(tool: Tool) -> Line:
    line: Line = [(inert_line(tool.name), "bold"), (f"({parameter_names(tool)})", "")]
    if tool.description:
        line.append((f"  {inert_line(tool.description.strip().partition(chr(10))[0])}", "dim"))
    return line


def parameter_names(tool: Tool) -> str:
    """Return the names of a tool's parameters, separated by commas."""
    if isinstance(tool.parameters, dict) and isinstance(tool.parameters.get("properties"), dict):
        return ", ".join(map(inert_line, tool.parameters["properties"]))
    return ""


def totals_line(reading: Reading, message: Message) -> Line:
    """Return the last line of an answer: finish reasons, tokens, frames."""
    facts = []
    reasons = dict.fromkeys(choice.finish_reason for choice in message.choices if choice.finish_reason)
    if reasons:
        facts.append("finish " + ", ".join(map(inert_line, reasons)))
    before, after = reading.tokens
    if before is not None or after is not None:
        spent = reading.reasoning_tokens
        detail = f" ({spent} reasoning)" if spent else ""
        facts.append(f"usage {'?' if before is None else before} in → {'?' if after is None else after} out{detail}")
    if reading.frames is not None:
        empty = f" ({len(reading.empties)} empty)" if reading.empties else ""
        facts.append(f"{reading.frames} frames{empty}")
    return [(" · ".join(facts), "dim")]
