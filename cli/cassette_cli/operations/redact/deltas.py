"""What a stream says in pieces: the texts of its deltas joined, and the way back to the frames.

No protocol is asked: strings that stand at the same place of frame after frame are joined, told apart
by the indices and names beside them. Where types and ids change from one delta to the next, a second
joining that leaves them out finds what the first one cuts.
"""

from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from json import loads
from operator import itemgetter
from typing import Any

from cassette_cli.operations.redact.forms import Forms
from cassette_cli.operations.redact.forms import columns as columns_of
from cassette_cli.operations.redact.hits import Hit, enclosing, merged
from cassette_cli.operations.redact.views import Mapped, json_string
from cassette_cli.source import json
from cassette_cli.source.nodes import Node
from cassette_cli.streams import editing
from cassette_cli.streams.frames import Frame, Framed

_INDICES = frozenset(
    "index output_index content_index summary_index annotation_index contentBlockIndex block_index step_index".split()
)
_NAMES = frozenset("type id item_id toolCallId tool_call_id call_id message_id messageId event kind artifactId".split())
_TELLING = _INDICES | _NAMES
_DEEPEST = 60

Path = tuple[str | int, ...]
_Leaf = tuple[int, Path, str]
_Run = tuple[Path, Sequence[int], Sequence[str]]
"""The strings at one path: the numbers of their frames, and they themselves."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One delta: the string at `path` in frame number `frame`, and where it begins in the joined text."""

    frame: int
    path: Path
    value: str = field(repr=False)
    at: int


class Joined:
    """The deltas of one place of a stream as one text."""

    def __init__(self, leaves: Sequence[_Leaf]) -> None:
        self._leaves = leaves
        self.text = "".join([text for _, _, text in leaves])

    @cached_property
    def pieces(self) -> list[Piece]:
        """The deltas, each with its place in the text."""
        ends = accumulate(len(text) for _, _, text in self._leaves)
        return [Piece(*leaf, end - len(leaf[2])) for leaf, end in zip(self._leaves, ends, strict=True)]

    def shares(self, hit: Hit) -> Iterator[tuple[Piece, Hit]]:
        """Yield what a hit means for each piece: the first one takes the new text, the others lose theirs."""
        first = True
        for piece in self.pieces:
            start, end = max(hit.start, piece.at), min(hit.end, piece.at + len(piece.value))
            if start < end:
                new, masked = (hit.new, hit.masked) if first else ("", "")
                secrets = hit.secrets if first else ()
                yield piece, Hit(start - piece.at, end - piece.at, new, masked, secrets, hit.whole)
                first = False


def joined(framed: Framed) -> list[Joined]:
    """Return the texts of a stream that come in two pieces or more."""
    frames = framed.frames
    if len(frames) < 2:
        return []
    values = [content(frame) for frame in frames]
    counters = _counters(values)
    keys, forms = _Keys(counters), Forms(_TELLING - counters)
    for number, (frame, value) in enumerate(zip(frames, values, strict=True)):
        if value is frame.parsed:
            forms.add(number, frame)
        else:
            keys.take(number, frame.event, value)
    for numbers, rows in forms.all():
        columns = columns_of(frames[numbers[0]].json, rows)
        if columns is None:
            for number in numbers:
                keys.take(number, frames[number].event, frames[number].json)
        else:
            first = frames[numbers[0]]
            for (key, path, _), texts in zip(keys.strings(first.event, first.json), columns, strict=True):
                key.runs.append((path, numbers, texts))
    return keys.joined()


def join(values: Sequence[Any]) -> list[Joined]:
    """Return the texts that come in two pieces or more; each frame is its JSON, or its bare text."""
    keys = _Keys(_counters(values))
    for number, value in enumerate(values):
        keys.take(number, None, value)
    return keys.joined()


def _counters(values: Sequence[Any]) -> frozenset[str]:
    """Return the indices that number the frames, and tell no texts apart: TGI's `index` is another in each."""
    frames = [value for value in values if isinstance(value, dict)]
    found = set()
    for name in _INDICES.intersection(frames[0]) if len(frames) > 2 else ():
        numbers = [value[name] for value in frames if isinstance(value.get(name), int)]
        if len(numbers) > 2 and len(set(numbers)) == len(numbers):
            found.add(name)
    return frozenset(found)


def content(frame: Frame) -> Any:
    """Return a frame's data as JSON, what it holds in base64 in its place; the bare text where it is no JSON."""
    value = frame.json
    if isinstance(value, dict) and isinstance(value.get("bytes"), str):
        try:
            return loads(b64decode(value["bytes"], validate=True))
        except (ValueError, RecursionError):
            return value
    return value if isinstance(value, str | dict | list) else frame.data


class _Key:
    """What strings are joined by: the steps that lead to them, with the names and indices beside.

    `loose` is the same without names, which may change from one delta to the next; `runs` are the strings.
    """

    __slots__ = ("_made", "_steps", "loose", "runs")

    def __init__(self, loose: "_Key | None", made: list["_Key"]) -> None:
        self.loose = loose
        self.runs: list[_Run] = []
        self._steps: dict[Any, _Key] = {}
        self._made = made

    def step(self, by: Any) -> "_Key":
        """Return the key that one more step makes."""
        found = self._steps.get(by)
        if found is None:
            found = self._steps[by] = _Key(None if self.loose is None else self.loose.step(by), self._made)
            if self.loose is not None:
                self._made.append(found)
        return found

    def named(self, by: Any) -> "_Key":
        """Return the key that a name makes, which the loose key leaves out."""
        found = self._steps.get(by)
        if found is None:
            found = self._steps[by] = _Key(self.loose, self._made)
            self._made.append(found)
        return found


