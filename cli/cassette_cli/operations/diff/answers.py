"""Two answers compared: as the messages that SDKs rebuild from them, where they are a model's; else as bodies."""

from collections.abc import Iterator
from typing import Any

from cassette_cli.model.message import Choice, Message, Part, ToolCall
from cassette_cli.operations.diff import json_paths, sides
from cassette_cli.operations.diff.result import Change, Kind
from cassette_cli.operations.diff.values import ABSENT, SPOKEN, Index, Path, parsed, plain
from cassette_cli.operations.reading import Reading

_SAID = ("text", "reasoning", "refusal", "tool_call")


def compare(old: Reading, new: Reading, *, events: bool = False) -> Iterator[Change]:
    """Yield where two answers differ."""
    a, b = old.interaction.response, new.interaction.response
    if a is None or b is None:
        if a is not b:
            yield Change("response", "error", ("response",), *(_there(one) for one in (a, b)))
        return
    if a.status != b.status:
        yield Change("response", "status", ("status",), a.status, b.status)
    changed = a.body.payload != b.body.payload
    if changed:
        yield from _bodies(old, new, events=events)
    yield from sides.headers(a.headers, b.headers, "response", body_changed=changed)
    if a.duration_ms != b.duration_ms:
        yield Change("response", "body", ("duration_ms",), a.duration_ms, b.duration_ms, "durations")


def _there(response: object) -> Any:
    return ABSENT if response is None else "recorded"


def _bodies(old: Reading, new: Reading, *, events: bool) -> Iterator[Change]:
    if events and (old.framed is not None or new.framed is not None):
        yield from _events(old, new)
        return
    if old.message is not None or new.message is not None:
        yield from messages(old.message or Message(), new.message or Message())
        yield from _unspoken(old, new)
        return
    response = old.interaction.response, new.interaction.response
    assert response[0] is not None
    assert response[1] is not None
    if old.framed is not None and new.framed is not None:
        yield from _events(old, new)
    else:
        yield from sides.bodies(response[0].body, response[1].body, "response", "body")


def messages(old: Message, new: Message) -> Iterator[Change]:
    """Compare two messages: model, every choice, usage, what went wrong."""
    if (old.model or "") != (new.model or ""):
        yield _change("model", ("model",), old.model, new.model)
    for at in range(max(len(old.choices), len(new.choices))):
        a = old.choices[at] if at < len(old.choices) else None
        b = new.choices[at] if at < len(new.choices) else None
        path: Path = () if len(old.choices) <= 1 and len(new.choices) <= 1 else ("choices", Index(at, at))
        yield from _choices(a or Choice(), b or Choice(), path)
    if old.complete != new.complete and old.choices and new.choices:
        yield _change("finish", ("complete",), old.complete, new.complete)
    if old.errors != new.errors:
        said = sides.json_values(old.errors, new.errors, "response", ("errors",))
        yield from sides.changes(said, "response", "error")
    found = sides.json_values(old.usage or {}, new.usage or {}, "response", ("usage",))
    yield from sides.changes(found, "response", "usage")


def _choices(old: Choice, new: Choice, path: Path) -> Iterator[Change]:
    yield from _words("text", (*path, "text"), old.text, new.text)
    yield from _words("reasoning", (*path, "reasoning"), old.reasoning, new.reasoning)
    yield from _words("text", (*path, "refusal"), old.refusal, new.refusal)
    yield from _calls(old.tool_calls, new.tool_calls, path)
    if (old.finish_reason or "") != (new.finish_reason or ""):
        yield _change("finish", (*path, "finish_reason"), old.finish_reason, new.finish_reason)
    if (old.role or "assistant") != (new.role or "assistant"):
        yield _change("text", (*path, "role"), old.role, new.role)
    left, right = ([_part(part) for part in one.parts if part.kind not in _SAID] for one in (old, new))
    if left != right:
        found = sides.json_values(left, right, "response", (*path, "parts"))
        yield from sides.changes(found, "response", "body")


def _part(part: Part) -> dict[str, Any]:
    """Return a block of a message as JSON; its own JSON does not repeat its text."""
    found = part.as_json()
    if part.text and isinstance(part.data, dict):
        found["data"] = {key: value for key, value in part.data.items() if value != part.text}
    return found


def _words(kind: Kind, path: Path, old: str | None, new: str | None) -> Iterator[Change]:
    if (old or "") != (new or ""):
        yield _change(kind, path, old, new)


def _change(kind: Kind, path: Path, old: Any, new: Any) -> Change:
    """Make a change; what one side lacks or leaves empty is absent."""
    old, new = (ABSENT if value is None or value == "" else value for value in (old, new))
    return Change("response", kind, path, old, new)


