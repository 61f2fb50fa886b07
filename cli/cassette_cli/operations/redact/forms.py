"""Forms: frames that differ in their strings and numbers alone, as most of a stream do.

One frame of a form is parsed; of all others the strings are known by their place.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from json import loads
from typing import Any

from cassette_cli.streams.frames import Frame

_VALUE = re.compile(
    r'(?<=[:,\[\s])("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"(?=\s*+[,}\]])'
    r"|-?(?:0|[1-9]\d{0,14}+)(?:\.\d{1,30}+)?+(?:[eE][+-]?\d{1,2}+)?+(?=[,}\]\s]))"
)
_NAME = re.compile(r'"(\w+)"\s*:\s*\Z')

Row = Sequence[str]
"""The strings and numbers of a frame, as they are written."""


def forms(frames: Sequence[Frame], telling: frozenset[str]) -> Iterable[tuple[list[int], list[Row]]]:
    """Return the frames form by form: their numbers and rows.

    Frames of one form have the same values under the names that are `telling`.
    """
    found: dict[tuple[Any, ...], tuple[list[int], list[Row]]] = {}
    places: dict[tuple[str, ...], list[int]] = {}
    for number, frame in enumerate(frames):
        parts = _VALUE.split(frame.data)
        between, row = tuple(parts[::2]), parts[1::2]
        told = places.get(between)
        if told is None:
            names = [_NAME.search(part) for part in between[:-1]]
            told = places[between] = [at for at, name in enumerate(names) if name is not None and name[1] in telling]
        numbers, rows = found.setdefault((frame.event, between, *(row[at] for at in told)), ([], []))
        numbers.append(number)
        rows.append(row)
    return found.values()


def columns(value: Any, rows: Sequence[Row]) -> list[list[str]] | None:
    """Return the strings of a form, place by place; `value` is the JSON of its first frame.

    None where the first row is not what stands in that JSON: where names repeat or are escaped, or where
    it is no JSON. Where it is, all frames of the form are JSON alike, for nothing but whole strings and
    numbers differs.
    """
    scalars = list(_scalars(value))
    if len(scalars) != len(rows[0]) or not all(map(_is_written, scalars, rows[0])):
        return None
    return [
        _texts(column) for scalar, column in zip(scalars, zip(*rows, strict=True), strict=True) if isinstance(scalar, str)
    ]


def _scalars(value: Any) -> Iterator[Any]:
    """Yield the strings and numbers of JSON in the order of the text."""
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(one, dict | list):
            yield from _scalars(one)
        elif one is not None and not isinstance(one, bool):
            yield one


def _is_written(scalar: Any, text: str) -> bool:
    if isinstance(scalar, str):
        return text.startswith('"') and _text(text) == scalar
    return not text.startswith('"') and bool(loads(text) == scalar)


def _texts(column: Sequence[str]) -> list[str]:
    first = column[0]
    if column.count(first) == len(column):
        return [_text(first)] * len(column)
    return [_text(one) for one in column]


def _text(written: str) -> str:
    return loads(written) if "\\" in written else written[1:-1]
