"""What an answer says beside its message, streamed or not: as JSON that does not depend on how a stream is cut.

The frames of a stream are gathered by their type: what each of them says again is there once, deltas are joined,
and what changes on the way is a list. What the message says already is left out of both.
"""

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator
from typing import Any, Final

from cassette_cli.model.message import Message
from cassette_cli.operations.volatile import is_vacant, reason
from cassette_cli.streams.frames import Frame

_PLACES: Final = ("index", "output_index", "content_index", "summary_index", "content_block_index", "contentBlockIndex")
"""Keys that say which part of an answer a frame belongs to."""

_HOLDERS: Final = ("content", "delta", "message")

DELTA: Final = "delta"

STRUCTURE: Final = frozenset({
    "type", "role", "index", "object", "output_index", "content_index", "summary_index",
})  # fmt: skip
"""Keys that say what an item is and where it stands: where the item is told, they say no more."""


class _Values(list[Any]):
    """All values that were met under one key; one that is met again and again is held once."""

    __slots__ = ()

    def append(self, value: Any) -> None:
        """Add a value."""
        last = self[-1]
        super().append(last if type(value) is type(last) and value == last else value)


class _Group:
    """Frames of one type and place: what is said of them as a whole, the only one, or all of them gathered.

    The frames are not held: those of a long stream take many times its size.
    """

    __slots__ = ("gathered", "head", "only")

    def __init__(self) -> None:
        self.head: dict[str, Any] = {}
        self.only: dict[str, Any] | None = None
        self.gathered: dict[str, Any] | None = None

    def add(self, found: dict[str, Any]) -> None:
        """Take a frame."""
        if self.gathered is None and self.only is None:
            self.only = found
            return
        if self.gathered is None:
            self.gathered = {}
            _merge(self.gathered, self.only or {})
            self.only = None
        _merge(self.gathered, found)


class _Items:
    """All items that were met in the lists under one key: by their index or text kind, else each that is different."""

    __slots__ = ("by_key", "plain")

    def __init__(self) -> None:
        self.by_key: dict[Any, dict[str, Any]] = {}
        self.plain: list[Any] = []


def said(message: Message) -> frozenset[str]:
    """Return the texts that a message speaks for."""
    found: set[str | None] = set()
    for choice in message.choices:
        found.update((choice.text, choice.reasoning, choice.refusal))
        found.update(call.arguments for call in choice.tool_calls)
        found.update(part.text for part in choice.parts if part.kind in ("text", "reasoning", "refusal"))
    return frozenset(text for text in found if text)


def of_stream(frames: Iterable[Frame], spoken: frozenset[str], passed: list[Any] | None = None) -> list[dict[str, Any]]:
    """Return what the frames of a stream say but for the texts of its message: a mapping a type and place of frames.

    A stream whose frames have no types, as that of a chat, is one mapping in the shape of its frames. What runs on in
    its frames, as counters, clocks and places do, is there once; all of that goes to `passed`.
    """
    passed = [] if passed is None else passed
    groups: dict[tuple[Any, ...], _Group] = {}
    for frame in frames:
        if frame.data.strip() == "[DONE]":
            continue
        value = frame.json
        found = _opened(value) if isinstance(value, dict) else {"data": frame.data}
        kind = found.get("type")
        if not isinstance(kind, str):
            kind = frame.event
        places = (found.get(place) for place in _PLACES) if kind else ()
        delta = found.get(DELTA)
        inner = (delta.get("type"),) if kind and isinstance(delta, dict) else ()
        key = (kind, *(place for place in (*places, *inner) if isinstance(place, int | str)))
        group = groups.get(key)
        if group is None:
            group = groups[key] = _Group()
        group.add(found)
        head = group.head
        if frame.event is not None and frame.event != found.get("type"):
            head["event"] = frame.event
        if frame.fields:
            head.setdefault("fields", {}).update(frame.fields)
    return [made for key, group in groups.items() if (made := _group(key, group, spoken, passed))]


def _opened(found: dict[str, Any]) -> dict[str, Any]:
    """Return a frame with what stands in it in base64, as Bedrock sends the events of models."""
    coded = found.get("bytes")
    if not isinstance(coded, str):
        return found
    try:
        text = b64decode(coded, validate=True).decode("utf-8")
    except ValueError:
        return found
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        inner = None
    return {**found, "bytes": text} if not isinstance(inner, dict) else {**found, **inner, "bytes": None}


