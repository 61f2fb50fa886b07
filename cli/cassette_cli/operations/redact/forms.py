"""Forms: frames that differ in their strings and numbers alone, as most of a stream do.

One frame of a form is walked; of all others the strings are known by their place in the text.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from json import loads
from operator import itemgetter
from typing import Any

from cassette_cli.operations.redact.molds import Mold, Row
from cassette_cli.streams.frames import Frame

_STRING = re.compile(r'"((?>(?:[^"\\]++|\\.?)*))"?', re.DOTALL)
_SIGNS_ALONE = str.maketrans("", "", "0123456789 \t\r\n")

_Pick = Callable[[Sequence[str]], tuple[str, ...]]


class _Outline:
    """What frames with the same signs have in common: what picks their names, and the places of the other strings."""

    __slots__ = ("by_names", "names", "others", "places")

    def __init__(self, between: Sequence[str]) -> None:
        named = [_is_name(between, at) for at in range(len(between) - 1)]
        others = [at for at, is_name in enumerate(named) if not is_name]
        self.names = _picking([at for at, is_name in enumerate(named) if is_name])
        self.others = _picking(others)
        self.places = [2 * at + 1 for at in others]
        self.by_names: dict[tuple[str, ...], tuple[_Pick, _Pick, dict[Any, _Form]]] = {}


@dataclass(slots=True)
class _Form:
    """The numbers and the rows of the frames of one form, and the mold that most of them fit."""

    event: str | None
    mold: Mold
    numbers: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


class Forms:
    """The frames of one stream, form by form.

    Frames of one form have the same names, nested alike, and the same values under those of them that
    are `telling`.
    """

    def __init__(self, telling: frozenset[str]) -> None:
        self._telling = telling
        self._by_signs: dict[str, _Outline] = {}
        self._last: _Form | None = None

    def add(self, number: int, frame: Frame) -> None:
        """Take in one frame."""
        form, row = self._last, None
        if form is not None and form.event == frame.event:
            row = form.mold.row(frame.data)
        if form is None or row is None:
            form, row = self._taken_apart(frame)
            self._last = form
        form.numbers.append(number)
        form.rows.append(row)

    def _taken_apart(self, frame: Frame) -> tuple[_Form, Row]:
        # Strings stand at the odd places, what is between them at the even ones.
        data = frame.data
        parts = data.split('"') if "\\" not in data else _STRING.split(data)
        between, strings = parts[::2], parts[1::2]
        signs = '"'.join(between).translate(_SIGNS_ALONE)
        outline = self._by_signs.get(signs)
        if outline is None:
            outline = self._by_signs[signs] = _Outline(between)
        names = outline.names(strings)
        told = outline.by_names.get(names)
        if told is None:
            told = outline.by_names[names] = (*_told(between, strings, self._telling), {})
        quoted, bare, forms = told
        key = (frame.event, quoted(strings), bare(between))
        form = forms.get(key)
        if form is None:
            form = forms[key] = _Form(frame.event, Mold(parts, outline.places))
        else:
            form.mold.widen(parts)
        return form, outline.others(strings)

    def all(self) -> Iterable[tuple[list[int], list[Row]]]:
        """Return the numbers and the rows of the frames of each form."""
        for outline in self._by_signs.values():
            for _, _, forms in outline.by_names.values():
                for form in forms.values():
                    yield form.numbers, form.rows


def _is_name(between: Sequence[str], at: int) -> bool:
    return between[at + 1].lstrip()[:1] == ":"


def _told(between: Sequence[str], strings: Sequence[str], telling: frozenset[str]) -> tuple[_Pick, _Pick]:
    """Return what picks the values of the telling names: those that are strings, and those that are not."""
    places = [at for at, name in enumerate(strings) if name in telling and _is_name(between, at)]
    quoted = [at + 1 for at in places if between[at + 1].strip() == ":" and at + 1 < len(strings)]
    return _picking(quoted), _picking([at + 1 for at in places])


def _picking(places: Sequence[int]) -> _Pick:
    """Return what picks the parts at some places: a tuple of them, of however many."""
    return itemgetter(*places) if len(places) > 1 else lambda parts: tuple([parts[at] for at in places])


def texts_of(rows: Sequence[Row], first: Sequence[str]) -> list[list[str]] | None:
    """Return the strings of a form, place by place; `first` are those of its first frame, as JSON has them.

    None where the first row is not that, as where a name stands twice in an object, or one of them is no JSON.
    """
    try:
        if list(map(_text, rows[0])) != first:
            return None
        return [_texts(column) for column in zip(*rows, strict=True)]
    except ValueError:
        return None


def _texts(column: Sequence[str]) -> list[str]:
    first = column[0]
    if column.count(first) == len(column):
        return [_text(first)] * len(column)
    return [_text(one) for one in column]


def _text(written: str) -> str:
    return loads(f'"{written}"', strict=False) if "\\" in written else written
