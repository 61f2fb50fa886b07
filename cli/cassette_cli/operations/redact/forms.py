"""Forms: frames that differ in their strings and numbers alone, as most of a stream do.

One frame of a form is walked; of all others the strings are known by their place in the text.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from json import loads
from operator import itemgetter
from typing import Any

from cassette_cli.streams.frames import Frame

_STRING = re.compile(r'"((?:[^"\\]++|\\.?)*+)"?', re.DOTALL)
_SIGNS_ALONE = str.maketrans("", "", "0123456789 \t\r\n")

Row = Sequence[str]
"""The strings of a frame that are no names, as they are written."""
_Pick = Callable[[Sequence[str]], tuple[str, ...]]


class _Form:
    """What picks the names out of the strings of a frame, what picks the others, and the frames told by the rest."""

    __slots__ = ("by_names", "names", "others")

    def __init__(self, between: Sequence[str]) -> None:
        self.names, self.others = _names(between)
        self.by_names: dict[tuple[str, ...], tuple[_Pick, _Pick, dict[Any, tuple[list[int], list[Row]]]]] = {}


class Forms:
    """The frames of one stream, form by form.

    Frames of one form have the same names, nested alike, and the same values under those of them that
    are `telling`.
    """

    def __init__(self, telling: frozenset[str]) -> None:
        self._telling = telling
        self._by_signs: dict[str, _Form] = {}

    def add(self, number: int, frame: Frame) -> None:
        """Take in one frame."""
        # Strings stand at the odd places, what is between them at the even ones.
        data = frame.data
        parts = data.split('"') if "\\" not in data else _STRING.split(data)
        between, strings = parts[::2], parts[1::2]
        signs = '"'.join(between).translate(_SIGNS_ALONE)
        form = self._by_signs.get(signs)
        if form is None:
            form = self._by_signs[signs] = _Form(between)
        names = form.names(strings)
        told = form.by_names.get(names)
        if told is None:
            told = form.by_names[names] = (*_told(between, strings, self._telling), {})
        quoted, bare, frames = told
        numbers, rows = frames.setdefault((frame.event, quoted(strings), bare(between)), ([], []))
        numbers.append(number)
        rows.append(form.others(strings))

    def all(self) -> Iterable[tuple[list[int], list[Row]]]:
        """Return the numbers and the rows of the frames of each form."""
        for form in self._by_signs.values():
            for _, _, frames in form.by_names.values():
                yield from frames.values()


def _is_name(between: Sequence[str], at: int) -> bool:
    return between[at + 1].lstrip()[:1] == ":"


def _names(between: Sequence[str]) -> tuple[_Pick, _Pick]:
    """Return what picks the names out of the strings, and what picks the others."""
    places = range(len(between) - 1)
    named = [_is_name(between, at) for at in places]
    return (
        _picking([at for at in places if named[at]]),
        _picking([at for at in places if not named[at]]),
    )


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

    None where the first row is not that, as where a name stands twice in an object, or it is no JSON.
    """
    if list(map(_text, rows[0])) != first:
        return None
    return [[text] for text in first] if len(rows) == 1 else [_texts(column) for column in zip(*rows, strict=True)]


def _texts(column: Sequence[str]) -> list[str]:
    first = column[0]
    if column.count(first) == len(column):
        return [_text(first)] * len(column)
    return [_text(one) for one in column]


def _text(written: str) -> str:
    return loads(f'"{written}"', strict=False) if "\\" in written else written