def _calls(old: list[ToolCall], new: list[ToolCall], path: Path) -> Iterator[Change]:
    """Compare tool calls, paired by name and arguments, then argument by argument; their ids are noise."""
    left, right = [_call(call) for call in old], [_call(call) for call in new]
    for a, b in json_paths.aligned(left, right, "content"):
        before, after = ABSENT if a is None else left[a], ABSENT if b is None else right[b]
        name = old[a].name if a is not None else new[b].name if b is not None else None
        step = (*path, "tool_calls", Index(a, b, name or "?"))
        found = json_paths.compare(before, after, "content", step)
        yield from sides.changes(_named(found, step), "response", "tool-calls")
        if a is not None and b is not None and old[a].id != new[b].id:
            yield Change("response", "tool-calls", (*step, "id"), old[a].id, new[b].id, "ids")


def _call(call: ToolCall) -> dict[str, Any]:
    arguments = parsed(call.arguments.strip())
    return {"name": call.name, "arguments": call.arguments if arguments is None else arguments}


def _named(found: Iterator[json_paths.Found], step: Path) -> Iterator[json_paths.Found]:
    """Leave `arguments` out of the paths: they are what is looked at."""
    at = len(step)
    for path, old, new, noise in found:
        short = path[:at] + path[at + 1 :] if path[at : at + 1] == ("arguments",) else path
        yield short, old, new, noise


def _unspoken(old: Reading, new: Reading) -> Iterator[Change]:
    """Compare what surrounds the messages: in an answer sent whole by path, in a stream only as noise."""
    if old.message is None or new.message is None:
        yield _instead(old, new)
        return
    a, b = _whole(old), _whole(new)
    if a is not None and b is not None:
        left, right = ({key: value for key, value in one.items() if key not in SPOKEN} for one in (a, b))
        echoes = _echoes(old.exchange.request, new.exchange.request)
        for path, before, after, noise in sides.json_values(left, right, "response"):
            yield Change("response", "body", path, before, after, noise or ("echoes" if path[0] in echoes else None))
        names = [{key: one[key] for key in ("id", "object") if key in one} for one in (a, b)]
        for path, before, after, noise in sides.json_values(names[0], names[1], "response"):
            yield Change("response", "body", path, before, after, noise or "ids")
        return
    if old.frames != new.frames:
        yield Change("response", "events", ("frames",), old.frames, new.frames, "chunking")
    yield from _envelopes(old, new)


def _echoes(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    """Return the fields that the requests set differently: answers of the Responses API repeat them."""
    return {key for key in old.keys() | new.keys() if key not in old or key not in new or old[key] != new[key]}


def _instead(old: Reading, new: Reading) -> Change:
    """Return what one side has in place of a message: the provider's complaint, or whatever else the body is."""
    other = old if old.message is None else new
    response = other.interaction.response
    assert response is not None
    kind: Kind = "error" if other.error else "body"
    said = other.error or plain(response.body) or ABSENT
    return Change("response", kind, (kind,), said if other is old else ABSENT, said if other is new else ABSENT)


def _whole(reading: Reading) -> dict[str, Any] | None:
    """Return an answer that was sent whole, None for a stream."""
    response = reading.interaction.response
    if response is None or reading.framed is not None:
        return None
    value = response.body.json
    return value if isinstance(value, dict) else None


def _envelopes(old: Reading, new: Reading) -> Iterator[Change]:
    """Compare the first and the last JSON object of two streams, without what the messages hold."""
    for at in (0, -1):
        left, right = (_envelope(reading, at) for reading in (old, new))
        for path, before, after, noise in sides.json_values(left, right, "response", ("frames",)):
            yield Change("response", "events", path, before, after, noise or "stream fields")


def _envelope(reading: Reading, at: int) -> dict[str, Any]:
    frames = [] if reading.framed is None else reading.framed.frames
    place = range(len(frames)) if at == 0 else range(len(frames) - 1, -1, -1)
    found = next((frames[i].object for i in place if frames[i].object), {})
    inner = found.get("response")
    envelope = inner if isinstance(inner, dict) else found
    return {key: value for key, value in envelope.items() if key not in SPOKEN or key in ("id", "object")}


def _events(old: Reading, new: Reading) -> Iterator[Change]:
    """Compare frames as they were recorded."""
    left, right = _frames(old), _frames(new)
    yield from sides.changes(sides.json_values(left, right, "response", ("frames",)), "response", "events")


def _frames(reading: Reading) -> list[dict[str, Any]]:
    """Return the frames of a stream as JSON; a body that is no stream is one frame."""
    if reading.framed is None:
        response = reading.interaction.response
        return [{"data": None if response is None else str(plain(response.body))}]
    found = []
    for frame in reading.framed.frames:
        value = frame.json
        data = value if isinstance(value, dict | list) else frame.data
        found.append({"event": frame.event, "data": data} if frame.event else {"data": data})
    return found
