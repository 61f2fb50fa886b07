"""Where the strings of a rebuilt answer come from: found by putting marks in their place and decoding.

Where a mark comes out is a word that came from there. What the marks stand for must make up the old answer,
or else the decoder does more with a string than pass it on.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cassette_cli.operations.edit.sharing import Leaf, Span
from cassette_cli.operations.edit.units import Path, Place, Unit, changed, leaves

Flat = dict[Path, Any]
"""An answer by the paths of its leaves."""

TELLING = frozenset(("type", "event_type", "object", "kind", "role", "event"))
IDS = frozenset(("id", "item_id", "call_id", "tool_call_id", "toolCallId", "message_id", "messageId"))
_COUNTS = frozenset(("index", "output_index", "content_index", "summary_index", "contentBlockIndex"))
_SURE = 4
"""From how many characters on it is no chance that another string of the stream says the same."""
_MARKS = tuple((chr(base), chr(base + 1), base + 2) for base in (0xE000, 0xE800, 0xF0000, 0x10F000))
_NUMBERS = 710_000_000_000
_ONE_BY_ONE = 60


@dataclass(slots=True)
class Field:
    """One leaf of the rebuilt answer: the old value, the spans it is made of, and what else these reach."""

    old: Any
    carriers: list[Span] = field(default_factory=list)
    reaches: set[Path] = field(default_factory=set)


class Traces:
    """What the leaves of an answer, `flat`, are made of; `decode` rebuilds it from other units."""

    def __init__(self, units: Sequence[Unit], flat: Flat, decode: Callable[[Sequence[Unit]], Flat | None]) -> None:
        self._units = units
        self._flat = flat
        self._decode = decode

    @cached_property
    def leaves(self) -> list[Leaf]:
        """The strings and numbers of all units."""
        return [Leaf(n, path, value) for n, unit in enumerate(self._units) for path, value in leaves(unit.value, ())]

    @cached_property
    def _mark(self) -> tuple[str, str, int]:
        texts = [unit.text for unit in self._units]
        return next(mark for mark in _MARKS if not any(mark[0] in text or mark[1] in text for text in texts))

    def field(self, path: Path) -> Field:
        """Return what a leaf of the answer is made of."""
        old = self._flat[path]
        found = Field(old)
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
        for leaf in self.leaves:
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
                tuple((path, v) for path, v in leaves(unit.value, ()) if path and path[-1] in TELLING),
            )
            for unit in self._units
        ]

    def _trace(self, found: Field, path: Path, group: Sequence[Leaf]) -> None:
        """Add to a field what a group of leaves gives it; leaf by leaf, where the group as one confuses the decoder."""
        after = self._marked(group)
        if after is None:
            if 1 < len(group) <= _ONE_BY_ONE:
                for leaf in group:
                    self._trace(found, path, [leaf])
            return
        spans = self._spans(after.get(path), found.old, group)
        if spans:
            known = {span.leaf.place for span in found.carriers}
            found.carriers += [span for span in spans if span.leaf.place not in known]
            own = {span.leaf.place for span in spans}
            for other, value in after.items():
                leaves = self._spans(value, self._flat[other], group)
                if any(span.leaf.place in own for span in leaves):
                    found.reaches.add(other)

    def _marked(self, group: Sequence[Leaf]) -> dict[Path, Any] | None:
        """Return the answer with marks in place of leaves; None where it is not the old one but for the marks."""
        if isinstance(group[0].value, str):
            changes: dict[Place, Any] = {leaf.place: self._sign(number) for number, leaf in enumerate(group)}
        else:
            changes = {leaf.place: _NUMBERS + number for number, leaf in enumerate(group)}
        after = self._decode(changed(self._units, changes))
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

    def echoes(self, found: Field, path: Path) -> list[list[Span]]:
        """Return the other strings that say the same, whole or in pieces, and that the decoder did not look at."""
        old = found.old
        known = {span.leaf.place for span in found.carriers}
        ids = {one for span in found.carriers for one in self._ids(span.leaf)}
        own = {tuple(step for step in span.leaf.path if isinstance(step, str))[-1:] for span in found.carriers}
        rivals = any(v == old and p not in found.reaches and p != path for p, v in self._flat.items())
        if not isinstance(old, str):
            units = {span.leaf.unit for span in found.carriers}
            return [
                [Span(leaf, 0)]
                for leaf in self.leaves
                if leaf.unit in units and leaf.value == old and leaf.path[-1:] == found.carriers[0].leaf.path[-1:]
                and leaf.place not in known
            ]  # fmt: skip
        series: dict[Any, list[Span]] = {}
        for leaf in self.leaves:
            if not isinstance(leaf.value, str) or leaf.place in known:
                continue
            if leaf.path and leaf.path[-1] in TELLING | IDS:
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
                found = {str(node[name]) for name in IDS & node.keys()} or found
                node = node.get(step)
            elif isinstance(node, list) and isinstance(step, int):
                node = node[step]
        return found

    def _places(self, unit: int) -> tuple[Any, ...]:
        value = self._units[unit].value
        return tuple((path, v) for path, v in leaves(value, ()) if path and path[-1] in _COUNTS)

    def _is_beside(self, leaf: Leaf, carriers: Sequence[Span]) -> bool:
        """Say whether a leaf has the indices of the carriers, as far as both state them in the same places."""
        stated: dict[Any, set[Any]] = {}
        for span in carriers:
            for path, value in self._places(span.leaf.unit):
                stated.setdefault(path, set()).add(value)
        return all(value in stated.get(path, {value}) for path, value in self._places(leaf.unit))
