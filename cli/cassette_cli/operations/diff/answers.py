"""Two answers compared: as the messages that SDKs rebuild from them, and as bodies for all that those do not carry."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from cassette_cli.model.message import Choice, Message, ToolCall
from cassette_cli.operations.diff import json_compare, remainder, sides
from cassette_cli.operations.diff.remainder import STRUCTURE
from cassette_cli.operations.diff.result import Change, Kind
from cassette_cli.operations.diff.values import ABSENT, Index, Path, keys_of, parsed, path_text, plain
from cassette_cli.operations.reading import Reading
from cassette_cli.operations.volatile import fold, is_vacant


def compare(old: Reading, new: Reading, told: Iterable[Change] = (), *, events: bool = False) -> Iterator[Change]:
    """Yield where two answers differ; `told` is what differs in the requests, which answers may repeat."""
    a, b = old.interaction.response, new.interaction.response
    if a is None or b is None:
        if a is not b:
            yield Change("response", "error", ("response",), *(_there(one) for one in (a, b)))
        if old.interaction.error != new.interaction.error:
            yield _change("error", ("error",), old.interaction.error, new.interaction.error)
        return
    if a.status != b.status:
        yield Change("response", "status", ("status",), a.status, b.status)
    if (a.reason or "") != (b.reason or ""):
        yield Change("response", "status", ("reason",), a.reason, b.reason, "reason-phrases")
    changed = a.body.payload != b.body.payload
    if changed:
        yield from _bodies(old, new, list(told), events=events)
    yield from sides.headers(a.headers, b.headers, "response", body_changed=changed)
    if a.duration_ms != b.duration_ms:
        yield Change("response", "body", ("duration_ms",), a.duration_ms, b.duration_ms, "durations")


def _there(response: object) -> Any:
    return ABSENT if response is None else "recorded"


def _bodies(old: Reading, new: Reading, told: list[Change], *, events: bool) -> Iterator[Change]:
    if events and (old.framed is not None or new.framed is not None):
        yield from _events(old, new)
        return
    if old.message is not None or new.message is not None:
        found = list(messages(old.message or Message(), new.message or Message()))
        found += _beside(old, new, told, found)
        yield from found
        if not found:
            yield Change("response", "events", (), ABSENT, ABSENT, "layout" if old.framed is None else "chunking")
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
    seen: list[Change] = []
    found = sides.json_values(old.usage or {}, new.usage or {}, "response", ("usage",))
    for change in sides.changes(found, "response", "usage"):
        # A cost is told as a total and in details.
        again = _is_telling(change.old) and any((one.old, one.new) == (change.old, change.new) for one in seen)
        seen.append(change)
        yield change._replace(volatile="repeated") if again and change.volatile is None else change


def _choices(old: Choice, new: Choice, path: Path) -> Iterator[Change]:
    yield from _words("text", (*path, "text"), old.text, new.text)
    yield from _words("reasoning", (*path, "reasoning"), old.reasoning, new.reasoning)
    yield from _words("text", (*path, "refusal"), old.refusal, new.refusal)
    yield from _calls(old.tool_calls, new.tool_calls, path)
    if (old.finish_reason or "") != (new.finish_reason or ""):
        yield _change("finish", (*path, "finish_reason"), old.finish_reason, new.finish_reason)
    if (old.role or "assistant") != (new.role or "assistant"):
        yield _change("text", (*path, "role"), old.role, new.role)


def _words(kind: Kind, path: Path, old: str | None, new: str | None) -> Iterator[Change]:
    if (old or "") != (new or ""):
        yield _change(kind, path, old, new)


def _change(kind: Kind, path: Path, old: Any, new: Any) -> Change:
    """Make a change; what one side lacks or leaves empty is absent."""
    old, new = (ABSENT if value is None or value == "" else value for value in (old, new))
    return Change("response", kind, path, old, new)


def _calls(old: list[ToolCall], new: list[ToolCall], path: Path) -> Iterator[Change]:
    """Compare tool calls, paired by name and arguments, then argument by argument; their ids are volatile."""
    left, right = [_call(call) for call in old], [_call(call) for call in new]
    pairs = json_compare.aligned(left, right, "content")
    if not json_compare.in_order(pairs):
        yield Change("response", "tool-calls", (*path, "tool_calls"), [c.name for c in old], [c.name for c in new])
    for a, b in pairs:
        before, after = ABSENT if a is None else left[a], ABSENT if b is None else right[b]
        name = old[a].name if a is not None else new[b].name if b is not None else None
        step = (*path, "tool_calls", Index(a, b, name or "?"))
        found = json_compare.compare(before, after, "content", step)
        yield from sides.changes(_named(found, step), "response", "tool-calls")
        if a is not None and b is not None and old[a].id != new[b].id:
            yield Change("response", "tool-calls", (*step, "id"), old[a].id, new[b].id, "ids")


def _call(call: ToolCall) -> dict[str, Any]:
    arguments = parsed(call.arguments.strip())
    return {"name": call.name, "arguments": call.arguments if arguments is None else arguments}


def _named(found: Iterator[json_compare.Found], step: Path) -> Iterator[json_compare.Found]:
    """Leave `arguments` out of the paths: they are what is looked at."""
    at = len(step)
    for path, old, new, rule in found:
        short = path[:at] + path[at + 1 :] if path[at : at + 1] == ("arguments",) else path
        yield short, old, new, rule


def _beside(old: Reading, new: Reading, asked: list[Change], told: list[Change]) -> Iterator[Change]:
    """Compare all that the messages do not say: the body of an answer sent whole, the frames of streams."""
    if old.message is None or new.message is None:
        yield _instead(old, new)
        return
    if (old.framed is None) != (new.framed is None):
        forms = ("one body" if one.framed is None else f"a stream of {one.frames} frames" for one in (old, new))
        yield Change("response", "body", ("form",), *forms)
        return
    passed: tuple[list[Any], list[Any]] = ([], [])
    a, b, path = _rest(old, new, passed)
    if old.frames != new.frames or passed[0] != passed[1]:
        yield Change("response", "events", ("frames",), old.frames, new.frames, "chunking")
    known = _Told.of(told)
    echoes = _Echoes([change for change in asked if change.kind == "request"])
    seen: dict[str, list[Change]] = {}
    for change in sides.changes(sides.json_values(a, b, "response", path), "response", "body"):
        kind: Kind = "usage" if _USAGE.intersection(step for step in change.path if isinstance(step, str)) else "body"
        found = _judged(change, kind, known, echoes)
        if found is not None:
            yield _once(found._replace(path=_in_answer(found.path)), seen)


def _in_answer(path: Path) -> Path:
    """Return the path in the answer itself, of which some frames hold all that is known so far."""
    return path[3:] if path[:1] == ("frames",) and len(path) > 3 and path[2] in ("response", "message") else path


def _once(change: Change, seen: dict[str, list[Change]]) -> Change:
    """Return a difference as repeated where another frame has told it of the same path."""
    if change.volatile is not None:
        return change
    same = seen.setdefault(path_text(change.path), [])
    is_same = json_compare.identical
    if any(is_same(one.old, change.old) and is_same(one.new, change.new) for one in same):
        return change._replace(volatile="repeated")
    same.append(change)
    return change


_USAGE: Final = frozenset({"usage", "usageMetadata", "usage_metadata", "tokenCount", "billed_units"})


def _rest(old: Reading, new: Reading, passed: tuple[list[Any], list[Any]]) -> tuple[Any, Any, Path]:
    """Return what is to compare of two bodies, and the path that it has; what streams only run on goes to `passed`."""
    if old.framed is None or new.framed is None:
        bodies = (one.interaction.response for one in (old, new))
        a, b = (None if one is None else one.body.json for one in bodies)
        return a, b, ()
    if old.protocol is None or new.protocol is None:
        return [], [], ()  # the message is the data of all frames
    found = []
    for one, gone in zip((old, new), passed, strict=True):
        assert one.framed is not None
        assert one.message is not None
        found.append(remainder.of_stream(one.framed.frames, remainder.said(one.message), gone))
    if all(len(groups) == 1 and "type" not in groups[0] for groups in found):
        return found[0][0], found[1][0], ()
    return found[0], found[1], ("frames",)


_TEXTS: Final = frozenset({
    "text", "content", "thinking", "reasoning", "reasoningcontent", "delta", "outputtext", "summary", "refusal", "name",
    "response", "completion", "generatedtext", "message", "arguments", "input", "partialjson", "detail", "type",
    "code", "error", "transcript", "data", "generation", "finishreason", "stopreason", "model", "modelversion",
    "status", "stopsequence", "completionreason", "donereason",
})  # fmt: skip
"""Keys, as `fold` returns them, under which messages find what they say."""
_LONG: Final = 8


_NAMES: Final = {"finish": "reason", "model": "model"}
"""What is in the names under which a kind of change is found, whatever the provider calls it."""


@dataclass
class _Told:
    """What is told of an interaction already, to be known again at other places of its body."""

    changes: list[Change] = field(default_factory=list)
    values: tuple[set[Any], set[Any]] = field(default_factory=lambda: (set(), set()))
    texts: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))

    @classmethod
    def of(cls, changes: Iterable[Change]) -> "_Told":
        """Gather the values of changes."""
        made = cls([change for change in changes if change.volatile is None])
        for change in made.changes:
            for side, value in enumerate((change.old, change.new)):
                if value is ABSENT:
                    continue
                for key, leaf in remainder.leaves(value, keys_of(change.path)[0] or ""):
                    made.values[side].add((fold(key), type(leaf), leaf))
                    if isinstance(leaf, str):
                        made.texts[side].append(leaf)
        return made

    def knows(self, key: str, value: Any, side: int) -> bool:
        """Say whether a value of one side is in what is told of it."""
        if isinstance(value, str) and value and (len(value) >= _LONG or fold(key) in _TEXTS):
            return any(value in text for text in self.texts[side])
        return (fold(key), type(value), value) in self.values[side]

    def place_of(self, path: Path, old: Any, new: Any) -> str | None:
        """Return how a difference is told already: "here" by its own change, "elsewhere" by one of equal values."""
        key = keys_of(path)[0] or ""
        folded = fold(key)
        for change in self.changes:
            a, b = change.old, change.new
            if json_compare.identical(a, old) and json_compare.identical(b, new):
                own = (
                    folded == fold(keys_of(change.path)[0] or "")
                    or folded in _TEXTS
                    or _NAMES.get(change.kind, "-") in folded
                )
                if own or _is_telling(old) or _is_telling(new):
                    return "here" if own else "elsewhere"
            if all(isinstance(value, str) and value for value in (a, b, old, new)) and old in a and new in b:
                if folded in _TEXTS:
                    return "here"
                if min(len(old), len(new)) >= _LONG:
                    return "elsewhere"
        return None


class _Echoes:
    """What requests set differently, which the answers of some APIs repeat."""

    def __init__(self, changes: list[Change]) -> None:
        self._by_key: dict[str, list[Change]] = {}
        for change in changes:
            for step in change.path[:1]:
                if isinstance(step, str) and change.volatile is None:
                    self._by_key.setdefault(step, []).append(change)

    def hold(self, path: Path, old: Any, new: Any) -> bool:
        """Say whether both sides repeat what their request has under the key, where it has it."""
        for step in path:
            changes = self._by_key.get(step, []) if isinstance(step, str) else []
            for change in changes:
                both = ((change.old, old), (change.new, new))
                if all(asked is ABSENT or _holds(asked, value) for asked, value in both):
                    return True
        return False


def _holds(asked: Any, value: Any) -> bool:
    return any(json_compare.same_scalar(leaf, value) for _, leaf in remainder.leaves(asked))


def _is_telling(value: Any) -> bool:
    """Say whether a value is its own: that two of them are equal is no chance."""
    if isinstance(value, float):
        return len(repr(value).strip("0.")) >= 4
    return isinstance(value, str) and len(value) >= _LONG


def _judged(change: Change, kind: Kind, told: _Told, echoes: "_Echoes") -> Change | None:
    """Return a difference between bodies as it is told: None where the message tells it already."""
    path, old, new, rule = change.path, change.old, change.new, change.volatile
    if rule is not None:
        return Change("response", kind, path, old, new, rule)
    value = new if old is ABSENT else old
    if ABSENT in (old, new) and isinstance(value, dict | list):
        side = 1 if old is ABSENT else 0
        left = _untold(value, told, side, keys_of(path)[0] or "")
        if is_vacant(left):
            return None
        old, new = (ABSENT, left) if old is ABSENT else (left, ABSENT)
        rest = _rest_of(value, told, side, "")
        told_of = {name for name, leaf in remainder.leaves(rest) if not is_vacant(leaf)}
        only_frames = path[:1] == ("frames",) and len(path) == 2 and told_of <= _FRAMING
        return Change("response", kind, path, old, new, "chunking" if only_frames else None)
    if ABSENT in (old, new):
        key = keys_of(path)[0] or ""
        known = told.knows(key, value, 1 if old is ABSENT else 0)
        # Under a key of its own it is another thing, that says the same.
        own = fold(key) in _TEXTS or not isinstance(value, str) or len(value) < _LONG
        place = ("here" if own else "elsewhere") if known else None
    else:
        place = told.place_of(path, old, new)
    if place == "here":
        return None
    if place is None and echoes.hold(path, old, new):
        return Change("response", kind, path, old, new, "echoes")
    return Change("response", kind, path, old, new, "repeated" if place else None)


_FRAMING: Final = STRUCTURE | {"event", "sequence_number", "item_id", "fields"}


def _untold(value: Any, told: _Told, side: int, key: str) -> Any:
    """Return what of a part that only one side has is not told yet: the part itself where nothing of it is."""
    if not any(told.knows(name, leaf, side) for name, leaf in _texts_and_numbers(value, key)):
        return value
    return _rest_of(value, told, side, key)


def _texts_and_numbers(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Yield the scalars of a part, those of JSON in strings included, with their keys."""
    for name, leaf in remainder.leaves(value, key):
        inner = parsed(leaf) if isinstance(leaf, str) else None
        yield from remainder.leaves(inner, name) if inner is not None else ((name, leaf),)


def _rest_of(value: Any, told: _Told, side: int, key: str) -> Any:
    """Return a part that is told without what is told of it, what is volatile, and what only says what it is."""
    if isinstance(value, dict):
        found = {}
        for name, item in value.items():
            if name in STRUCTURE or json_compare.volatile(item, "response", (key, name), value) is not None:
                continue
            rest = _rest_of(item, told, side, name)
            if not is_vacant(rest):
                found[name] = rest
        return found
    if isinstance(value, list):
        return [rest for rest in (_rest_of(one, told, side, key) for one in value) if not is_vacant(rest)]
    known = all(told.knows(name, leaf, side) for name, leaf in _texts_and_numbers(value, key))
    return None if known else value


def _instead(old: Reading, new: Reading) -> Change:
    """Return what one side has in place of a message: the provider's complaint, or whatever else the body is."""
    other = old if old.message is None else new
    response = other.interaction.response
    assert response is not None
    kind: Kind = "error" if other.error else "body"
    said = other.error or plain(response.body) or ABSENT
    return Change("response", kind, (kind,), said if other is old else ABSENT, said if other is new else ABSENT)


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
