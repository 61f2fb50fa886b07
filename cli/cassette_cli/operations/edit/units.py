"""The frames of an answer as JSON that can be changed: values by their places, and the way back into the body."""

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from cassette_cli.model import structure
from cassette_cli.model.storage import difference
from cassette_cli.operations.edit.payloads import json_parts
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit, Part, Put, Replace
from cassette_cli.source.nodes import Node
from cassette_cli.streams import editing
from cassette_cli.streams.frames import NOT_JSON, Frame, Framed

Path = tuple[str | int, ...]
Place = tuple[int, Path]
"""The number of a unit, and the path in its JSON."""

_DEEPEST = 60


class Unit(NamedTuple):
    """A frame, or a whole answer: its JSON, what that is written as, and what holds it in base64.

    A `bare` text is no JSON, but the words themselves.
    """

    text: str
    value: Any
    frame: Frame | None = None
    inner: editing.Inner | None = None
    bare: bool = False


def units_of(framed: Framed, *, plain: bool) -> Iterator[Unit]:
    """Yield the frames of a stream; of a `plain` one, each is a bare text, whatever it looks like."""
    for frame in framed.frames:
        inner = editing.inner(frame)
        text = frame.data if inner is None else inner.text
        value = frame.json if inner is None else Frame(None, text, (0, 0)).json
        bare = plain or value is NOT_JSON
        yield Unit(text, text if bare else value, frame, inner, bare)


def whole_unit(text: str) -> Unit:
    """Return an answer that is no stream; raises `ValueError` for what is no JSON."""
    return Unit(text, json.loads(text.removeprefix("\ufeff")))


def changed(units: Sequence[Unit], changes: dict[Place, Any]) -> list[Unit]:
    """Return the units with other values at these places."""
    by_unit: dict[int, list[tuple[Path, Any]]] = {}
    for (number, path), value in changes.items():
        by_unit.setdefault(number, []).append((path, value))
    made = list(units)
    for number, own in by_unit.items():
        value = deepcopy(made[number].value)
        for path, new in own:
            value = _put(value, path, new)
        made[number] = made[number]._replace(value=value)
    return made


def parts_of(units: Sequence[Unit], changes: dict[Place, Any]) -> dict[int, list[Part]]:
    """Return what changes come to as parts of each frame's data."""
    by_unit: dict[int, dict[Path, Any]] = {}
    for (number, path), value in changes.items():
        by_unit.setdefault(number, {})[path] = value
    parts: dict[int, list[Part]] = {}
    for number, own in by_unit.items():
        unit = units[number]
        made = _unit_parts(unit, own)
        if made:
            parts[number] = unit.inner.parts(made) if unit.inner is not None else made
    return parts


def _unit_parts(unit: Unit, values: dict[Path, Any]) -> list[Part]:
    """Return new values at places of a frame's JSON as parts of its text."""
    if unit.bare:
        part = difference(unit.text, values[()])
        return [] if part is None else [part]

    def edits(document: Document) -> Iterator[Edit]:
        for path, value in values.items():
            node = document.root
            for step in path:
                inner = node.items[step] if isinstance(step, int) else node.get(step)
                assert inner is not None
                node = inner
            yield from _node_edits(node, value)

    return json_parts(unit.text, edits)


def _node_edits(node: Node, value: Any) -> list[Edit]:
    if isinstance(value, str) and node.tag == "str":
        part = difference(node.value, value)
        return [] if part is None else [Replace(node, (part,))]
    return structure.changes(node, value, is_json=True) if isinstance(value, dict | list) else [Put(node, value)]


def frame_of(unit: Unit) -> Frame:
    """Return a unit as the frame that holds it."""
    old = unit.frame
    assert old is not None
    data = unit.value if unit.bare else json.dumps(unit.value, ensure_ascii=False)
    if unit.inner is not None:
        held = {**old.object, "bytes": b64encode(data.encode()).decode()}
        return Frame(old.event, json.dumps(held), old.span, old.place, old.fields, parsed=held)
    if unit.bare:
        return Frame(old.event, data, old.span, old.place, old.fields)
    return Frame(old.event, data, old.span, old.place, old.fields, parsed=unit.value)


def leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield the strings and numbers of a JSON value, each with its path."""
    if len(path) > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from leaves(one, (*path, index))
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield path, value


def nulls(value: Any, path: Path) -> Iterator[Path]:
    """Yield the paths of the nulls in a JSON value."""
    if isinstance(value, dict | list) and len(path) <= _DEEPEST:
        pairs: Any = value.items() if isinstance(value, dict) else enumerate(value)
        for step, one in pairs:
            yield from [(*path, step)] if one is None else nulls(one, (*path, step))


def collections(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield the objects and lists of a JSON value, each with its path."""
    if isinstance(value, dict | list) and len(path) <= _DEEPEST:
        yield path, value
        pairs: Any = value.items() if isinstance(value, dict) else enumerate(value)
        for step, one in pairs:
            yield from collections(one, (*path, step))


def _put(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    return value
