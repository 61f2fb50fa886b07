"""The rebuilt answer of a model, changed: new words go into the very strings that the old ones came from.

No protocol is asked where its words stand. Strings of the frames are replaced by marks, the decoder runs,
and where a mark comes out is a word that came from there; what the marks stand for must make up the old
answer, or else the decoder does more with a string than pass it on. What is written is rebuilt by the
decoder again, and must be what was asked for and nothing else.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from cassette_cli.errors import EditError
from cassette_cli.model import structure
from cassette_cli.model.storage import difference
from cassette_cli.operations.edit.draft import NothingThereError
from cassette_cli.operations.edit.payloads import json_parts
from cassette_cli.operations.reading import Reading
from cassette_cli.providers.reassemble import reassemble
from cassette_cli.providers.values import as_text
from cassette_cli.source.adding import Number
from cassette_cli.source.document import Document
from cassette_cli.source.edits import Edit, Part, Put, Replace, spliced
from cassette_cli.source.nodes import Node
from cassette_cli.streams import editing
from cassette_cli.streams.frames import NOT_JSON, Frame, Framed

if TYPE_CHECKING:
    from cassette_cli.providers.base import StreamProtocol

Path = tuple[str | int, ...]

_TELLING = frozenset(("type", "event_type", "object", "kind", "role", "event"))
_IDS = frozenset(("id", "item_id", "call_id", "tool_call_id", "toolCallId", "message_id", "messageId"))
_COUNTS = frozenset(("index", "output_index", "content_index", "summary_index", "contentBlockIndex"))
_WORDS = frozenset(("text", "reasoning", "refusal"))
_OURS = ("notes", "errors", "complete")
_DEEPEST = 60
_SURE = 4
"""From how many characters on it is no chance that another string of the stream says the same."""
_MARKS = tuple((chr(base), chr(base + 1), base + 2) for base in (0xE000, 0xE800, 0xF0000, 0x10F000))
_NUMBERS = 710_000_000_000
_ONE_BY_ONE = 60
_MOST_COMPARED = 3_000_000


class Leaf(NamedTuple):
    """A string or a number in a frame: the frame's number, the path in its JSON, and the value."""

    unit: int
    path: Path
    value: Any


class Span(NamedTuple):
    """A leaf whose value stands at a place of the text that is rebuilt."""

    leaf: Leaf
    at: int


@dataclass(slots=True)
class _Unit:
    """A frame, or a whole answer: its JSON, what that is written as, and what holds it in base64.

    A `bare` text is no JSON, but the words themselves.
    """

    text: str
    value: Any
    frame: Frame | None = None
    inner: editing.Inner | None = None
    bare: bool = False


@dataclass(slots=True)
class _Field:
    """One leaf of the rebuilt answer: the old value, the spans it is made of, by each telling of it."""

    old: Any
    carriers: list[Span] = field(default_factory=list)
    reaches: set[Path] = field(default_factory=set)


