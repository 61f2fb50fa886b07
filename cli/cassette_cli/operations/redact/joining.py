"""The texts that a stream says in pieces, joined.

No protocol is asked: strings that stand at the same place of frame after frame are joined, told apart
by the indices and names beside them. Where types and ids change from one delta to the next, a second
joining that leaves them out finds what the first one cuts.
"""

from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from json import loads
from operator import itemgetter
from typing import Any

from cassette_cli.operations.redact.forms import Forms, texts_of
from cassette_cli.operations.redact.hits import Hit
from cassette_cli.streams.frames import Frame, Framed

_INDICES = frozenset(
    "index output_index content_index summary_index annotation_index contentBlockIndex block_index step_index".split()
)
_NAMES = frozenset("type id item_id toolCallId tool_call_id call_id message_id messageId event kind artifactId".split())
_TELLING = _INDICES | _NAMES
_DEEPEST = 60
_LOOSE_ROOT, _ROOT = 0, 1
_HELD = '"bytes"'
"""What stands in a frame that may hold JSON in base64."""

Path = tuple[str | int, ...]
_Run = tuple[int, Sequence[int], Sequence[str]]
"""Strings of one key: which of its frame's strings each is, the numbers of the frames, and the strings themselves."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One delta: the string at `path` in frame number `frame`, and where it begins in the joined text."""

    frame: int
    path: Path
    value: str = field(repr=False)
    at: int


class Joined:
    """The deltas of one place of a stream as one text; `value_of` returns a frame's JSON by its number."""

    def __init__(self, runs: Sequence[_Run], value_of: Callable[[int], Any]) -> None:
        self._runs = runs
        self._value_of = value_of
        self.text = "".join(runs[0][2] if len(runs) == 1 else [text for _, _, text in self._leaves()])

    def _leaves(self) -> list[tuple[int, int, str]]:
        """Return frame number, place among the frame's strings and text of each piece, frame by frame."""
        found: list[tuple[int, int, str]] = []
        for place, numbers, texts in self._runs:
            found += zip(numbers, repeat(place), texts, strict=False)
        return sorted(found, key=itemgetter(0))

    @cached_property
    def pieces(self) -> list[Piece]:
        """The deltas, each with its place in the text."""
        found, at = [], 0
        for number, place, text in self._leaves():
            paths = _paths(
                self._value_of(number)
            )  # fewer, if the frame looks like the first of its form and is no JSON
            found.append(Piece(number, paths[place] if place < len(paths) else (), text, at))
            at += len(text)
        return found

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
    counters = _counters(content(frame) for frame in frames)
    keys, forms = _Keys(counters), Forms(_TELLING - counters)
    alone: list[int] = []
    # Only frames with the same number of quotes can be of one form.
    quotes = [frame.data.count('"') for frame in frames]
    alike = Counter(quotes)
    for number, frame in enumerate(frames):
        if alike[quotes[number]] > 1 and frame.data[:1] in ("{", "[") and _HELD not in frame.data:
            forms.add(number, frame)
        else:
            alone.append(number)
    for numbers, rows in forms.all():
        if len(numbers) == 1:
            alone += numbers
            continue
        first = frames[numbers[0]]
        strings = keys.strings(first.event, content(first))
        columns = texts_of(rows, [text for _, text in strings])
        if columns is None:
            alone += numbers
        else:
            for place, (key, _) in enumerate(strings):
                keys.add(key, (place, numbers, columns[place]))
    for number in alone:
        keys.take(number, frames[number].event, content(frames[number]))
    return keys.joined(lambda number: content(frames[number]))


def join(values: Sequence[Any]) -> list[Joined]:
    """Return the texts that come in two pieces or more; each frame is its JSON, or its bare text."""
    keys = _Keys(_counters(values))
    for number, value in enumerate(values):
        keys.take(number, None, value)
    return keys.joined(values.__getitem__)


def content(frame: Frame) -> Any:
    """Return a frame's data as JSON, what it holds in base64 in its place; the bare text where it is no JSON."""
    value = frame.json
    if isinstance(value, dict) and isinstance(value.get("bytes"), str):
        try:
            return loads(b64decode(value["bytes"], validate=True))
        except (ValueError, RecursionError):
            return value
    return value if isinstance(value, str | dict | list) else frame.data


def _counters(values: Iterable[Any]) -> frozenset[str]:
    """Return the indices that number the frames, and tell no texts apart: TGI's `index` is another in each."""
    rest = iter(values)
    first = next(rest, None)
    if not isinstance(first, dict) or _INDICES.isdisjoint(first):
        return frozenset()  # the others, which are parsed when they are asked for, need not be
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
        self._runs: dict[int, list[_Run]] = {}

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

    def take(self, number: int, event: str | None, value: Any) -> None:
        """Take in the strings of one frame."""
        for place, (key, text) in enumerate(self.strings(event, value)):
            self.add(key, (place, (number,), (text,)))

    def add(self, key: int, run: _Run) -> None:
        """Take in the strings of several frames under one key."""
        self._runs.setdefault(key, []).append(run)

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

    def joined(self, value_of: Callable[[int], Any]) -> list[Joined]:
        """Return the texts that come in two pieces or more, by the keys and by the loose ones."""
        parts: dict[int, list[list[_Run]]] = {}
        for key, runs in self._runs.items():
            parts.setdefault(self._loose[key], []).append(runs)
        groups = [runs for runs in self._runs.values() if len(runs) > 1 or len(runs[0][2]) > 1]
        groups += ([run for runs in several for run in runs] for several in parts.values() if len(several) > 1)
        return [Joined(runs, value_of) for runs in groups if _varies(runs)]


def _varies(runs: Sequence[_Run]) -> bool:
    """Say whether the pieces differ: an id or a model's name that every frame repeats is no delta."""
    first = runs[0][2][0]
    return any(values.count(first) != len(values) for _, _, values in runs)


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
