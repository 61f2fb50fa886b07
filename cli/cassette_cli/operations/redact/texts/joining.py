"""The texts that a stream says in pieces, joined.

No protocol is asked: strings that stand at the same place of frame after frame are joined, told apart
by the indices and names beside them. Where types and ids change from one delta to the next, a second
joining that leaves them out finds what the first one cuts.
"""

from array import array
from base64 import b64decode
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from heapq import merge
from itertools import pairwise
from json import loads
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from cassette_cli.streams.frames import Frame

_INDICES = frozenset(
    "index output_index content_index summary_index annotation_index contentBlockIndex block_index step_index".split()
)
_NAMES = frozenset("type id item_id toolCallId tool_call_id call_id message_id messageId event kind artifactId".split())
_TELLING = _INDICES | _NAMES
_NO_WORDS = _NAMES | frozenset(
    "role name model object finish_reason finishReason stop_reason created_at timestamp obfuscation p".split()
)
"""Names under which a stream says nothing of what it is about: labels, times, padding."""
_DEEPEST = 60
_LOOSE_ROOT, _ROOT = 0, 1

Path = tuple[str | int, ...]


class _Leaves:
    """Strings of frames: of each the number of its frame, which of the frame's strings it is, and the string itself.

    One that is met again and again, as the id of an answer is, is held once.
    """

    __slots__ = ("numbers", "places", "texts")

    def __init__(self) -> None:
        self.numbers = array("L")
        self.places = array("L")
        self.texts: list[str] = []

    def add(self, number: int, place: int, text: str) -> None:
        """Take the next string."""
        self.numbers.append(number)
        self.places.append(place)
        texts = self.texts
        texts.append(texts[-1] if texts and texts[-1] == text else text)

    def __iter__(self) -> Iterator[tuple[int, int, str]]:
        return zip(self.numbers, self.places, self.texts, strict=True)

    @classmethod
    def merged(cls, several: Iterable["_Leaves"]) -> "_Leaves":
        """Return the strings of several in the order of their frames."""
        made = cls()
        for leaf in merge(*several, key=itemgetter(0)):
            made.add(*leaf)
        return made


class Delta(NamedTuple):
    """The string at `path` in frame number `frame`, and where it begins in the joined text."""

    frame: int
    path: Path
    value: str
    at: int


class Joined:
    """The deltas of one place of a stream as one text; `values` are the frames' JSON."""

    def __init__(self, leaves: _Leaves, values: Sequence[Any]) -> None:
        self._leaves = leaves
        self._values = values
        self.text = "".join(leaves.texts)

    @cached_property
    def deltas(self) -> list[Delta]:
        """The deltas, each with its place in the text; those that say nothing are left out."""
        found, at = [], 0
        paths: dict[int, list[Path]] = {}
        for number, place, text in self._leaves:
            if number not in paths:
                paths[number] = _paths(self._values[number])
            if text:
                found.append(Delta(number, paths[number][place], text, at))
            at += len(text)
        return found

    def at(self, start: int) -> int:
        """Return which delta holds an offset of the text."""
        return max(bisect_right(self.deltas, start, key=attrgetter("at")) - 1, 0)


def join(values: Sequence[Any]) -> list[Joined]:
    """Return the texts that come in two pieces or more; each frame is its JSON, or its bare text."""
    if len(values) < 2:
        return []
    keys = _Keys(_counters(values))
    for number, value in enumerate(values):
        keys.take(number, None, value)
    return keys.joined(values)


def content(frame: Frame) -> Any:
    """Return a frame's data as JSON, what it holds in base64 in its place; the bare text where it is no JSON."""
    value = frame.glance
    if isinstance(value, dict) and isinstance(value.get("bytes"), str):
        try:
            return loads(b64decode(value["bytes"], validate=True))
        except (ValueError, RecursionError):
            return value
    return value if isinstance(value, str | dict | list) else frame.data


def joined(frames: Sequence[Frame]) -> list[Joined]:
    """Return the texts of a stream that come in two pieces or more."""
    if len(frames) < 2:
        return []
    contents = _Contents(frames)
    keys = _Keys(_counters(contents))
    for number, (frame, value) in enumerate(zip(frames, contents, strict=True)):
        keys.take(number, frame.event, value)
    return keys.joined(contents)


def across(frames: Sequence[Frame]) -> list[str]:
    """Return what frames say, whatever the field, in the order of the stream: neighbours in one field as one text.

    What a field says again and again, labels and padding are left out.
    """
    keys = _Keys(frozenset())
    strings: list[tuple[int, str]] = []
    for frame in frames:
        strings += keys.strings(frame.event, content(frame))
    values: dict[int, set[str]] = {}
    several: set[int] = set()
    for key, text in strings:
        several.update({key} & values.keys())
        values.setdefault(key, set()).add(text)
    told = [(keys.loose(key), text) for key, text in strings if text and (key not in several or len(values[key]) > 1)]
    labels = keys.under(_NO_WORDS)
    told = [(key, text) for key, text in told if key not in labels]
    cuts = [0, *(at for at, (one, other) in enumerate(pairwise(told), 1) if one[0] != other[0]), len(told)]
    return ["".join([text for _, text in told[start:end]]) for start, end in pairwise(cuts)]


class _Contents(Sequence[Any]):
    """The contents of frames, each made when it is asked for: those of a long stream fill the memory."""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self._frames = frames

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, number: Any) -> Any:
        return content(self._frames[number])


