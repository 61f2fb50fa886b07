"""Merging neighbouring deltas of one field into one: the first frame keeps its envelope, the others go.

Two frames join if their JSON is the same but for one string that both have text in, which the
table in `joining` knows as a piece of a whole. Nothing else may differ save what the table calls
noise, so a change of role, index, block, finish, usage or any other field ends a run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cassette_cli.operations.trim.joining import JOININGS, Joining, Path
from cassette_cli.providers.base import is_vacant
from cassette_cli.source import json
from cassette_cli.source.edits import Part
from cassette_cli.source.nodes import Node
from cassette_cli.streams import editing
from cassette_cli.streams.frames import NOT_JSON, Frame

Place = tuple[str | int, ...]

_DEEPEST = 50
"""No delta is nested as deep as this."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A frame that is nothing but a piece of text, in the places `at`; `rest` is all else that is in it."""

    rest: tuple[Any, ...]
    at: tuple[Place, ...]
    words: str
    inner: bool

    def joins(self, other: "Delta") -> bool:
        """Say whether the other one, coming next, is more of the same."""
        return self.at == other.at and self.rest == other.rest


@dataclass(frozen=True, slots=True)
class Run:
    """Frames, by number, that become the first of them; `parts` are those of its data."""

    numbers: tuple[int, ...]
    parts: list[Part]


def runs(frames: Sequence[Frame], kept: Sequence[int], protocol: str, limit: int) -> Iterator[Run]:
    """Yield the runs among the frames that are kept; `limit` is the most characters of one, 0 for any."""
    joinings = JOININGS.get(protocol, ())
    if not joinings:
        return
    open_run: list[int] = []
    first: Delta | None = None
    size, halved = 0, False
    for number in kept:
        delta = delta_of(frames[number], joinings)
        fits = delta is not None and not halved and (not limit or size + len(delta.words) <= limit)
        # Half a surrogate pair joined to its other half reads as one character, where clients had two.
        halved = delta is not None and "\ud800" <= delta.words[-1] <= "\udbff"
        if delta is not None and first is not None and fits and first.joins(delta):
            open_run.append(number)
            size += len(delta.words)
            continue
        if first is not None and len(open_run) > 1:
            yield _run(frames, open_run, first)
        open_run, first, size = [number], delta, 0 if delta is None else len(delta.words)
    if first is not None and len(open_run) > 1:
        yield _run(frames, open_run, first)


def delta_of(frame: Frame, joinings: Sequence[Joining]) -> Delta | None:
    """Return the frame as a delta, None where it is anything more or less than one."""
    if frame.json is NOT_JSON:
        return None
    for joining in joinings:
        value: Any = frame.json
        if joining.inner:
            inner = editing.inner(frame) if frame.object.keys() <= {"bytes", "p"} else None
            value = None if inner is None else Frame(None, inner.text, (0, 0)).json
        delta = _delta(frame, value, joining)
        if delta is not None:
            return delta
    return None


def _delta(frame: Frame, value: Any, joining: Joining) -> Delta | None:
    if joining.events is not None and frame.event not in joining.events:
        return None
    if joining.kinds is not None:
        kind = value.get(joining.kind_key) if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in joining.kinds:
            return None
    rest: list[Any] = [frame.event, frame.fields]
    found: list[tuple[Place, str]] = []
    echoes: list[tuple[Place, str]] = []
    for place, leaf in _leaves(value, ()):
        path = tuple("*" if isinstance(step, int) else step for step in place)
        if path[:1] and path[0] in joining.noise:
            continue
        if path in joining.pieces and isinstance(leaf, str):
            rest.append(place)
            if leaf:
                found.append((place, leaf))
        elif path in joining.mirrors and isinstance(leaf, str) and leaf:
            rest.append(place)
            echoes.append((place, leaf))
        elif _is_rest(path, leaf, joining):
            rest.append((place, type(leaf), leaf))
        else:
            return None
    if len(found) != 1 or any(words != found[0][1] for _, words in echoes):
        return None
    return Delta(tuple(rest), tuple(place for place, _ in (*found, *echoes)), found[0][1], joining.inner)


def _is_rest(path: Path, leaf: Any, joining: Joining) -> bool:
    """Say whether a value may stand in a delta besides its text."""
    if path[: len(joining.within)] != joining.within or is_vacant(leaf):
        return True
    return any(path[: len(steady)] == steady for steady in joining.steady)


def _leaves(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    """Yield what is no filled object or list, each with its place."""
    if len(place) > _DEEPEST:
        yield place, object()  # equal to nothing: such a frame is no delta
    elif isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*place, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, (*place, index))
    else:
        yield place, value


def _run(frames: Sequence[Frame], numbers: Sequence[int], first: Delta) -> Run:
    """Return the run: the text of the others is put behind the first one's, as it is written in each."""
    head = frames[numbers[0]]
    inner = editing.inner(head) if first.inner else None
    root = json.compose(inner.text if inner is not None else head.data)[0]
    added: dict[Place, list[str]] = {place: [] for place in first.at}
    for number in numbers[1:]:
        frame = frames[number]
        own = editing.inner(frame) if first.inner else None
        text = own.text if own is not None else frame.data
        tree = json.compose(text)[0]
        for place, pieces in added.items():
            node = _at(tree, place)
            pieces.append(text[node.start + 1 : node.end - 1])
    parts: list[Part] = []
    for place, pieces in added.items():
        end = _at(root, place).end - 1
        parts.append((end, end, "".join(pieces)))
    return Run(tuple(numbers), parts if inner is None else inner.parts(parts))


def _at(node: Node, place: Place) -> Node:
    for step in place:
        found = node.items[step] if isinstance(step, int) else node.get(step)
        assert found is not None
        node = found
    return node
