"""The rebuilt answer of a model, changed: new words go into the very strings that the old ones came from.

What is written is rebuilt by the decoder again, and must be what was asked for and nothing else.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cassette_cli.errors import EditError
from cassette_cli.operations.edit.draft import NothingThereError
from cassette_cli.operations.edit.sharing import shared_out
from cassette_cli.operations.edit.tracing import IDS, TELLING, Flat, Traces
from cassette_cli.operations.edit.units import (
    Path,
    Place,
    Unit,
    changed,
    collections,
    frame_of,
    nulls,
    parts_of,
    units_of,
    whole_unit,
)
from cassette_cli.operations.reading import Reading
from cassette_cli.providers.reassemble import reassemble
from cassette_cli.providers.values import as_text
from cassette_cli.source.edits import Number, Part
from cassette_cli.streams import editing
from cassette_cli.streams.frames import Framed

if TYPE_CHECKING:
    from cassette_cli.providers.base import StreamProtocol

__all__ = ["Answer", "Path"]

_WORDS = frozenset(("text", "reasoning", "refusal"))
_OURS = ("notes", "errors", "complete")
_DEEPEST = 60
_ONE_BY_ONE = 60


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
        framed = reading.framed
        self._units = (
            [whole_unit(str(self._payload))] if framed is None else [*units_of(framed, plain=protocol.plain_text)]
        )
        found = reading.message
        if found is None or not found.choices:
            raise NothingThereError("there is no answer to change", hint="edit the body itself, without --message")
        self.message: dict[str, Any] = found.as_json()

    @cached_property
    def _flat(self) -> Flat:
        return _flattened(self.message)

    @cached_property
    def _traces(self) -> Traces:
        return Traces(self._units, self._flat, self._decoded)

    def _decoded(self, units: Sequence[Unit]) -> Flat | None:
        """Return the answer that other frames rebuild to, None where the decoder chokes on them."""
        try:
            if self._framed is None:
                message = self.protocol.message(units[0].value)
                if message.model is None:
                    message.model = self.protocol.decoder(self._reading.exchange).finish().model
            else:
                frames = [frame_of(unit) for unit in units]
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
            changes: dict[Place, Any] = {}
            reaches: set[Path] = set()
            values = dict(wanted)
            for path, value in fresh.items():
                found, reached, values[path] = self._changed(path, value, echoes=echoes)
                changes.update(found)
                reaches |= reached
            after = self._decoded(changed(self._units, changes))
            if self._holds(after, values, reaches):
                return self._written(changes)
        raise self._cannot(next(iter(fresh)))

    def _holds(self, after: Flat | None, values: dict[Path, Any], reaches: set[Path]) -> bool:
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

    def _changed(self, path: Path, new: Any, *, echoes: bool) -> tuple[dict[Place, Any], set[Path], Any]:
        """Return what a leaf's new value makes of the frames' strings, what else of the answer it reaches, and itself.

        With `echoes`, what says the same in other frames is changed too.
        """
        old = self.at(path)
        places = self._objects(old, new) if path[-1] == "arguments" else []
        objects = self._tried(path, [places, *([one] for one in reversed(places))], _parsed(new))
        if objects is not None:
            return objects
        found = self._traces.field(path)
        if found.carriers:
            changes: dict[Place, Any] = {}
            for spans in [found.carriers, *(self._traces.echoes(found, path) if echoes else ())]:
                if isinstance(old, str):
                    changes.update(shared_out(spans, old, new))
                else:
                    changes.update({span.leaf.place: new for span in spans})
            return changes, found.reaches, new
        single = self._tried(path, [[one] for one in self._singles(path, old)], new)
        if single is not None:
            return single
        if not old:
            raise EditError(f"the answer has no {_said(path)}, and no place for it", hint="edit the body itself")
        raise self._cannot(path)

    def _tried(
        self, path: Path, attempts: Iterable[Sequence[Place]], value: Any
    ) -> tuple[dict[Place, Any], set[Path], Any] | None:
        """Return the first places that give a leaf its new value and nothing else one; None where none do."""
        wanted = as_text(value) if isinstance(value, dict | list) else value
        for places in attempts:
            made = dict.fromkeys(places, value)
            after = self._decoded(changed(self._units, made)) if made else None
            if self._holds(after, {path: wanted}, set()):
                return made, set(), wanted
        return None

    def _objects(self, old: Any, new: Any) -> list[Place]:
        """Return the objects of the frames that an argument's text was made of, where the new one is JSON too."""
        if not isinstance(_parsed(new), dict | list) or not isinstance(_parsed(old), dict | list):
            return []
        return [
            (n, path)
            for n, unit in enumerate(self._units)
            for path, one in collections(unit.value, ())
            if as_text(one) == old
        ]

    def _singles(self, path: Path, old: Any) -> list[Place]:
        """Return the strings that are the old value, for what a decoder reads and does not only pass on.

        Where there are no words yet, these are the nulls in whose place they may stand.
        """
        if path[-1] == "finish_reason" and isinstance(old, str):
            return [leaf.place for leaf in reversed(self._traces.leaves) if leaf.value == old]
        if path[-1] in _WORDS and not old:
            vacant = [(n, at) for n, unit in enumerate(self._units) for at in nulls(unit.value, ())]
            return [place for place in vacant if place[1][-1] not in TELLING | IDS][:_ONE_BY_ONE]
        return []

    def _written(self, changes: dict[Place, Any]) -> list[Part] | bytes:
        """Return what the changes come to in the body."""
        parts = parts_of(self._units, changes)
        if self._framed is None:
            return parts.get(0, [])
        wanted = editing.Changes(parts)
        made = editing.edited(self._payload, self._framed, wanted)  # which proves them, too
        return made if isinstance(made, bytes) else editing.text_parts(str(self._payload), self._framed, wanted)


def _is_same(old: Any, new: Any) -> bool:
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)


def _parsed(text: Any) -> Any:
    """Return a text as JSON, itself where it is none."""
    try:
        return json.loads(text, parse_float=Number) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return text


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


def _said(path: Path) -> str:
    """Return a leaf of the answer as the command line names it."""
    names = {"finish_reason": "finish", "tool_calls": "tool"}
    out = ""
    for step in path[2:] if path[:1] == ("choices",) else path:
        out += f"[{step}]" if isinstance(step, int) else ("." if out else "") + names.get(step, step)
    return out