def _counters(values: Iterable[Any]) -> frozenset[str]:
    """Return the indices that number the frames, and tell no texts apart: TGI's `index` is another in each."""
    rest = iter(values)
    first = next(rest, None)
    if not isinstance(first, dict) or _INDICES.isdisjoint(first):
        return frozenset()
    frames = [first, *(value for value in rest if isinstance(value, dict))]
    found = set()
    for name in _INDICES.intersection(first):
        numbers = [value[name] for value in frames if isinstance(value.get(name), int)]
        if len(numbers) > 2 and len(set(numbers)) == len(numbers):
            found.add(name)
    return frozenset(found)


class _Keys:
    """The keys of one stream, and the strings under them; `counters` tell nothing apart.

    A key is what strings are joined by: the steps that lead to them, with the names and indices beside. It is
    a number, and `_loose` has for each the one without names, which may change from one delta to the next.
    """

    def __init__(self, counters: frozenset[str]) -> None:
        self._counters = counters
        self._steps: dict[tuple[int, Any], int] = {}
        self._loose = [_LOOSE_ROOT, _LOOSE_ROOT]
        self._leaves: dict[int, _Leaves] = {}

    def step(self, key: int, by: Any) -> int:
        """Return the key that one more step makes."""
        found = self._steps.get((key, by))
        if found is None:
            loose = self._loose[key]
            below = None if loose == key else self.step(loose, by)
            found = self._steps[key, by] = len(self._loose)
            self._loose.append(found if below is None else below)
        return found

    def named(self, key: int, by: Any) -> int:
        """Return the key that a name makes, which the loose key leaves out."""
        found = self._steps.get((key, by))
        if found is None:
            found = self._steps[key, by] = len(self._loose)
            self._loose.append(self._loose[key])
        return found

    def loose(self, key: int) -> int:
        """Return the key without names."""
        return self._loose[key]

    def under(self, names: frozenset[str]) -> set[int]:
        """Return the keys, loose ones among them, that some names end."""
        return {key for (_, by), key in self._steps.items() if by in names}

    def take(self, number: int, event: str | None, value: Any) -> None:
        """Take in the strings of one frame."""
        for place, (key, text) in enumerate(self.strings(event, value)):
            leaves = self._leaves.get(key)
            if leaves is None:
                leaves = self._leaves[key] = _Leaves()
            leaves.add(number, place, text)

    def strings(self, event: str | None, value: Any) -> list[tuple[int, str]]:
        """Return the strings of a frame with their keys, in the order of the text."""
        if isinstance(value, dict) and self._counters:
            value = {name: one for name, one in value.items() if name not in self._counters}
        if isinstance(value, str):
            return [(_ROOT, value)]
        found: list[tuple[int, str]] = []
        if isinstance(value, dict | list):
            self._collect(value, self.named(_ROOT, event), 0, found)
        return found

    def _collect(self, value: Any, key: int, depth: int, found: list[tuple[int, str]]) -> None:
        """Collect the strings of an object or a list in the order of the text."""
        if depth > _DEEPEST:
            return
        if isinstance(value, dict):
            if not _TELLING.isdisjoint(value):
                key = self._told(value, key)
            steps = self._steps
            for name, one in value.items():
                if isinstance(one, str):
                    found.append((steps.get((key, name)) or self.step(key, name), one))
                elif isinstance(one, dict | list):
                    self._collect(one, steps.get((key, name)) or self.step(key, name), depth + 1, found)
            return
        for number, one in enumerate(value):
            if isinstance(one, str):
                found.append((self.step(key, number), one))
            elif isinstance(one, dict | list):
                place = one.get("index", number) if isinstance(one, dict) else number
                self._collect(one, self.step(key, str(place)), depth + 1, found)

    def _told(self, value: dict[str, Any], key: int) -> int:
        """Return the key that the indices and names of an object make."""
        for name in sorted(value.keys() & _TELLING):
            one = value[name]
            if name in _INDICES:
                key = self.step(key, (name, str(one))) if not isinstance(one, dict | list) else key
            elif isinstance(one, str):
                key = self.named(key, (name, one))
        return key

    def joined(self, values: Sequence[Any]) -> list[Joined]:
        """Return the texts that come in two pieces or more, by the keys and by the loose ones."""
        parts: dict[int, list[_Leaves]] = {}
        for key, leaves in self._leaves.items():
            parts.setdefault(self._loose[key], []).append(leaves)
        groups = [leaves for leaves in self._leaves.values() if len(leaves.texts) > 1]
        groups += (_Leaves.merged(several) for several in parts.values() if len(several) > 1)
        return [Joined(leaves, values) for leaves in groups if _varies(leaves)]


def _varies(leaves: _Leaves) -> bool:
    """Say whether the pieces differ: an id or a model's name that every frame repeats is no delta."""
    first = leaves.texts[0]
    return any(text != first for text in leaves.texts)


def _paths(value: Any) -> list[Path]:
    """Return where the strings of a frame stand, in the order of the text."""
    return [()] if isinstance(value, str) else list(_paths_in(value, (), 0))


def _paths_in(value: Any, path: Path, depth: int) -> Iterator[Path]:
    if depth > _DEEPEST:
        return
    steps: Iterable[tuple[str | int, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
    for step, one in steps:
        if isinstance(one, str):
            yield (*path, step)
        elif isinstance(one, dict | list):
            yield from _paths_in(one, (*path, step), depth + 1)