class _Keys:
    """The keys of one stream, and what stands under them; `counters` tell nothing apart."""

    def __init__(self, counters: frozenset[str]) -> None:
        self._counters = counters
        self._told: list[_Key] = []
        self._root = _Key(_Key(None, self._told), self._told)
        self._told.append(self._root)

    def take(self, number: int, event: str | None, value: Any) -> None:
        """Take in the strings of one frame."""
        for key, path, text in self.strings(event, value):
            key.runs.append((path, (number,), (text,)))

    def strings(self, event: str | None, value: Any) -> Iterator[tuple[_Key, Path, str]]:
        """Yield the strings of a frame with their keys and paths, in the order of the text."""
        if isinstance(value, dict) and self._counters:
            value = {name: one for name, one in value.items() if name not in self._counters}
        if isinstance(value, dict | list):
            yield from _strings(value, (), self._root.named(event), 0)
        elif isinstance(value, str):
            yield self._root, (), value

    def joined(self) -> list[Joined]:
        """Return the texts that come in two pieces or more, by the keys and by the loose ones."""
        parts: dict[int, list[list[_Run]]] = {}
        for key in self._told:
            if key.runs:
                parts.setdefault(id(key.loose), []).append(key.runs)
        groups = [key.runs for key in self._told]
        groups += ([run for runs in several for run in runs] for several in parts.values() if len(several) > 1)
        self._told.clear()  # the keys know this list: without it they are gone when they are let go
        return [Joined(_leaves(runs)) for runs in groups if _varies(runs)]


def _varies(runs: Sequence[_Run]) -> bool:
    """Say whether the pieces differ: an id or a model's name that every frame repeats is no delta."""
    return any(values.count(runs[0][2][0]) != len(values) for _, _, values in runs)


def _leaves(runs: Sequence[_Run]) -> list[_Leaf]:
    """Return the strings of runs, frame by frame."""
    leaves = [
        (number, path, text) for path, numbers, texts in runs for number, text in zip(numbers, texts, strict=True)
    ]
    return sorted(leaves, key=itemgetter(0)) if len(runs) > 1 else leaves


def _strings(value: Any, path: Path, key: _Key, depth: int) -> Iterator[tuple[_Key, Path, str]]:
    """Yield the strings of an object or a list."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for name in sorted(value.keys() & _TELLING):
            one = value[name]
            if name in _INDICES:
                key = key.step((name, str(one))) if not isinstance(one, dict | list) else key
            elif isinstance(one, str):
                key = key.named((name, one))
        for name, one in value.items():
            if isinstance(one, str):
                yield key.step(name), (*path, name), one
            elif isinstance(one, dict | list):
                yield from _strings(one, (*path, name), key.step(name), depth + 1)
        return
    for number, one in enumerate(value):
        if isinstance(one, str):
            yield key.step(number), (*path, number), one
        elif isinstance(one, dict | list):
            place = one.get("index", number) if isinstance(one, dict) else number
            yield from _strings(one, (*path, number), key.step(str(place)), depth + 1)


@dataclass(slots=True)
class FrameText:
    """The text of one frame that hits are counted in: its data, or the JSON that it holds in base64."""

    text: str
    inner: editing.Inner | None = None

    def place(self, path: Path) -> Mapped | None:
        """View the string at a path; None where it is not found."""
        if not path and not self.text.lstrip().startswith('"'):
            return Mapped(self.text, [0, len(self.text)], [0, len(self.text)], str)
        node: Node | None = json.compose(self.text)[0]
        for step in path:
            node = _step(node, step)
        return None if node is None else json_string(self.text, node.start + 1, node.end - 1)


def _step(node: Node | None, step: str | int) -> Node | None:
    if node is None:
        return None
    if isinstance(step, str):
        return node.get(step)
    return node.items[step] if step < len(node.items) else None


def frame_text(frame: Frame) -> FrameText:
    """Return the text of a frame in which hits are counted."""
    inner = editing.inner(frame)
    return FrameText(frame.data) if inner is None else FrameText(inner.text, inner)


def spread(join: Joined, hits: Sequence[Hit], texts: dict[int, FrameText], framed: Framed) -> dict[int, list[Hit]]:
    """Return hits of a joined text as hits of the frames' texts; `texts` is filled as frames are met."""
    out: dict[int, list[Hit]] = {}
    for hit in hits:
        for piece, share in join.shares(hit):
            text = texts.setdefault(piece.frame, frame_text(framed.frames[piece.frame]))
            view = text.place(piece.path)
            if view is not None and view.text == piece.value:
                out.setdefault(piece.frame, []).extend(view.lift([share]))
    return out


def payload_view(frame: Frame) -> Mapped:
    """View a frame's data in a textual payload: its lines, and one line feed for what stands between two."""
    at, outer, size = [0], [frame.data_spans[0][0]], 0
    for number, (start, end) in enumerate(frame.data_spans):
        if number:
            size += 1
            at.append(size)
            outer.append(start)
        size += end - start
        at.append(size)
        outer.append(end)
    return Mapped(frame.data, at, outer, str)


def outward(text: FrameText, hits: Sequence[Hit]) -> list[Hit]:
    """Return hits of a frame's text as hits of its data: one, where the text was in base64."""
    hits = merged(hits)
    if text.inner is None or not hits:
        return hits
    new, masked = (
        text.inner.parts([(hit.start, hit.end, hit.masked if shown else hit.new) for hit in hits])
        for shown in (False, True)
    )
    return [enclosing(hits, *text.inner.span, new[0][2], masked[0][2])] if new and masked else []