class Answer:
    """The answer that a body rebuilds to, and the way back into the body.

    Raises `EditError` where the body is no model's answer.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        protocol = reading.protocol
        if protocol is None:
            what = (
                "the stream is of no known protocol" if reading.framed is not None else "the body is no model's answer"
            )
            raise NothingThereError(what, hint="edit the body itself, without --message")
        self.protocol: StreamProtocol = protocol
        response = reading.interaction.response
        assert response is not None
        self._payload = response.body.payload
        self._framed: Framed | None = reading.framed
        self._units = list(self._read())
        found = reading.message
        if found is None or not found.choices:
            raise NothingThereError("there is no answer to change", hint="edit the body itself, without --message")
        self.message: dict[str, Any] = found.as_json()

    def _read(self) -> Iterator[_Unit]:
        if self._framed is None:
            text = self._payload if isinstance(self._payload, str) else ""
            yield _Unit(text, json.loads(text.removeprefix("\ufeff")))
            return
        plain = self.protocol.plain_text
        for frame in self._framed.frames:
            inner = editing.inner(frame)
            text = frame.data if inner is None else inner.text
            value = frame.json if inner is None else Frame(None, text, (0, 0)).json
            bare = plain or value is NOT_JSON
            yield _Unit(text, text if bare else value, frame, inner, bare)

    @cached_property
    def _flat(self) -> dict[Path, Any]:
        return _flattened(self.message)

    @cached_property
    def _leaves(self) -> list[Leaf]:
        return [Leaf(n, path, value) for n, unit in enumerate(self._units) for path, value in _leaves(unit.value, ())]

    @cached_property
    def _mark(self) -> tuple[str, str, int]:
        text = self._payload if isinstance(self._payload, str) else self._payload.decode("utf-8", "replace")
        return next(mark for mark in _MARKS if mark[0] not in text and mark[1] not in text)

    def _decoded(self, units: Sequence[_Unit]) -> dict[Path, Any] | None:
        """Return the answer that other frames rebuild to, None where the decoder chokes on them."""
        try:
            if self._framed is None:
                message = self.protocol.message(units[0].value)
                if message.model is None:
                    message.model = self.protocol.decoder(self._reading.exchange).finish().model
            else:
                frames = [_frame(unit) for unit in units]
                framed = Framed(self._framed.framing, frames, self._framed.whole)
                message = reassemble(self._reading.exchange, framed, self.protocol)
        except (ValueError, TypeError, AttributeError, KeyError, IndexError):
            return None
        return _flattened(message.as_json())

    def at(self, path: Path) -> Any:
        """Return a leaf of the answer; raises `EditError` where it has no such part."""
        if path not in self._flat:
            raise EditError(f"the answer has no {_said(path)}")
        return self._flat[path]

    def change(self, wanted: dict[Path, Any]) -> list[Part] | bytes:
        """Return what makes these leaves of the answer say something else: parts of the body, or a new binary body.

        Raises `EditError` where the protocol does not say in which strings a leaf stands.
        """
        fresh = {path: value for path, value in wanted.items() if not _is_same(self.at(path), value)}
        for echoes in (True, False):
            changes: dict[tuple[int, Path], Any] = {}
            reaches: set[Path] = set()
            values = dict(wanted)
            for path, value in fresh.items():
                found, reached, values[path] = self._changed(path, value, echoes=echoes)
                changes.update(found)
                reaches |= reached
            after = self._decoded(self._with(changes))
            if self._holds(after, values, reaches):
                return self._written(changes)
        raise self._cannot(next(iter(fresh)))

    def _holds(self, after: dict[Path, Any] | None, values: dict[Path, Any], reaches: set[Path]) -> bool:
        """Say whether an answer is the old one but for these values, and what is bound to change with them."""
        return after is not None and all(
            after.get(path) == values.get(path, old)
            for path, old in self._flat.items()
            if path in values or not (path in reaches or path[2:3] == ("parts",))  # which repeat what stands above
        )

    def _cannot(self, path: Path) -> EditError:
        if path[-1] == "finish_reason":
            return EditError(
                f"{self.protocol.name} has no such finish reason, or sends none of its own",
                hint="one of those that the provider sends, such as those in your other recordings",
            )
        return EditError(
            f"{self.protocol.name} does not tell where its {_said(path)} stands, so that it cannot be written back",
            hint="edit the body itself, without --message",
        )

    def _changed(self, path: Path, new: Any, *, echoes: bool) -> tuple[dict[tuple[int, Path], Any], set[Path], Any]:
        """Return what a leaf's new value makes of the frames' strings, what else of the answer it reaches, and itself.

        With `echoes`, what says the same in other frames is changed too.
        """
        old = self.at(path)
        places = self._objects(old, new) if path[-1] == "arguments" else []
        objects = self._tried(path, [places, *([one] for one in reversed(places))], _parsed(new))
        if objects is not None:
            return objects
        found = self._field(path)
        if found.carriers:
            changes: dict[tuple[int, Path], Any] = {}
            for spans in [found.carriers, *(self._echoes(found, path) if echoes else ())]:
                if isinstance(old, str):
                    changes.update(_shared_out(spans, old, new))
                else:
                    changes.update({(span.leaf.unit, span.leaf.path): new for span in spans})
            return changes, found.reaches, new
        single = self._tried(path, [[one] for one in self._singles(path, old)], new)
        if single is not None:
            return single
        if not old:
            raise EditError(f"the answer has no {_said(path)}, and no place for it", hint="edit the body itself")
        raise self._cannot(path)

    def _tried(
        self, path: Path, attempts: Iterable[Sequence[tuple[int, Path]]], value: Any
    ) -> tuple[dict[tuple[int, Path], Any], set[Path], Any] | None:
        """Return the first places that give a leaf its new value and nothing else one; None where none do."""
        wanted = as_text(value) if isinstance(value, dict | list) else value
        for places in attempts:
            made = dict.fromkeys(places, value)
            after = self._decoded(self._with(made)) if made else None
            if self._holds(after, {path: wanted}, set()):
                return made, set(), wanted
        return None

    def _objects(self, old: Any, new: Any) -> list[tuple[int, Path]]:
        """Return the objects of the frames that an argument's text was made of, where the new one is JSON too."""
        if not isinstance(_parsed(new), dict | list) or not isinstance(_parsed(old), dict | list):
            return []
        return [
            (n, path)
            for n, unit in enumerate(self._units)
            for path, one in _collections(unit.value, ())
            if as_text(one) == old
        ]

    def _singles(self, path: Path, old: Any) -> list[tuple[int, Path]]:
        """Return the strings that are the old value, for what a decoder reads and does not only pass on.

        Where there are no words yet, these are the nulls in whose place they may stand.
        """
        if path[-1] == "finish_reason" and isinstance(old, str):
            return [(leaf.unit, leaf.path) for leaf in reversed(self._leaves) if leaf.value == old]
        if path[-1] in _WORDS and not old:
            nulls = [(n, at) for n, unit in enumerate(self._units) for at in _nulls(unit.value, ())]
            return [place for place in nulls if place[1][-1] not in _TELLING | _IDS][:_ONE_BY_ONE]
        return []

    def _field(self, path: Path) -> _Field:
        """Return what a leaf of the answer is made of."""
        old = self._flat[path]
        found = _Field(old)
        if old is None or isinstance(old, bool):
            return found
        for empties in (False, True):
            groups = self._groups(old, empties=empties)
            for group in groups:
                self._trace(found, path, group)
            if found.carriers:
                found.carriers.sort(key=lambda span: (span.at, span.leaf.unit))
                return found
        return found

    def _groups(self, old: Any, *, empties: bool) -> list[list[Leaf]]:
        """Return the leaves that may be a part of the value, those of one kind together."""
        groups: dict[Any, list[Leaf]] = {}
        hopeful: set[Any] = set()
        for leaf in self._leaves:
            if isinstance(leaf.value, str) is not isinstance(old, str):
                continue
            key = (self._kinds[leaf.unit], tuple("*" if isinstance(step, int) else step for step in leaf.path))
            if leaf.value == "" and not empties:
                continue
            groups.setdefault(key, []).append(leaf)
            if (leaf.value in old if isinstance(old, str) else leaf.value == old) and (empties or leaf.value != ""):
                hopeful.add(key)
        return [group for key, group in groups.items() if key in hopeful]

    @cached_property
    def _kinds(self) -> list[Any]:
        """What kind of frame each is: its event and the types that it states."""
        return [
            (
                None if unit.frame is None else unit.frame.event,
                tuple((path, v) for path, v in _leaves(unit.value, ()) if path and path[-1] in _TELLING),
            )
            for unit in self._units
        ]

    def _trace(self, found: _Field, path: Path, group: Sequence[Leaf]) -> None:
        """Add to a field what a group of leaves gives it; leaf by leaf, where the group as one confuses the decoder."""
        after = self._marked(group)
        if after is None:
            if 1 < len(group) <= _ONE_BY_ONE:
                for leaf in group:
                    self._trace(found, path, [leaf])
            return
        spans = self._spans(after.get(path), found.old, group)
        if spans:
            known = {(span.leaf.unit, span.leaf.path) for span in found.carriers}
            found.carriers += [span for span in spans if (span.leaf.unit, span.leaf.path) not in known]
            own = {(span.leaf.unit, span.leaf.path) for span in spans}
            for other, value in after.items():
                leaves = self._spans(value, self._flat[other], group)
                if any((span.leaf.unit, span.leaf.path) in own for span in leaves):
                    found.reaches.add(other)

    def _marked(self, group: Sequence[Leaf]) -> dict[Path, Any] | None:
        """Return the answer with marks in place of leaves; None where it is not the old one but for the marks."""
        if isinstance(group[0].value, str):
            changes: dict[tuple[int, Path], Any] = {
                (leaf.unit, leaf.path): self._sign(number) for number, leaf in enumerate(group)
            }
        else:
            changes = {(leaf.unit, leaf.path): _NUMBERS + number for number, leaf in enumerate(group)}
        after = self._decoded(self._with(changes))
        if after is None or after.keys() != self._flat.keys():
            return None
        same = all(self._unmarked(value, group) == self._flat[path] for path, value in after.items())
        return after if same else None

    def _sign(self, number: int) -> str:
        opening, closing, zero = self._mark
        return opening + "".join(chr(zero + int(digit)) for digit in str(number)) + closing

    @cached_property
    def _signs(self) -> re.Pattern[str]:
        opening, closing, zero = self._mark
        return re.compile(f"{opening}([{chr(zero)}-{chr(zero + 9)}]+){closing}")

    def _number(self, match: re.Match[str]) -> int:
        return int("".join(str(ord(char) - self._mark[2]) for char in match[1]))

    def _unmarked(self, value: Any, group: Sequence[Leaf]) -> Any:
        if isinstance(value, str):
            return self._signs.sub(lambda match: str(group[self._number(match)].value), value)
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= _NUMBERS:
            number = int(value) - _NUMBERS
            return group[number].value if number < len(group) else None
        return value

    def _spans(self, marked: Any, old: Any, group: Sequence[Leaf]) -> list[Span]:
        """Return which leaves stand where in an old value, by the marks in their place."""
        if not isinstance(old, str):
            number = int(marked) - _NUMBERS if isinstance(marked, int | float) and marked >= _NUMBERS else -1
            return [Span(group[number], 0)] if 0 <= number < len(group) else []
        spans: list[Span] = []
        at = last = 0
        for match in self._signs.finditer(marked if isinstance(marked, str) else ""):
            at += match.start() - last
            leaf = group[self._number(match)]
            spans.append(Span(leaf, at))
            at += len(leaf.value)
            last = match.end()
        return spans

    def _echoes(self, found: _Field, path: Path) -> list[list[Span]]:
        """Return the other strings that say the same, whole or in pieces, and that the decoder did not look at."""
        old = found.old
        known = {(span.leaf.unit, span.leaf.path) for span in found.carriers}
        ids = {one for span in found.carriers for one in self._ids(span.leaf)}
        own = {tuple(step for step in span.leaf.path if isinstance(step, str))[-1:] for span in found.carriers}
        rivals = any(v == old and p not in found.reaches and p != path for p, v in self._flat.items())
        if not isinstance(old, str):
            units = {span.leaf.unit for span in found.carriers}
            return [
                [Span(leaf, 0)]
                for leaf in self._leaves
                if leaf.unit in units and leaf.value == old and leaf.path[-1:] == found.carriers[0].leaf.path[-1:]
                and (leaf.unit, leaf.path) not in known
            ]  # fmt: skip
        series: dict[Any, list[Span]] = {}
        for leaf in self._leaves:
            if not isinstance(leaf.value, str) or (leaf.unit, leaf.path) in known:
                continue
            if leaf.path and leaf.path[-1] in _TELLING | _IDS:
                continue
            theirs = self._ids(leaf)
            if rivals and not (ids & theirs and self._is_beside(leaf, found.carriers)):
                continue
            key = (self._kinds[leaf.unit], leaf.path, frozenset(theirs), self._places(leaf.unit))
            spans = series.setdefault(key, [])
            spans.append(Span(leaf, spans[-1].at + len(spans[-1].leaf.value) if spans else 0))
        tellings: list[list[Span]] = []
        for spans in series.values():
            alike = tuple(step for step in spans[0].leaf.path if isinstance(step, str))[-1:] in own
            if len(old) < _SURE and not alike:
                continue
            if "".join(span.leaf.value for span in spans) == old:
                tellings.append(spans)
            else:
                tellings += [[Span(span.leaf, 0)] for span in spans if span.leaf.value == old]
        return tellings

    def _ids(self, leaf: Leaf) -> set[str]:
        """Return the ids beside a leaf, or, where there are none, those next above it."""
        node: Any = self._units[leaf.unit].value
        found: set[str] = set()
        for step in (*leaf.path, ""):
            if isinstance(node, dict):
                found = {str(node[name]) for name in _IDS & node.keys()} or found
            node = node.get(step) if isinstance(node, dict) else _at(node, step)
        return found

    def _places(self, unit: int) -> tuple[Any, ...]:
        value = self._units[unit].value
        return tuple((path, v) for path, v in _leaves(value, ()) if path and path[-1] in _COUNTS)

    def _is_beside(self, leaf: Leaf, carriers: Sequence[Span]) -> bool:
        """Say whether a leaf has the indices of the carriers, as far as both state them in the same places."""
        stated: dict[Any, set[Any]] = {}
        for span in carriers:
            for path, value in self._places(span.leaf.unit):
                stated.setdefault(path, set()).add(value)
        return all(value in stated.get(path, {value}) for path, value in self._places(leaf.unit))

    def _with(self, changes: dict[tuple[int, Path], Any]) -> list[_Unit]:
        """Return the frames with other values at these places."""
        by_unit: dict[int, list[tuple[Path, Any]]] = {}
        for (number, path), value in changes.items():
            by_unit.setdefault(number, []).append((path, value))
        units = list(self._units)
        for number, own in by_unit.items():
            unit = units[number]
            value = deepcopy(unit.value)
            for path, new in own:
                value = _put(value, path, new)
            units[number] = replace(unit, value=value)
        return units

    def _written(self, changes: dict[tuple[int, Path], Any]) -> list[Part] | bytes:
        """Return what the changes come to in the body."""
        by_unit: dict[int, dict[Path, Any]] = {}
        for (number, path), value in changes.items():
            by_unit.setdefault(number, {})[path] = value
        parts: dict[int, list[Part]] = {}
        for number, own in by_unit.items():
            unit = self._units[number]
            made = _unit_parts(unit, own)
            if made:
                parts[number] = unit.inner.parts(made) if unit.inner is not None else made
        if self._framed is None:
            return parts.get(0, [])
        changed = editing.Changes(parts)
        if isinstance(self._payload, bytes):
            made_bytes = editing.edited(self._payload, self._framed, changed)
            assert isinstance(made_bytes, bytes)
            return made_bytes
        editing.edited(self._payload, self._framed, changed)  # the proof
        return editing.text_parts(self._payload, self._framed, changed)


