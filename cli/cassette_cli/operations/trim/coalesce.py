"""Merging neighbouring deltas of one field into one: the first frame keeps its envelope, the others go.

Two frames merge if their JSON is the same but for one string that both have text in, which the
protocol's `coalescing` names. Nothing else may differ save what it calls varying, so a change of role,
index, block, finish, usage or any other field ends a run.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from cassette_cli.providers.base import Coalescing, Path
from cassette_cli.providers.values import is_vacant
from cassette_cli.source import json
from cassette_cli.source.edits import Part
from cassette_cli.source.nodes import Node
from cassette_cli.streams import editing
from cassette_cli.streams.frames import NOT_JSON, Frame

Steps = tuple[str | int, ...]

_DEEPEST = 50
"""No delta is nested as deep as this."""


class Delta(NamedTuple):
    """A frame that holds nothing but text to join, at the paths `at`; `rest` is all else that is in it."""

    rest: tuple[Any, ...]
    at: tuple[Steps, ...]
    words: str
    inner: bool

    def joins(self, other: "Delta") -> bool:
        """Say whether the other one, coming next, is more of the same."""
        return self.at == other.at and self.rest == other.rest


class Run(NamedTuple):
    """Frames, by number, that become the first of them; `parts` are those of its data."""

    numbers: tuple[int, ...]
    parts: list[Part]


def runs(frames: Sequence[Frame], kept: Sequence[int], coalescing: Sequence[Coalescing], limit: int) -> Iterator[Run]:
    """Yield the runs among the frames that are kept; `limit` is the most characters of one, 0 for any."""
    open_run: list[int] = []
    first: Delta | None = None
    size, halved = 0, False
    for number in kept:
        delta = delta_of(frames[number], coalescing)
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


def delta_of(frame: Frame, coalescing: Sequence[Coalescing]) -> Delta | None:
    """Return the frame as a delta, None where it is anything more or less than one."""
    if frame.json is NOT_JSON:
        return None
    for rule in coalescing:
        value: Any = frame.json
        if rule.inner:
            inner = editing.inner(frame) if frame.object.keys() <= {"bytes", "p"} else None
            value = None if inner is None else Frame(None, inner.text, (0, 0)).json
        delta = _delta(frame, value, rule)
        if delta is not None:
            return delta
    return None


def _delta(frame: Frame, value: Any, rule: Coalescing) -> Delta | None:
    if rule.events is not None and frame.event not in rule.events:
        return None
    if rule.kinds is not None:
        kind = value.get(rule.kind_key) if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in rule.kinds:
            return None
    rest: list[Any] = [frame.event, frame.fields]
    found: list[tuple[Steps, str]] = []
    repeated: list[tuple[Steps, str]] = []
    for steps, leaf in _leaves(value, ()):
        path = tuple("*" if isinstance(step, int) else step for step in steps)
        if path[:1] and path[0] in rule.varying:
            continue
        if path in rule.texts and isinstance(leaf, str):
            rest.append(steps)
            if leaf:
                found.append((steps, leaf))
        elif path in rule.repeats and isinstance(leaf, str) and leaf:
            rest.append(steps)
            repeated.append((steps, leaf))
        elif _is_rest(path, leaf, rule):
            rest.append((steps, type(leaf), leaf))
        else:
            return None
    if len(found) != 1 or any(words != found[0][1] for _, words in repeated):
        return None
    return Delta(tuple(rest), tuple(steps for steps, _ in (*found, *repeated)), found[0][1], rule.inner)


def _is_rest(path: Path, leaf: Any, rule: Coalescing) -> bool:
    """Say whether a value may stand in a delta besides its text."""
    if path[: len(rule.within)] != rule.within or is_vacant(leaf):
        return True
    return any(path[: len(steady)] == steady for steady in rule.equal)


def _leaves(value: Any, steps: Steps) -> Iterator[tuple[Steps, Any]]:
    """Yield each scalar and each empty object or list, with the steps to it."""
    if len(steps) > _DEEPEST:
        yield steps, object()  # equal to nothing: such a frame is no delta
    elif isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*steps, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, (*steps, index))
    else:
        yield steps, value


def _run(frames: Sequence[Frame], numbers: Sequence[int], first: Delta) -> Run:
    """Return the run: the text of the others is put behind the first one's, as it is written in each."""
    head = frames[numbers[0]]
    inner = editing.inner(head) if first.inner else None
    root = json.compose(inner.text if inner is not None else head.data)[0]
    added: dict[Steps, list[str]] = {steps: [] for steps in first.at}
    for number in numbers[1:]:
        frame = frames[number]
        own = editing.inner(frame) if first.inner else None
        text = own.text if own is not None else frame.data
        tree = json.compose(text)[0]
        for steps, pieces in added.items():
            node = _at(tree, steps)
            pieces.append(text[node.start + 1 : node.end - 1])
    parts: list[Part] = []
    for steps, pieces in added.items():
        end = _at(root, steps).end - 1
        parts.append((end, end, "".join(pieces)))
    return Run(tuple(numbers), parts if inner is None else inner.parts(parts))


def _at(node: Node, steps: Steps) -> Node:
    for step in steps:
        found = node.items[step] if isinstance(step, int) else node.get(step)
        assert found is not None
        node = found
    return node