def _group(key: tuple[Any, ...], group: _Group, spoken: frozenset[str], passed: list[Any]) -> dict[str, Any]:
    delta = isinstance(key[0], str) and DELTA in key[0].lower()
    if group.gathered is None:
        made = _without(group.only, spoken)
    else:
        made = _collapsed(group.gathered, spoken, passed, delta=delta, above=None)
    if isinstance(key[0], str):  # where a part stands says no more than that there is another before it
        passed.append(key)
        made = {name: value for name, value in made.items() if name not in _PLACES}
    return {**group.head, **made}


def _merge(into: dict[str, Any], found: dict[str, Any]) -> None:
    """Gather a frame's values under their keys."""
    for key, value in found.items():
        kind = type(value)
        known = into.get(key)
        if kind is dict and (known is None or type(known) is dict):
            if known is None:
                known = into[key] = {}
            _merge(known, value)
        elif kind is list and (known is None or type(known) is _Items):
            if known is None:
                known = into[key] = _Items()
            _gather(known, value)
        elif type(known) is _Values:
            known.append(value)
        elif known is None:
            into[key] = _Values((value,))
        elif not is_vacant(value):
            # Another kind of value than before: both are kept.
            otherwise = f"{key} (otherwise)"
            if otherwise in into:
                into[otherwise].append(value)
            else:
                into[otherwise] = _Values((value,))


def _gather(into: _Items, items: list[Any]) -> None:
    for at, item in enumerate(items):
        if type(item) is not dict:
            into.plain.append(item)
            continue
        index = item.get("index")
        key: Any = None
        if type(index) is int:
            key = index
        elif any(isinstance(item.get(name), dict) for name in _HOLDERS):
            key = at  # a candidate of Gemini: its index is left out where it is 0
        elif "text" in item and not any(isinstance(value, dict | list) for value in item.values()):
            key = tuple(name for name, value in item.items() if value is True)
        if key is None:
            into.plain.append(item)
        else:
            _merge(into.by_key.setdefault(key, {}), item)


def _collapsed(node: Any, spoken: frozenset[str], passed: list[Any], *, delta: bool, above: str | None) -> Any:
    """Return what was gathered as plain JSON."""
    out = {}
    for key, value in node.items():
        inner = delta or DELTA in key.lower()
        if type(value) is dict:
            made: Any = _collapsed(value, spoken, passed, delta=inner, above=key)
        elif type(value) is _Items:
            made = [_collapsed(one, spoken, passed, delta=inner, above=key) for one in value.by_key.values()]
            made += [_without(one, spoken) for one in _different(value.plain)]
        else:
            made = _value(key, above, value, node, spoken, passed, delta=inner)
        if made is not None:
            out[key] = made
    return out


def _value(
    key: str,
    above: str | None,
    values: list[Any],
    parent: Any,
    spoken: frozenset[str],
    passed: list[Any],
    *,
    delta: bool,
) -> Any:
    """Return the values of one key as one: the only one, deltas joined, the last of numbers, else a list."""
    first = values[0]
    if values.count(first) == len(values) and type(first) is not bool:
        different = [first]
    else:
        different = [value for value in _different(values) if not is_vacant(value)]
    if not different:
        return None
    if len(different) == 1:
        one = different[0]
        return None if isinstance(one, str) and (one in spoken or "".join(map(_text, values)) in spoken) else one
    if all(isinstance(value, str) for value in different):
        joined = "".join(map(_text, values))
        if joined in spoken:
            return None
        if delta and key not in STRUCTURE:
            return joined
    if all(reason(key, above, value, parent, "response") for value in different):
        passed.append((key, different))
        return different[0]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in different):
        passed.append((key, different))
        return different[-1]
    return different


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _different(values: list[Any]) -> list[Any]:
    """Return values without repetitions, in order; 1 and true are two."""
    found: dict[Any, Any] = {}
    for value in values:
        key = repr(value) if isinstance(value, dict | list) else (type(value), value)
        found.setdefault(key, value)
    return list(found.values())


def _without(value: Any, spoken: frozenset[str]) -> Any:
    """Return JSON without the texts that the message speaks for; the keys of mappings go with them."""
    if isinstance(value, dict):
        return {
            key: _without(item, spoken) if isinstance(item, dict | list) else item
            for key, item in value.items()
            if not (isinstance(item, str) and item in spoken)
        }
    if isinstance(value, list):
        return [_without(item, spoken) for item in value]
    return value


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the scalars of JSON with the nearest key."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, key)
    else:
        yield key, value