def _is_same(old: Any, new: Any) -> bool:
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)


def _parsed(text: Any) -> Any:
    """Return a text as JSON, itself where it is none."""
    try:
        return json.loads(text, parse_float=Number) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return text


def _unit_parts(unit: _Unit, values: dict[Path, Any]) -> list[Part]:
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


def _frame(unit: _Unit) -> Frame:
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


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield the strings and numbers of a JSON value, each with its path."""
    if len(path) > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, (*path, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _leaves(one, (*path, index))
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield path, value


def _nulls(value: Any, path: Path) -> Iterator[Path]:
    """Yield the paths of the nulls in a JSON value."""
    if isinstance(value, dict | list) and len(path) <= _DEEPEST:
        pairs: Any = value.items() if isinstance(value, dict) else enumerate(value)
        for step, one in pairs:
            yield from [(*path, step)] if one is None else _nulls(one, (*path, step))


def _collections(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict | list) and len(path) <= _DEEPEST:
        yield path, value
        pairs: Any = value.items() if isinstance(value, dict) else enumerate(value)
        for step, one in pairs:
            yield from _collections(one, (*path, step))


def _flattened(message: dict[str, Any]) -> dict[Path, Any]:
    """Return the leaves of an answer by their paths, but for what is our own word on it."""
    found: dict[Path, Any] = {}

    def collect(value: Any, path: Path) -> None:
        if isinstance(value, dict) and value and len(path) <= _DEEPEST:
            for key, one in value.items():
                collect(one, (*path, key))
        elif isinstance(value, list) and value and len(path) <= _DEEPEST:
            for index, one in enumerate(value):
                collect(one, (*path, index))
        else:
            found[path] = value

    collect({key: value for key, value in message.items() if key not in _OURS}, ())
    return found


def _at(value: Any, step: str | int) -> Any:
    return value[step] if isinstance(value, list) and isinstance(step, int) else None


def _put(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    return value


def _shared_out(spans: Sequence[Span], old: str, new: str) -> dict[tuple[int, Path], Any]:
    """Return the new values of the leaves that a text is made of: those that it does not touch keep theirs.

    Raises `EditError` where a change falls between two leaves, in what the decoder itself put there.
    """
    values = {(span.leaf.unit, span.leaf.path): span.leaf.value for span in spans}
    for start, end, words in reversed(_word_changes(old, new)):
        touched = [span for span in spans if span.at < end and start < span.at + len(span.leaf.value)] or _nearest(
            spans, start
        )
        covered = sum(min(end, s.at + len(s.leaf.value)) - max(start, s.at) for s in touched)
        if (start < end and covered != end - start) or not touched:
            raise EditError(
                "the change falls between two pieces of the answer", hint="change their words by themselves"
            )
        for span, share in zip(touched, _shares(words, touched, (start, end)), strict=True):
            place = (span.leaf.unit, span.leaf.path)
            left, right = max(start - span.at, 0), min(end - span.at, len(span.leaf.value))
            values[place] = spliced(values[place], [(left, max(left, right), share)])
    return values


def _nearest(spans: Sequence[Span], at: int) -> list[Span]:
    """Return the leaf that takes what is put in at a place: the one that ends there, else the one that begins."""
    ending = [span for span in spans if span.at + len(span.leaf.value) == at and span.leaf.value]
    beginning = [span for span in spans if span.at == at]
    return ending[-1:] or beginning[-1:]


def _shares(words: str, touched: Sequence[Span], part: tuple[int, int]) -> list[str]:
    """Share new words out over the leaves whose old ones they replace, as far as those go."""
    if len(touched) == 1:
        return [words]
    pieces = re.findall(r"\s*\S+\s*?(?=\s|\Z)|\s+", words)
    total = max(part[1] - part[0], 1)
    shares, at, done = [], 0, 0
    for span in touched:
        done += min(part[1], span.at + len(span.leaf.value)) - max(part[0], span.at)
        upto = len(pieces) if span is touched[-1] else round(len(pieces) * done / total)
        shares.append("".join(pieces[at:upto]))
        at = max(at, upto)
    return shares


def _word_changes(old: str, new: str) -> list[Part]:
    """Return the parts of a text that make it another, word by word."""
    part = difference(old, new)
    if part is None:
        return []
    before, after = (re.findall(r"\s*\S+|\s+\Z", text) for text in (old[part[0] : part[1]], part[2]))
    if len(before) * len(after) > _MOST_COMPARED or min(len(before), len(after)) < 2:
        return [part]
    places = [part[0]]
    for word in before:
        places.append(places[-1] + len(word))
    found = []
    for kind, i, i_end, j, j_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        inner = None if kind == "equal" else difference("".join(before[i:i_end]), "".join(after[j:j_end]))
        if inner is not None:
            found.append((places[i] + inner[0], places[i] + inner[1], inner[2]))
    return found


def _said(path: Path) -> str:
    """Return a leaf of the answer as the command line names it."""
    names = {"finish_reason": "finish", "tool_calls": "tool"}
    out = ""
    for step in path[2:] if path[:1] == ("choices",) else path:
        out += f"[{step}]" if isinstance(step, int) else ("." if out else "") + names.get(step, step)
    return out
